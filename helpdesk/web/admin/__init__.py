"""The settings pages: accounts, people, teams and queues, plugins, quarantine and what was sent."""

from . import accounts, api, fields, jobs, people, plugins, quarantine, roles, sent, teams  # noqa: F401  (each adds its pages to the blueprint)
from .pages import blueprint


def register(app) -> None:
    """Add the settings pages."""
    app.register_blueprint(blueprint)
