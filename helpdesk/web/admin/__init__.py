"""The settings pages: accounts, people, queues, plugins, quarantine and what was sent."""


def register(app) -> None:
    """Add the settings pages."""
