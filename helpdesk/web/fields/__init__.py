"""Custom fields on pages: their macro for every form, and beside the conversation what ticket and customer hold."""


def register(app) -> None:
    """Put the pages of fields into an application, and what templates need to draw them."""
    from . import display
    from .views import blueprint

    app.register_blueprint(blueprint)
    display.register(app)
