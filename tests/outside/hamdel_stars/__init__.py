"""Customers rate how they were helped with one to five stars."""
