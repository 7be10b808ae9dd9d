"""What all settings pages share: the right to see them, their sections, and how a form that does not fit comes back."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, request, url_for

from helpdesk.core.errors import Invalid, _
from helpdesk.core.intake import quarantine
from helpdesk.core.text import digits
from helpdesk.i18n import gettext
from helpdesk.web import runtime, uow

blueprint = Blueprint("admin", __name__, template_folder="templates", url_prefix="/settings")


@dataclass
class Section:
    """One line in the list of settings; ``alarm`` says that ``count`` waits for somebody."""

    key: str
    label: str
    url: str
    icon: str
    count: int = 0
    alarm: bool = False


@blueprint.before_request
def _admins_only() -> None:
    uow().actor.must("settings")


@blueprint.context_processor
def _sections() -> dict:
    return {"sections": sections}


def sections() -> list[Section]:
    """The settings, with what waits in them."""
    troubled = sum(plugin.state in ("refused", "stopped") for plugin in runtime().hooks.plugins.values())
    return [
        Section("accounts", gettext("Accounts"), url_for("admin.accounts"), "inbox"),
        Section("people", gettext("People"), url_for("admin.people"), "user"),
        Section("roles", gettext("Roles"), url_for("admin.roles"), "shield"),
        Section("teams", gettext("Teams and queues"), url_for("admin.teams"), "users"),
        Section("fields", gettext("Custom fields"), url_for("admin.fields"), "form"),
        Section("plugins", gettext("Plugins"), url_for("admin.plugins"), "plug", troubled, alarm=True),
        Section("jobs", gettext("Jobs"), url_for("admin.jobs"), "refresh"),
        Section(
            "quarantine",
            gettext("Quarantine"),
            url_for("admin.quarantine"),
            "quarantine",
            quarantine.count(uow()),
            alarm=True,
        ),
        Section("sent", gettext("Sent messages"), url_for("admin.sent"), "send"),
        Section("api", gettext("API"), url_for("admin.api"), "link"),
    ]


@blueprint.get("")
def home():
    """The settings begin with the accounts."""
    return redirect(url_for("admin.accounts"))


def done(sentence: str, endpoint: str, **where):
    """Back to a page of the settings, which then says that it is done."""
    flash(sentence)
    return redirect(url_for(f"admin.{endpoint}", **where))


def numbers(name: str) -> list[int]:
    """The ids ticked in a form."""
    return [int(text) for text in request.form.getlist(name) if text.isascii() and text.isdigit() and len(text) < 19]


def number(text: str | None, problem: str = _("Please write a whole number."), field: str = "") -> int:
    """A whole number as somebody typed it, in any digits."""
    typed = digits((text or "").strip(), "en")
    if not typed.isascii() or not typed.isdigit() or len(typed) > 9:
        raise Invalid(problem, {field: problem})
    return int(typed)


def after() -> int | None:
    """The id a list goes on after."""
    text = request.args.get("after", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
