"""From raw bytes to a message on a ticket: store, parse, thread, file; quarantine for what cannot be read."""
