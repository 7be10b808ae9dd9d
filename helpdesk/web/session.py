"""Who asks, and the request's own Desk: the bridge between Flask and the core."""

from __future__ import annotations

import secrets

from flask import Flask, current_app, g, request
from flask import session as cookie
from flask.sessions import SecureCookieSessionInterface
from flask_login import UserMixin
from flask_login import current_user as signed
from flask_sqlalchemy import SQLAlchemy

from helpdesk.api.web import CUSTOMERS
from helpdesk.core.actor import Actor
from helpdesk.core.database.base import Base
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.people import sessions
from helpdesk.core.people.actors import actor_for
from helpdesk.core.people.models import User
from helpdesk.core.runtime import Runtime

NOBODY = Actor(name="nobody", user_id=0, role="")


class Database(SQLAlchemy):
    """Flask-SQLAlchemy on the runtime's engine."""

    def _make_engine(self, bind_key, options, app):
        return app.extensions["runtime"].engine


db = Database(metadata=Base.metadata, session_options={"expire_on_commit": False})


class SignedIn(UserMixin):
    """A user as Flask-Login knows them. The id carries the epoch, so that a new password or role ends the session,
    and a key of its own.
    """

    def __init__(self, user: User, key: str | None = None):
        self.user = user
        self.key = secrets.token_urlsafe(12) if key is None else key

    def get_id(self) -> str:
        return f"{self.user.id}:{self.user.epoch}:{self.key}"


def load_signed_in(stamp: str) -> SignedIn | None:
    """The user of a session stamp ``id:epoch:key``, unless it is out of date, signed out of or the user is switched
    off.
    """
    number, _, rest = stamp.partition(":")
    epoch, _, key = rest.partition(":")
    user = (
        sessions.by_session(db.session, int(number), int(epoch), key) if number.isdigit() and epoch.isdigit() else None
    )
    return SignedIn(user, key) if user else None


def runtime() -> Runtime:
    """What this process owns."""
    return current_app.extensions["runtime"]


def is_public(path: str) -> bool:
    """True for pages of plugins that act for nobody, whoever opens them."""
    return path.startswith((CUSTOMERS + "/", *current_app.extensions.get("public paths", ())))


def current_user() -> User | None:
    """The signed-in person, by session or (set by the API) by bearer token."""
    if "user" in g:
        return g.user
    if is_public(request.path):
        return None  # what customers open acts for nobody, also in an agent's browser
    return signed.user if "_user_id" in cookie and signed.is_authenticated else None


def session_key() -> str:
    """What the session of a signed-in person goes by."""
    return signed.key


def uow() -> UnitOfWork:
    """The request's Desk, with whoever is signed in acting."""
    if "uow" not in g:
        user = current_user()
        g.uow = runtime().uow_on(db.session(), _actor(user) if user else NOBODY)
    return g.uow


def _actor(user: User) -> Actor:
    return actor_for(db.session, user, runtime().permissions, g.get("scopes"))


class Cookies(SecureCookieSessionInterface):
    """Sessions in signed cookies; also those that an older key signed, for as long as it is accepted."""

    def get_signing_serializer(self, app: Flask):
        """Flask's own, with the keys of this moment."""
        app.config["SECRET_KEY_FALLBACKS"] = list(app.extensions["runtime"].older_secrets)
        return super().get_signing_serializer(app)


def init(app: Flask, runtime: Runtime) -> None:
    """Give an application its runtime and database."""
    app.extensions["runtime"] = runtime
    app.session_interface = Cookies()
    app.extensions["uow"] = uow  # for the pages of plugins
    app.config["SQLALCHEMY_DATABASE_URI"] = str(runtime.engine.url)
    db.init_app(app)
