"""Chat: messages of visitors, which their sockets hand over, and answers, which are kept for them and told at once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from helpdesk.api import jobs
from helpdesk.api.channels import (
    Accepts,
    Address,
    Attachments,
    Channel,
    Deleted,
    Edited,
    File,
    Inbound,
    Outbound,
    Outcome,
    RawMessage,
    Report,
    Sent,
    Step,
)
from helpdesk.api.errors import Malformed, Undeliverable, _
from helpdesk.api.work import UnitOfWork, plugin_actor, work

from . import hours, items, settings, visitors
from .tables import Item, Visitor

LONGEST = 4000  # characters of a message
TOPIC = 100  # characters of what it is about
FILES = Attachments(("image/*", "application/pdf", "text/plain", "audio/*", "video/*"), size=5_000_000, count=5)
TOGETHER = 12_000_000  # bytes of the files of one message
FOLLOW_UP = "chat.follow_up"
PATIENCE = timedelta(seconds=60)  # for somebody who is gone, before an answer is mailed
HEAD = 64 * 1024  # bytes of what stands before the files


class Chat(Channel):
    """Visitors of a web site. What they say comes in by ``api.intake.take``; ``pack`` says in which form."""

    name = "chat"
    label = _("Chat")
    icon = "chat"
    address = "visitor"
    accepts = Accepts(attachments=FILES, max_chars=8000, edit=True, delete=True, typing=True, read_receipts=True)
    interactive = True
    handed_over = True
    acknowledged = False
    Settings = settings.Settings

    # In --------------------------------------------------------------------------------------------------------

    def parse(self, raw_message: RawMessage) -> Inbound | Edited | Deleted | Report:
        """What a visitor did: said, edited or deleted something, or read an answer."""
        head, files = unpack(raw_message.raw)
        kind, sender = head["kind"], Address(self.address, head["from"], head["name"])
        if kind == "read":
            outcome = Outcome(Address(self.address, ""), "read")
            return Report([outcome], references=[str(known)[:255] for known in head["ids"][:100]])
        if kind == "edited":
            return Edited(head["about"], text=head["text"], sender=sender, at=head["at"])
        if kind == "deleted":
            return Deleted(head["about"], sender=sender, at=head["at"])
        return Inbound(
            sender,
            text=head["text"],
            subject=head["topic"][:TOPIC],
            external_id=head["id"],
            thread=head["thread"],
            files=files,
            identities=[Address(visitors.IDENTITY, head["user"])] if head["user"] else [],
            authentic=True,  # they hold the proof of this visitor
            language=head["language"],
            at=head["at"],
        )

    # Out -------------------------------------------------------------------------------------------------------

    def send(self, outbound: Outbound) -> Sent:
        """Keep the answer for the visitor, and tell every page of theirs that is connected now."""
        with work(plugin_actor("chat")) as uow:
            visitor = self._visitor(uow, outbound)
            serving = visitor.agent.get("name") == outbound.sender_name
            picture = str(visitor.agent.get("picture", "")) if serving else ""
            author = {"name": outbound.sender_name, "picture": picture}
            data = {
                "from": "desk" if outbound.automatic else "agent",
                "author": author,
                "text": outbound.text,
                "html": "",
            }
            files = [
                {"number": number, "name": file.name, "type": file.type, "size": file.size, "sha256": file.sha256}
                for number, file in enumerate(outbound.files)
            ]
            item, _new = items.add(uow, visitor, f"o:{outbound.external_id}", "message", {**data, "files": files})
            follow = {"visitor": visitor.id}  # also when the item was there: the process may have died before this
            jobs.add(uow, FOLLOW_UP, follow, key=f"{item.id}", at=uow.clock() + PATIENCE)
        return Sent()

    def edit(self, outbound: Outbound) -> None:
        """Other words in the place of an answer."""
        self._change(outbound, "edited", {"text": outbound.text})

    def delete(self, outbound: Outbound) -> None:
        """An answer is taken back."""
        self._change(outbound, "deleted", {})

    def _change(self, outbound: Outbound, kind: str, data: dict[str, Any]) -> None:
        with work(plugin_actor("chat")) as uow:
            visitor = self._visitor(uow, outbound)
            found = (items.by_key(uow, visitor, f"o:{known}") for known in outbound.external_ids)
            item = next((one for one in found if one), None)
            if item is None:
                raise Undeliverable(_("The visitor does not have this message."))
            print_ = hashlib.sha256(outbound.text.encode()).hexdigest()[:16]
            items.add(uow, visitor, f"{kind}:{item.id}:{print_}", kind, data, about=item.id)

    def signal(self, kind: str, thread: str) -> None:
        """Somebody types."""
        with work(plugin_actor("chat")) as uow:
            visitor = visitors.by_address(uow, thread.rpartition(".")[0])
            if visitor and kind == "typing":
                name = str(visitor.agent.get("name", ""))
                items.tell(uow, visitor, "typing", {"name": name, "writing": True})

    def _visitor(self, uow: UnitOfWork, outbound: Outbound) -> Visitor:
        visitor = visitors.by_address(uow, outbound.to[0].value)
        if visitor is None:
            raise Undeliverable(_("This visitor is not known any more."))
        return visitor

    # The account -----------------------------------------------------------------------------------------------

    def check(self) -> Iterator[Step]:
        """There is nothing to try without a page; say what belongs into it."""
        yield Step(_("Put the widget's script into the pages of these sites: %(sites)s"), self._sites())
        with work(plugin_actor("chat")) as uow:
            if not hours.is_known(uow, self.account):
                yield Step(_("Its calendar of business hours is gone; choose another one."), ok=False)

    def _sites(self) -> dict[str, str]:
        return {"sites": str(self.account.settings["origins"])}


def pack(visitor: Visitor, kind: str, files: list[File] | None = None, **more: Any) -> bytes:
    """What a visitor did, as raw bytes: a line of JSON, and behind it the files one after the other."""
    head = {
        "kind": kind,
        "at": datetime.now(UTC).isoformat(),
        "from": visitor.address,
        "name": visitors.name_of(visitor),
        "user": visitors.user_key(visitor) if visitor.site_user else "",
        "thread": visitor.thread,
        "language": visitor.language,
        "topic": visitor.answers.get("topic", ""),
        "files": [{"name": file.name, "type": file.type, "size": len(file.content)} for file in files or ()],
        **more,
    }
    return b"\n".join([json.dumps(head, ensure_ascii=False).encode(), b"".join(file.content for file in files or ())])


TEXTS = ("kind", "id", "from", "name", "user", "thread", "language", "text", "about", "topic")


def unpack(raw: bytes) -> tuple[dict[str, Any], list[File]]:
    """The line and the files of ``pack``; Malformed for anything else."""
    line, _newline, rest = raw.partition(b"\n")
    try:
        given = json.loads(line) if len(line) <= HEAD else None
        head = {name: str(given.get(name, ""))[: LONGEST + 1] for name in TEXTS}
        head["ids"], head["at"] = list(given.get("ids", [])), datetime.fromisoformat(given["at"]).astimezone(UTC)
        files, at = [], 0
        for file in list(given.get("files", []))[: FILES.count]:
            size = int(file["size"])
            if size < 0 or at + size > len(rest):
                raise ValueError
            files.append(File(str(file["name"])[:255], str(file["type"])[:120], rest[at : at + size], size=size))
            at += size
    except (ValueError, AttributeError, KeyError, TypeError, RecursionError, OverflowError):
        raise Malformed(_("This is not what a visitor's page sends.")) from None
    if not head["from"] or head["kind"] not in ("message", "edited", "deleted", "read"):
        raise Malformed(_("This is not what a visitor's page sends."))
    return head, files


def raw_message(visitor: Visitor, name: str, kind: str, files: list[File] | None = None, **more: Any) -> RawMessage:
    """What a visitor did, under an id of theirs that is the same whenever their page repeats it."""
    known = f"{visitor.address}.{name}"
    raw = pack(visitor, kind, files, id=known, **more)
    return RawMessage(known, raw, datetime.now(UTC), conversation=visitor.thread)


def name_of(visitor: Visitor, item: Item) -> str:
    """The external id by which the desk knows a message of the visitor's."""
    return f"{visitor.address}.{item.key.partition(':')[2]}"
