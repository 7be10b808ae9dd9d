"""One ticket: its conversation, what can be done to it, and what is written on it."""


def register(app) -> None:
    """Put the ticket's pages into an application."""
    from .views import blueprint

    app.register_blueprint(blueprint)
