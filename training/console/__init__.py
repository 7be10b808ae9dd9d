"""Runs in the real console: the customer of a scenario writes practice tickets, and each reply is a turn."""
