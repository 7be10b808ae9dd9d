"""Passwords and sealed secrets."""
