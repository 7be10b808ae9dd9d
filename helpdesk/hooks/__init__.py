"""Hook specifications, the loader of plugins, the four ways of calling them, and their faults."""
