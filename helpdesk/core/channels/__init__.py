"""What every channel speaks: the types of what comes in and goes out, and their JSON."""
