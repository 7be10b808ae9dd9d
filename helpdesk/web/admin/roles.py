"""Settings of roles: which permissions each has, and roles of the desk's own."""

from __future__ import annotations

from flask import render_template, request

from helpdesk.core.errors import Conflict, Invalid, _
from helpdesk.core.people import roles as core
from helpdesk.web import runtime, uow
from helpdesk.web.queue.navigation import role_name

from .pages import blueprint, done


@blueprint.get("/roles")
def roles():
    """A table: every permission, and who has it."""
    return _page()


@blueprint.post("/roles")
def choose_roles():
    """Save the table: each role gets what is ticked in its column."""
    for role in core.all_of(uow()):
        if role.name != core.ADMIN and f"shown-{role.name}" in request.form:
            core.choose(uow(), role.name, request.form.getlist(f"may-{role.name}"))
    return done(_("Saved. Whoever has a changed role works with it at once."), "roles")


@blueprint.post("/roles/new")
def add_role():
    """A role of the desk's own."""
    try:
        core.add(uow(), request.form.get("label", ""))
    except (Invalid, Conflict) as problem:
        return _page(problem), problem.status
    return done(_("The role is there. Please choose what it may do."), "roles")


@blueprint.post("/roles/<name>/remove")
def remove_role(name: str):
    """Remove a role of the desk's own that nobody has."""
    try:
        core.remove(uow(), name)
    except Conflict as problem:
        return _page(problem), problem.status
    return done(_("The role is removed."), "roles")


def _page(problem: Invalid | Conflict | None = None) -> str:
    plugins, groups = runtime().hooks.plugins, dict[str, list]()
    for permission in runtime().permissions.values():
        owner = permission.name.partition(".")[0]
        groups.setdefault(owner if owner in plugins else "", []).append(permission)
    known = core.all_of(uow())
    names = {role.name: role_name(role.name) for role in known}
    return render_template("admin/roles.html", roles=known, names=names, groups=groups, problem=problem)
