"""The chain of the tables of the chat plugin."""
