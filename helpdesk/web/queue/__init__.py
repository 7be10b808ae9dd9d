"""The console's list: which tickets wait, in which order, and the way to each of them."""


def register(app) -> None:
    """Put the list's pages into an application."""
    from .views import blueprint

    app.register_blueprint(blueprint)
