"""What stands below every message that has a subject: a signature of the desk in each language, none at first."""

from html import escape

from marshmallow import Schema, fields, validate

from helpdesk.api import hookimpl
from helpdesk.api.channels import Outbound
from helpdesk.api.i18n import _
from helpdesk.api.settings import SettingsGroup, read
from helpdesk.api.work import plugin_actor, work

DESCRIPTION = _("Puts the desk's signature below what agents and the desk itself write.")
LONGEST = 1000  # characters


def _text(label: str) -> fields.String:
    return fields.String(
        load_default="", validate=validate.Length(max=LONGEST), metadata={"label": label, "multiline": True}
    )


class Settings(Schema):
    """One in each language."""

    en = _text(_("Signature in English"))
    fa = _text(_("Signature in Persian"))


@hookimpl
def register_settings() -> list[SettingsGroup]:
    """The two texts."""
    return [SettingsGroup("signature", _("Signature"), Settings)]


@hookimpl
def filter_outbound(outbound: Outbound) -> Outbound | None:
    """The same message with the signature in its language below; chats and templates have none."""
    if not outbound.subject or outbound.template:
        return None
    with work(plugin_actor("signature")) as uow:
        said = read(uow, "signature")["fa" if outbound.language.startswith("fa") else "en"].strip()
    if not said:
        return None
    outbound.text = f"{outbound.text.rstrip()}\n\n{said}"
    if outbound.html:
        outbound.html += "<p>" + "<br>".join(map(escape, said.splitlines())) + "</p>"
    return outbound
