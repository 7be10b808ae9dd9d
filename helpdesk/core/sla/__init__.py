"""Clocks of tickets: by when a customer is to hear from us, how much time was used, and what ran out."""
