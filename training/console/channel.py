"""The practice channel: what a played customer says comes in like every message, and what is answered is a turn."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from helpdesk.api.channels import Accepts, Address, Channel, Inbound, Outbound, RawMessage, Sent, Step
from helpdesk.api.errors import Conflict, HelpdeskError, Malformed, TryAgain, Unavailable, Undeliverable, _
from helpdesk.api.work import plugin_actor, work

LONGEST = 4000  # characters of a reply, as the engine takes it
FORMS = {"chat": "text", "mail": "text", "call": "call"}  # of a run, and of its messages
FIELDS = {"id": 100, "thread": 60, "from": 120, "name": 120, "subject": 200, "text": 20_000, "lang": 2, "form": 5}
SOON, LATER = 1.0, 10.0  # seconds until a turn is tried again that met another, or came too fast


class Practice(Channel):
    """Customers that a scenario plays. Their words are handed over by ``play``; nothing of it leaves the desk."""

    name = "practice"
    label = _("Practice")
    icon = "cap"
    address = "practice"
    accepts = Accepts(max_chars=LONGEST)
    interactive = True
    simulated = True
    handed_over = True
    acknowledged = False

    def parse(self, raw_message: RawMessage) -> Inbound:
        """One line of the customer's."""
        said = unpack(raw_message.raw)
        return Inbound(
            Address(self.address, said["from"], said["name"]),
            text=said["text"],
            subject=said["subject"],
            external_id=said["id"],
            thread=said["thread"],
            form=FORMS[said["form"]],
            language=said["lang"],
            authentic=True,  # the desk itself wrote it
        )

    def send(self, outbound: Outbound) -> Sent:
        """Play a turn with this reply; the same external id is played once."""
        from .play import turn  # the child that parses needs no engine

        try:
            with work(plugin_actor("training")) as uow:
                turn(uow, outbound.thread, outbound.external_id)
        except Conflict:
            raise TryAgain(_("The customer is just writing."), after=SOON) from None
        except Unavailable as problem:
            raise TryAgain(problem.sentence, after=LATER, **problem.values) from None
        except HelpdeskError as problem:
            raise Undeliverable(problem.sentence, **problem.values) from None
        return Sent()

    def check(self) -> Iterator[Step]:
        """There is nothing to try."""
        yield Step(_("Customers of scenarios write here; nothing leaves the desk."))


def pack(said: dict[str, Any]) -> bytes:
    """A line as it is kept."""
    return json.dumps(said, ensure_ascii=False, sort_keys=True).encode()


def unpack(raw: bytes) -> dict[str, str]:
    """A line within its bounds; Malformed for anything else."""
    try:
        given = json.loads(raw)
        said = {name: str(given[name])[:most] for name, most in FIELDS.items()}
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Malformed(_("This is no line of a practice customer.")) from None
    if not (said["id"] and said["thread"] and said["from"]) or said["form"] not in FORMS:
        raise Malformed(_("This is no line of a practice customer."))
    return said
