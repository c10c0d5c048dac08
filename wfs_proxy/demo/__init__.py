"""Recorded vendors and a Signalen, for the demo, for tests and for whoever works without the vendor's network."""
