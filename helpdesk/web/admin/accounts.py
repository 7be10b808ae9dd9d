"""Settings of accounts: the list with its health, a form for each channel, and the Test button."""

from __future__ import annotations

from collections.abc import Mapping

from flask import render_template, request
from sqlalchemy import func, select

from helpdesk.core.accounts import accounts as core
from helpdesk.core.accounts import activation
from helpdesk.core.accounts.models import Account
from helpdesk.core.accounts.settings import shown_settings
from helpdesk.core.channels.checks import Step
from helpdesk.core.errors import Conflict, HelpdeskError, Invalid, Misconfigured, NotFound, _
from helpdesk.core.intake.models import RawMessage
from helpdesk.core.people.models import Queue
from helpdesk.core.text import by_name
from helpdesk.core.tickets.message_models import Delivery
from helpdesk.i18n import render_message
from helpdesk.i18n.names import named
from helpdesk.web import runtime, uow

from . import forms
from .pages import blueprint, done, number

TO_MEND = (Invalid, Conflict, Misconfigured)  # what the admin mends in the form
UNREACHED = _("It is saved, but the provider could not be told where to push messages; the account says why.")
WAITING = 1000  # what waits is counted up to this


@blueprint.get("/accounts")
def accounts():
    """All accounts and how they do."""
    rows = uow().session.scalars(select(Account).order_by(Account.id)).all()
    channels = runtime().channels
    offered = {name: kind for name, kind in channels.items() if not kind.simulated}  # those come when they are needed
    return render_template("admin/accounts.html", accounts=rows, channels=channels, offered=offered)


@blueprint.get("/accounts/new/<channel>")
def new_account(channel: str):
    """The empty form of a channel."""
    return _form(core.channel_type(uow(), channel))


@blueprint.post("/accounts/new/<channel>")
def add_account(channel: str):
    """A new account."""
    kind = core.channel_type(uow(), channel)
    try:
        row = core.create(
            uow(), channel, request.form.get("name", ""), forms.given(kind.Settings, request.form), _queue()
        )
    except TO_MEND as problem:
        return _form(kind, problem=problem), 422
    if not activation.follow(uow(), row):
        return done(UNREACHED, "account", account_id=row.id)
    return done(_("The account is there. Please try it with the Test button."), "account", account_id=row.id)


@blueprint.get("/accounts/<int:account_id>")
def account(account_id: int):
    """The form of an account, its secrets shown as kept, and its health."""
    row = core.get(uow(), account_id)
    return _form(runtime().channels.get(row.channel), row)


@blueprint.post("/accounts/<int:account_id>")
def change_account(account_id: int):
    """Save the form."""
    row = core.get(uow(), account_id)
    kind = core.channel_type(uow(), row.channel)
    try:
        core.update(
            uow(),
            account_id,
            settings=forms.given(kind.Settings, request.form),
            name=request.form.get("name", ""),
            queue_id=_queue(),
        )
    except TO_MEND as problem:
        return _form(kind, row, problem), 422
    outcome = _("Saved.") if activation.follow(uow(), core.get(uow(), account_id)) else UNREACHED
    return done(outcome, "account", account_id=account_id)


@blueprint.post("/accounts/<int:account_id>/switch")
def switch_account(account_id: int):
    """Switch an account on or off."""
    row = core.update(uow(), account_id, enabled="on" in request.form)
    activation.follow(uow(), row)
    return done(
        _("The account is on.") if row.enabled else _("The account is off: nothing comes in or goes out."),
        "account",
        account_id=account_id,
    )


@blueprint.post("/accounts/<int:account_id>/check")
def check_account(account_id: int):
    """Try what stands in the form; each step says whether it worked and how long it took. Nothing is saved."""
    row = core.get(uow(), account_id)
    return _check(core.channel_type(uow(), row.channel), row)


@blueprint.post("/accounts/new/<channel>/check")
def check_new_account(channel: str):
    """The same for an account that is not there yet."""
    return _check(core.channel_type(uow(), channel))


@blueprint.post("/accounts/<int:account_id>/preset")
def preset_account(account_id: int):
    """The form with the settings of a known provider, and everything else as it was typed. Nothing is saved."""
    row = core.get(uow(), account_id)
    return _preset(core.channel_type(uow(), row.channel), row)


@blueprint.post("/accounts/new/<channel>/preset")
def preset_new_account(channel: str):
    """The same for an account that is not there yet."""
    return _preset(core.channel_type(uow(), channel))


@blueprint.post("/accounts/new/<channel>/preview")
def preview_sample(channel: str):
    """What the settings in the form make of a pasted sample."""
    kind = core.channel_type(uow(), channel)
    try:
        steps = core.preview(uow(), channel, forms.given(kind.Settings, request.form), request.form.get("sample", ""))
    except HelpdeskError as error:
        steps = [Step(error.sentence, error.values, ok=False), *_misfits(kind, getattr(error, "fields", {}))]
    return render_template(
        "admin/preview.html",
        steps=[(step, render_message(HelpdeskError(step.sentence, **step.values))) for step in steps],
    )


def _preset(kind, row: Account | None = None) -> str:
    found = next((preset for preset in kind.presets() if preset.name == request.form.get("preset")), None)
    if found is None:
        raise NotFound()
    return render_template("admin/account_form.html", **_form_of(kind, row, typed=True, preset=found.values))


def _check(kind, row: Account | None = None) -> str:
    try:
        steps = core.check(uow(), kind.name, forms.given(kind.Settings, request.form), row and row.id)
    except HelpdeskError as error:
        steps = [Step(error.sentence, error.values, ok=False), *_misfits(kind, getattr(error, "fields", {}))]
    return render_template(
        "admin/checked.html",
        steps=[(step, render_message(HelpdeskError(step.sentence, **step.values))) for step in steps],
    )


def _misfits(kind, fields: dict[str, str]) -> list[Step]:
    """What does not fit in the form, by the names its fields have there."""
    specs = kind.Settings().fields
    return [
        Step(hint, ok=False, label=specs[name].metadata.get("label") or name)
        for name, hint in fields.items()
        if name in specs
    ]


def _queue() -> int:
    return number(request.form.get("queue"), _("Please choose a queue."), "queue")


def _form(kind, row: Account | None = None, problem: HelpdeskError | None = None) -> str:
    health = _facts(row) if row else None
    return render_template(
        "admin/account.html", **_form_of(kind, row, problem, typed=problem is not None), health=health
    )


def _form_of(
    kind, row: Account | None, problem: HelpdeskError | None = None, typed: bool = False, preset: Mapping | None = None
) -> dict:
    """What the form shows: what is stored, else what was ``typed``, and over it the values of a preset."""
    stored = shown_settings(uow(), row) if row else {}
    values = forms.typed(kind.Settings, request.form, stored) if typed else stored
    return {
        "account": row,
        "kind": kind,
        "groups": forms.groups(kind.Settings, {**values, **(preset or {})}, problem) if kind else [],
        "problem": problem,
        "typed": typed,
        "queues": [(queue.id, named(queue.name)) for queue in by_name(uow().session.scalars(select(Queue)))],
    }


def _facts(row: Account) -> dict:
    """What waits for and because of an account."""
    read = uow().session

    def capped(column, *where) -> int:
        return read.scalar(select(func.count()).select_from(select(column).where(*where).limit(WAITING).subquery()))

    kind = runtime().channels.get(row.channel)
    return {
        "pushed_to": activation.push_url(uow(), row) if kind and kind.has("receive") else "",
        "unread": capped(RawMessage.id, RawMessage.state == "new", RawMessage.account_id == row.id),
        "unsent": capped(Delivery.id, Delivery.state.in_(("queued", "sending")), Delivery.account_id == row.id),
        "quarantined": capped(RawMessage.id, RawMessage.state == "quarantined", RawMessage.account_id == row.id),
    }
