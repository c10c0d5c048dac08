"""When a figure would not be what it says."""

__all__ = ["InvalidMeasurement"]


class InvalidMeasurement(Exception):
    """What was measured is not what was to be measured; says what was amiss."""
