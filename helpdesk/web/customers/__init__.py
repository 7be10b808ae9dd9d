"""The customer: the card beside every conversation, and a page of their own."""
