"""The line of waiting people in the console: availability, what rings, the page of the line, handing over."""


def register(app) -> None:
    """Put the line's pages into an application."""
    from .views import blueprint

    app.register_blueprint(blueprint)
