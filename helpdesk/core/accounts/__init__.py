"""Accounts: one address of ours on one channel."""
