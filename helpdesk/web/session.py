"""Who asks, and the request's own Desk: the bridge between Flask and the core."""

from __future__ import annotations

from flask import Flask, current_app, g
from flask_login import UserMixin
from flask_login import current_user as signed
from flask_sqlalchemy import SQLAlchemy

from helpdesk.core.base import Base
from helpdesk.core.desk import Desk
from helpdesk.core.house import House
from helpdesk.core.models import User
from helpdesk.core.rights import Actor, actor_for

NOBODY = Actor(name="nobody", user_id=0, role="")


class Database(SQLAlchemy):
    """Flask-SQLAlchemy on the house's own engine."""

    def _make_engine(self, bind_key, options, app):
        return app.extensions["house"].engine


db = Database(metadata=Base.metadata, session_options={"expire_on_commit": False})


class SignedIn(UserMixin):
    """A user as Flask-Login knows them. The id carries the epoch, so that a new password or role ends the session."""

    def __init__(self, user: User):
        self.user = user

    def get_id(self) -> str:
        return f"{self.user.id}:{self.user.epoch}"


def load_signed_in(stamp: str) -> SignedIn | None:
    """The user of a session stamp ``id:epoch``, unless it is out of date or the user is switched off."""
    number, _, epoch = stamp.partition(":")
    user = db.session.get(User, int(number)) if number.isdigit() else None
    return SignedIn(user) if user and user.active and str(user.epoch) == epoch else None


def house() -> House:
    """What this process owns."""
    return current_app.extensions["house"]


def current_user() -> User | None:
    """The signed-in person, by session or (set by the API) by bearer token."""
    if "user" in g:
        return g.user
    return signed.user if signed and signed.is_authenticated else None


def desk() -> Desk:
    """The request's Desk, with whoever is signed in acting."""
    if "desk" not in g:
        user = current_user()
        g.desk = house().desk_on(db.session(), actor_for(db.session, user) if user else NOBODY)
    return g.desk


def init(app: Flask, house: House) -> None:
    """Give an application its house and database."""
    app.extensions["house"] = house
    app.config["SQLALCHEMY_DATABASE_URI"] = str(house.engine.url)
    db.init_app(app)
