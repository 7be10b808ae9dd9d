"""What keeps a desk safe: backup and restore."""
