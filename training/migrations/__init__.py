"""The chain of revisions of this plugin's tables."""
