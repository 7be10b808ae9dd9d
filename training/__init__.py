"""The training plugin: workshops, practice and review."""
