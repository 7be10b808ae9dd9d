"""Who you are: signing in and out, and everything a person sets for themselves."""

from . import throttle
from .views import blueprint


def register(app) -> None:
    """Add the sign-in page and the person's own pages."""
    throttle.register(app)
    app.register_blueprint(blueprint)
