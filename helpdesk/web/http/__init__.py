"""What surrounds every request: who may pass, in whose language, under which headers, and what an error looks like."""

from flask import Blueprint

from . import bounds, budgets, compression, guard, headers, locale, problems, template_helpers

blueprint = Blueprint("http", __name__, template_folder="templates")


def register(app) -> None:
    """Put the frame around an application. The last that is registered here sees an answer first on its way out."""
    app.register_blueprint(blueprint)
    for part in (compression, headers, locale, template_helpers, bounds, budgets, guard, problems):
        part.register(app)
