"""The chain of the tables of the front desk plugin."""
