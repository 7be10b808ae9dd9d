"""One ticket: its conversation, what can be done to it, and what is written on it."""
