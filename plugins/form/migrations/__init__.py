"""The chain of the tables of the form plugin."""
