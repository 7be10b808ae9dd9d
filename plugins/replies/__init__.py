"""Saved replies and macros: texts with places that are filled from the ticket, and steps taken together."""
