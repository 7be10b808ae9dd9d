"""The pages of signing in and of one's own account."""

from __future__ import annotations

import logging

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask_login import login_user, logout_user
from werkzeug.exceptions import TooManyRequests

from helpdesk.api.downloads import drawn
from helpdesk.core.database.base import utcnow
from helpdesk.core.errors import Invalid, _
from helpdesk.core.people import api_tokens, pictures, sessions, users
from helpdesk.core.people.models import User
from helpdesk.i18n import LANGUAGES, gettext
from helpdesk.security import passwords
from helpdesk.web import current_user, db, runtime, uow
from helpdesk.web.http.guard import local_path
from helpdesk.web.http.locale import THEMES
from helpdesk.web.http.problems import WORDS
from helpdesk.web.session import SignedIn, session_key

from . import forms, throttle

WRONG = _("The address or the password is not right.")
CHOICES = {"language": LANGUAGES, "theme": THEMES}

log = logging.getLogger("hamdel.web")
blueprint = Blueprint("auth", __name__, template_folder="templates")


# In and out -------------------------------------------------------------------------------------------------------


@blueprint.get("/sign-in")
def sign_in():
    """The sign-in page; ``language`` and ``theme`` in its address are remembered by the browser."""
    chosen = {name: request.args[name] for name in CHOICES if request.args.get(name) in CHOICES[name]}
    onward = local_path(request.args.get("next"))
    if chosen:
        response = redirect(url_for("auth.sign_in", next=onward or None))
        for name, value in chosen.items():
            response.set_cookie(name, value, max_age=throttle.A_YEAR, httponly=True, samesite="Lax")
        return response
    if current_user():
        return redirect(onward or "/")
    return render_template("auth/sign_in.html", onward=onward)


@blueprint.post("/sign-in")
def try_to_sign_in():
    """Begin a session, or say in the same words and time that it was not right, whatever was not."""
    address, password = users.normal_form(request.form.get("email", "")[:1000]), request.form.get("password", "")
    onward = local_path(request.form.get("next"))
    try:
        throttle.take(address)
    except TooManyRequests as error:
        return _refused(WORDS[429], 429, address, onward, {"Retry-After": str(error.retry_after)})
    user = users.by_email(db.session, address)
    stored = user.password_hash if user and user.active else ""
    if not passwords.matches(stored, password):
        return _refused(WRONG, 401, address, onward)
    throttle.give_back(address)
    _begin(user, stay="stay" in request.form)
    log.info("user %s signed in", user.id)
    return throttle.remember_device(redirect(onward or "/"), address)


def _refused(sentence: str, status: int, address: str, onward: str, headers=None):
    return (
        render_template("auth/sign_in.html", problem=gettext(sentence), address=address, onward=onward),
        status,
        headers or {},
    )


def _begin(user: User, stay: bool) -> None:
    """A new session: nothing of an earlier one, its CSRF token included, lives on in it."""
    session.clear()
    session.permanent = stay
    login_user(SignedIn(user))


@blueprint.post("/sign-out")
def sign_out():
    """End this session, wherever its cookie went."""
    if current_user():
        sessions.end_session(uow(), session_key())
    logout_user()
    session.clear()
    return redirect(url_for("auth.sign_in"))


# One's own account ------------------------------------------------------------------------------------------------


@blueprint.get("/me")
def me():
    """One's own choices, password and tokens."""
    return _page()


@blueprint.post("/me/preferences")
def preferences():
    """Keep some of one's choices, sent as JSON or as a form."""
    users.prefer(uow(), current_user().id, **forms.preferences())
    if request.accept_mimetypes.accept_html and not request.headers.get("HX-Request") and not request.is_json:
        flash(_("Saved."))
        return redirect(url_for("auth.me"))
    return "", 204


@blueprint.post("/me/picture")
def picture():
    """Have this picture, or none."""
    given = request.files.get("picture")
    try:
        if "drop" in request.form or not given:
            pictures.drop_picture(uow(), current_user().id)
        else:
            pictures.set_picture(uow(), current_user().id, given.read(pictures.LARGEST + 1))
    except Invalid as problem:
        return _page(problem), 422
    flash(_("Saved."))
    return redirect(url_for("auth.me"))


@blueprint.get("/people/pictures/<digest>")
def picture_of(digest: str):
    """The picture of a colleague; its address changes with it, so it is kept for ever."""
    return drawn(pictures.content(uow(), digest))


@blueprint.post("/me/password")
def password():
    """Change one's own password; all other sessions end, this one begins anew."""
    user = current_user()
    try:
        _check_present(user, request.form.get("present", ""))
        new = passwords.hash_password(request.form.get("password", ""))
        users.set_password(uow(), user.id, new, revoke_tokens="tokens" in request.form)
    except Invalid as problem:
        return _page(problem), 422
    _begin(user, stay=session.permanent)
    flash(_("Your password is changed. All other devices have to sign in again."))
    return redirect(url_for("auth.me"))


@blueprint.post("/me/sessions/end")
def end_sessions():
    """Sign out everywhere else; this session begins anew."""
    user = current_user()
    sessions.end_sessions(uow(), user.id)
    _begin(user, stay=session.permanent)
    flash(_("You are signed out on all other devices."))
    return redirect(url_for("auth.me"))


def _check_present(user: User, given: str) -> None:
    throttle.take(user.email)
    if not passwords.matches(user.password_hash, given):
        raise Invalid(_("Please check your current password."), {"present": _("This is not your current password.")})
    throttle.give_back(user.email)


@blueprint.post("/me/tokens")
def add_token():
    """A new token for the API; the answer is the only page that ever shows it."""
    try:
        token = api_tokens.add_token(uow(), current_user().id, **forms.token(uow().clock()))
    except Invalid as problem:
        return _page(problem), 422
    return _page(token=token), 201


@blueprint.post("/me/tokens/<int:token_id>/drop")
def drop_token(token_id: int):
    """Revoke a token."""
    api_tokens.drop_token(uow(), token_id)
    flash(_("The token no longer works."))
    return redirect(url_for("auth.me"))


def _page(problem: Invalid | None = None, token: str = ""):
    user = current_user()
    zones = [
        (forms.AS_THE_LANGUAGE, gettext("As the desk")),
        *((name, name.replace("_", " ")) for name in forms.zones(user)),
    ]
    return render_template(
        "auth/me.html",
        user=user,
        tokens=api_tokens.tokens_of(uow(), user.id),
        labels={right.name: right.label for right in runtime().permissions.values()},
        rights=[right for right in runtime().permissions.values() if uow().actor.may(right.name)],
        ends=[(days, gettext(text)) for days, text in forms.ENDS.items()],
        token=token,
        problem=problem,
        zone_choices=zones,
        now=utcnow(),
    )
