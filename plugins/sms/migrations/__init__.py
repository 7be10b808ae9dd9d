"""The chain of the tables of the SMS plugin."""
