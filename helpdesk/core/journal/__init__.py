"""The journal of what happened, and the unit of work that writes it."""
