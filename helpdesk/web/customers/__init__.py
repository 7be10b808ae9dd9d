"""The customer: the card beside every conversation, and a page of their own."""


def register(app) -> None:
    """Put the customers' pages into an application."""
    from . import records  # noqa: F401  (it puts its routes on the blueprint)
    from .views import blueprint

    app.register_blueprint(blueprint)
