"""The point that stands for a geometry."""
