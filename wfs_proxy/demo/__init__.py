"""Recorded vendors and a demo Signalen, for the demo and for work without access to real vendors."""
