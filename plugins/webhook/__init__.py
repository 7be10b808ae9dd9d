"""The webhook plugin: what happens at the desk is told to other systems, and their JSON comes in as messages."""
