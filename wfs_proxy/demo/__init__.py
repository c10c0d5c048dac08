"""Recorded vendors, served again: for the demo, for tests and for whoever works without the vendor's network."""
