"""The chain of the tables of the webhook plugin."""
