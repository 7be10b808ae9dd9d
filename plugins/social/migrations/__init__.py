"""The chain of the tables of the social plugin."""
