"""Secrets and outgoing connections."""
