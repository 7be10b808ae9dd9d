"""How the desk does, for machines that ask: alive, ready and why not, and figures."""

from . import metrics
from .views import blueprint


def register(app) -> None:
    """Answer at /healthz, /readyz and /metrics."""
    app.register_blueprint(blueprint)
    metrics.register(app)
