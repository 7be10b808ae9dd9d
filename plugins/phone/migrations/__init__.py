"""The chain of the tables of the telephone plugin."""
