"""The contract of channels: the types of what comes in and goes out, and their JSON."""
