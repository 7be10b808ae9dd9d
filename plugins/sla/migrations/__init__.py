"""The chain of the tables of service levels."""
