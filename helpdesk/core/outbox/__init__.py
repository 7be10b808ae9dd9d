"""What the desk says: replies, first messages, deliveries and what became of them."""
