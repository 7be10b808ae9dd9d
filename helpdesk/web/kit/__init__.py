"""What plugins bring to people's screens, put in its place: their pages, templates and files, and the parts of the
console.
"""

from flask import Blueprint

from . import pages, parts

blueprint = Blueprint("kit", __name__, template_folder="templates")


def register(app) -> None:
    """Mount the pages and parts of every plugin that is on."""
    app.register_blueprint(blueprint)
    pages.mount(app)
    parts.register(app)
