"""People who wait to be served at once: who is there to serve them, one line over all channels, and an estimate."""
