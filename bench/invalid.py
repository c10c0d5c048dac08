"""The error of a measurement that cannot be trusted."""

__all__ = ["InvalidMeasurement"]


class InvalidMeasurement(Exception):
    """A measurement did not measure what it should; the message gives the reason."""
