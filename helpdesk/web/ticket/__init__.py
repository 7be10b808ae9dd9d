"""One ticket: its conversation, what can be done to it, and what is written on it."""


def register(app) -> None:
    """Put the ticket's pages into an application."""
    from . import by_hand, choosing, drafts, opening, ways  # noqa: F401  (it puts its routes on the blueprint)
    from .views import blueprint

    app.register_blueprint(blueprint)
