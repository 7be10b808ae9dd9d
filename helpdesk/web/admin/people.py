"""Settings of people: who works here, with which role, in which teams."""

from __future__ import annotations

from flask import render_template, request
from sqlalchemy import select

from helpdesk.core.errors import Conflict, Invalid, _
from helpdesk.core.people import api_tokens, roles, sessions, teams, users
from helpdesk.core.people.models import Team, User
from helpdesk.core.text import by_name
from helpdesk.i18n import LANGUAGES
from helpdesk.security import passwords
from helpdesk.web import current_user, runtime, uow

from .pages import blueprint, done, numbers


@blueprint.get("/people")
def people():
    """Everybody who works here."""
    return _list()


@blueprint.post("/people")
def add_person():
    """Somebody new; a password that is left empty is invented and shown once."""
    form = request.form
    password = form.get("password") or passwords.invented()
    language = form.get("language") if form.get("language") in LANGUAGES else "en"
    try:
        hashed = passwords.hash_password(password)
        user = users.add(uow(), form.get("email", ""), form.get("name", ""), form.get("role", ""), hashed, language)
    except (Invalid, Conflict) as problem:
        return _list(problem), problem.status
    _join(user, numbers("team"))
    return render_template("admin/person_added.html", person=user, password=password), 201


@blueprint.get("/people/<int:user_id>")
def person(user_id: int):
    """One person's name, role, teams and password."""
    return _page(users.get(uow(), user_id))


@blueprint.post("/people/<int:user_id>")
def change_person(user_id: int):
    """Save name, role and teams; a new role ends the person's sessions."""
    user = users.get(uow(), user_id)
    form = request.form
    try:
        users.change(uow(), user_id, name=form.get("name"), role=form.get("role"))
    except Invalid as problem:
        return _page(user, problem), 422
    _join(user, numbers("team"))
    return done(_("Saved."), "person", user_id=user_id)


@blueprint.post("/people/<int:user_id>/switch")
def switch_person(user_id: int):
    """Let somebody sign in, or no longer."""
    try:
        user = users.change(uow(), user_id, active="on" in request.form)
    except Invalid as problem:
        return _page(users.get(uow(), user_id), problem), 422
    return done(
        _("This person can sign in again.") if user.active else _("This person can no longer sign in."),
        "person",
        user_id=user_id,
    )


@blueprint.post("/people/<int:user_id>/password")
def set_password(user_id: int):
    """A new password for somebody; it is invented when left empty. Their sessions end."""
    user = users.get(uow(), user_id)
    password = request.form.get("password") or passwords.invented()
    try:
        users.set_password(uow(), user_id, passwords.hash_password(password), revoke_tokens="tokens" in request.form)
    except Invalid as problem:
        return _page(user, problem), 422
    return render_template("admin/person_added.html", person=user, password=password)


@blueprint.post("/people/<int:user_id>/sessions/end")
def end_sessions(user_id: int):
    """Sign somebody out on all their devices."""
    sessions.end_sessions(uow(), user_id)
    return done(_("This person is signed out everywhere."), "person", user_id=user_id)


@blueprint.post("/people/tokens/<int:token_id>/drop")
def drop_token(token_id: int):
    """Revoke somebody's API token."""
    user_id = api_tokens.drop_token(uow(), token_id)
    return done(_("The token no longer works."), "person", user_id=user_id)


def _join(user: User, wanted: list[int]) -> None:
    """Make these the person's teams, changing only the teams that differ."""
    for team in uow().session.scalars(select(Team).order_by(Team.id)).all():
        members = [member.id for member in team.members]
        if (user.id in members) != (team.id in wanted):
            others = [member for member in members if member != user.id]
            teams.set_members(uow(), team.id, [*others, user.id] if team.id in wanted else others)


def _list(problem: Invalid | Conflict | None = None) -> str:
    rows = sorted(by_name(uow().session.scalars(select(User))), key=lambda user: not user.active)
    return render_template("admin/people.html", people=rows, teams=_teams(), roles=_roles(), problem=problem)


def _page(user: User, problem: Invalid | None = None) -> str:
    return render_template(
        "admin/person.html",
        person=user,
        teams=_teams(),
        roles=_roles(),
        tokens=api_tokens.tokens_of(uow(), user.id),
        labels={right.name: right.label for right in runtime().permissions.values()},
        own=user.id == current_user().id,
        problem=problem,
    )


def _teams() -> list[Team]:
    return by_name(uow().session.scalars(select(Team)))


def _roles() -> list[str]:
    return [role.name for role in roles.all_of(uow())]
