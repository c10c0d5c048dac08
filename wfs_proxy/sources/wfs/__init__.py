"""A Web Feature Service as a source."""
