"""Dialling: a link for the agent's own telephone, or a request to a telephone system that rings the agent first."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.api import accounts, http, tables
from helpdesk.api.errors import Invalid, Misconfigured, Refused, TryAgain, Unavailable, _
from helpdesk.api.tables import reference
from helpdesk.api.text import plain
from helpdesk.api.work import UnitOfWork

from .calls import Base

PATIENCE = 10  # seconds
RINGS = 30  # seconds that the agent's device rings
DEVICE = re.compile(r"[\w.+\-]{1,60}", re.ASCII)
PLACE = re.compile(r"\{(to|agent|key|call)\}")
NO_DEVICE = _("Please enter your extension first: it is rung before the customer's number.")


class Device(Base):
    """The device of an agent: an extension of the telephone system."""

    __tablename__ = "phone_device"
    user_id: Mapped[int] = reference("user", ondelete="CASCADE", primary_key=True)
    device: Mapped[str] = mapped_column(String(60))


def device_of(uow: UnitOfWork) -> str:
    """The extension of whoever acts; "" while none is known."""
    row = uow.session.get(Device, uow.actor.user_id or 0)
    return row.device if row else ""


def keep_device(uow: UnitOfWork, typed: str) -> None:
    """Enter one's own extension; Invalid for what is none."""
    device = plain(typed).strip()
    if not DEVICE.fullmatch(device):
        raise Invalid(NO_DEVICE, {"device": NO_DEVICE})
    if uow.actor.user_id is not None:
        tables.put(uow, Device, {"user_id": uow.actor.user_id}, device=device)


def link(settings: Mapping[str, Any], number: str) -> str:
    """The address that lets the agent's own telephone dial; "" where a telephone system does."""
    bare = number.partition(";")[0]
    return {"tel": f"tel:{bare}", "sip": f"sip:{bare}"}.get(str(settings["dial"]), "")


def dial(uow: UnitOfWork, account_id: int, number: str, call_id: str) -> str:
    """Let the telephone system ring the agent, then the number; returns by which id it knows the call, ``call_id`` if
    it takes ours. Invalid, Misconfigured, Refused or TryAgain with a sentence for the agent.
    """
    device, bare = device_of(uow), number.partition(";")[0]
    if not device:
        raise Invalid(NO_DEVICE, {"device": NO_DEVICE})
    settings = accounts.channel(uow, account_id).account.settings
    if not settings["dial_url"]:
        raise Misconfigured(_("The address for dialling is not entered."))
    ask = _originate if settings["dial"] == "asterisk" else _click
    given = {"to": bare, "agent": device, "key": str(settings["dial_key"]), "call": call_id}
    uow.session.rollback()  # nothing stays open while others answer
    return _id_in(_answer(lambda: ask(settings, given))) or call_id


def announce(uow: UnitOfWork, account_id: int, call_id: str, number: str) -> None:
    """Let the telephone system offer a call-back to somebody who waits; nothing where it is not described how. Errors
    as with ``dial``.
    """
    settings = accounts.channel(uow, account_id).account.settings
    uow.session.rollback()
    if settings["dial"] == "asterisk" and settings["dial_url"] and settings["offer_context"]:
        _answer(lambda: _continue(settings, call_id))
    elif settings["offer_url"]:
        given = {"to": number.partition(";")[0], "agent": "", "key": str(settings["dial_key"]), "call": call_id}
        _answer(lambda: _post(str(settings["offer_url"]), str(settings["offer_body"]), given, settings))


def _answer(ask: Callable[[], http.Response]) -> http.Response:
    try:
        answer = ask()
    except Unavailable:
        raise TryAgain(_("The telephone system does not answer.")) from None
    if answer.status in (401, 403):
        raise Misconfigured(_("The telephone system refuses the user name or the key."))
    if answer.status == 429 or answer.status >= 500:
        raise TryAgain(_("The telephone system answered %(status)s."), status=str(answer.status))
    if not 200 <= answer.status < 300:
        raise Refused(_("The telephone system answered %(status)s."), status=str(answer.status))
    return answer


def _id_in(answer: http.Response) -> str:
    """The id of the call in what a telephone system answered: ``call_id``, or ``id``; "" when it tells none."""
    try:
        told = json.loads(answer.content)
        found = (told.get("call_id") or told.get("id")) if isinstance(told, dict) else ""
    except (ValueError, RecursionError):
        return ""
    return found[:200] if isinstance(found, str) else ""


def _click(settings: Mapping[str, Any], given: dict[str, str]) -> http.Response:
    """One form, as the settings say."""
    return _post(str(settings["dial_url"]), str(settings["dial_body"]), given, settings)


def _post(url: str, fields: str, given: dict[str, str], settings: Mapping[str, Any]) -> http.Response:
    url = PLACE.sub(lambda place: quote(given[place[1]], safe=""), url)
    pairs = (pair.partition("=") for pair in fields.split("&") if pair.strip())
    body = urlencode({name: PLACE.sub(lambda place: given[place[1]], value) for name, _is, value in pairs})
    headers = {"Content-Type": "application/x-www-form-urlencoded", **_proof(settings)}
    return http.fetch("POST", url, content=body.encode(), headers=headers, seconds=PATIENCE, redirects=0)


def _originate(settings: Mapping[str, Any], given: dict[str, str]) -> http.Response:
    """POST /channels of Asterisk's REST interface: the agent's device, connected to the number through the dialplan
    (https://docs.asterisk.org/Latest_API/API_Documentation/Asterisk_REST_Interface/Channels_REST_API/#post_channels).
    """
    given, number = {**given, "key": ""}, given["to"]
    endpoint, out = (
        PLACE.sub(lambda place: given[place[1]], str(settings[name])) for name in ("dial_endpoint", "dial_out")
    )
    query = {"endpoint": endpoint, "extension": number, "priority": "1", "timeout": str(RINGS), "callerId": number}
    query["channelId"] = given["call"]
    url = f"{str(settings['dial_url']).rstrip('/')}/channels?{urlencode(query)}"
    body = {"variables": {"HAMDEL_OUT": out}}
    return http.fetch("POST", url, json=body, headers=_proof(settings), seconds=PATIENCE, redirects=0)


def _continue(settings: Mapping[str, Any], call_id: str) -> http.Response:
    """POST /channels/{channelId}/continue of the same interface: the caller leaves the application that holds them and
    goes on in the dialplan, which announces the offer.
    """
    query = {"context": str(settings["offer_context"]), "extension": "s", "priority": "1"}
    url = f"{str(settings['dial_url']).rstrip('/')}/channels/{quote(call_id, safe='')}/continue?{urlencode(query)}"
    return http.fetch("POST", url, headers=_proof(settings), seconds=PATIENCE, redirects=0)


def _proof(settings: Mapping[str, Any]) -> dict[str, str]:
    """HTTP Basic (RFC 7617) with a user name, else the key as a bearer token (RFC 6750)."""
    user, key = str(settings["dial_user"]), str(settings["dial_key"])
    if user:
        return {"Authorization": f"Basic {base64.b64encode(f'{user}:{key}'.encode()).decode()}"}
    return {"Authorization": f"Bearer {key}"} if key else {}
