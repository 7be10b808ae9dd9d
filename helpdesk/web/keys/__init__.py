"""The keyboard: what each key does, and everybody's own choice of keys."""


def register(app) -> None:
    """Let pages of this application know the reader's keys, and readers change them."""
    from . import keys
    from .views import blueprint

    app.register_blueprint(blueprint)
    app.jinja_env.globals.update(page_keys=keys.page_keys, key_of=keys.key_of)
