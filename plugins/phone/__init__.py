"""The telephone plugin: calls that come in, call-backs the desk promises, and the screen from which people call."""
