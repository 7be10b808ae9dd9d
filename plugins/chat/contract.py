"""The proofs of the chat channel: what visitors' pages hand over, and answers that are kept for them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import select

from helpdesk.api import tables
from helpdesk.api.channels import File
from helpdesk.api.work import plugin_actor, work
from helpdesk.testing import ChannelContract, fixture, small_runtime

from . import channel
from .channel import Chat
from .tables import Base, Item, Visitor

SITE = "https://shop.example"
MINA = Visitor(id=1, account_id=1, address="visitor-1", chat=1, answers={"name": "مینا"}, language="fa", site_user="")


def raw(kind="message", known="visitor-1.m-1", files=None, **more):
    """Raw bytes as the sockets hand them over."""
    return channel.pack(MINA, kind, files, id=known, **more)


class VisitorsPage:
    """The visitor's page, connected all the while. ``taken``, ``edited`` and ``deleted`` are the items that it reads,
    ``signals`` what it is told in between; it can tell something ``before_answer``.
    """

    settings: ClassVar[dict[str, Any]] = {}

    def __init__(self, runtime: Any):
        self.signals: list[dict[str, Any]] = []
        self.before_answer: Callable[[list[str]], None] = lambda ids: None
        self.pass_on, runtime.live.tell = runtime.live.tell, self.hear

    def hear(self, plugin: str, event: str, data: dict[str, Any], rooms: Collection[str]) -> None:
        """One event of the visitors' socket, as every page of theirs gets it."""
        if event == "typing":
            self.signals.append(data)
        if event == "item" and data["kind"] == "message" and data["from"] != "visitor":
            self.before_answer([one["id"] for one in self.taken[-1:]])
        self.pass_on(plugin, event, data, rooms)

    @property
    def taken(self) -> list[dict[str, Any]]:
        """Our messages, each by the id under which it was sent."""
        said = [(item.key, item.data) for item in self._items("message") if item.key.startswith("o:")]
        return [{"id": key.partition(":")[2], "text": data["text"]} for key, data in said]

    @property
    def edited(self) -> list[Any]:
        """Changed words."""
        return self._items("edited")

    @property
    def deleted(self) -> list[Any]:
        """What was taken back."""
        return self._items("deleted")

    def _items(self, kind: str) -> list[Any]:
        with work(plugin_actor("chat")) as uow:
            return list(uow.session.scalars(select(Item).where(Item.kind == kind).order_by(Item.id)))


class ChatContract(ChannelContract):
    """What every channel must keep, for this one."""

    channel = Chat
    thread = "visitor-1.1"
    settings = {"origins": SITE, "secret": "canary-secret-71"}
    samples = [
        raw(text="سلام"),
        raw(known="visitor-1.m-2", text="look", files=[File("a.png", "image/png", b"\x89PNG\r\n\x1a\n\0")]),
        raw("edited", "visitor-1.e-1", about="visitor-1.m-1", text="درود"),
        raw("deleted", "visitor-1.e-2", about="visitor-1.m-2"),
        raw("read", "visitor-1.r-1", ids=["an id of ours"]),
    ]

    @fixture
    def runtime(self, tmp_path):
        runtime = small_runtime(tmp_path, Chat, plugins="chat")
        Base.metadata.create_all(runtime.engine)
        now = datetime.now(UTC)
        with work(plugin_actor("chat")) as uow:
            tables.insert(
                uow,
                Visitor,
                account_id=1,
                public="0" * 32,
                secret="0" * 64,
                address="visitor-1",
                customer_id=None,
                ticket_id=None,
                seen_at=now,
                created_at=now,
            )
        yield runtime
        runtime.engine.dispose()

    @fixture
    def provider(self, runtime):
        return VisitorsPage(runtime)

    def test_a_provider_that_fails_is_tried_again(self):
        """Answers are kept in the desk's own database, so there is no provider that could fail."""
        self.unneeded()

    def test_an_answer_that_is_lost_doubles_nothing(self):
        """For the same reason."""
        self.unneeded()

    def message(self, text, external_id, references):
        return raw(known=external_id, text=text)

    def edited(self, external_id, text):
        return raw("edited", f"{external_id}.e", about=external_id, text=text)

    def deleted(self, external_id):
        return raw("deleted", f"{external_id}.d", about=external_id)

    def reported(self, external_id, state):
        return raw("read", f"{external_id}.r", ids=[external_id]) if state == "read" else None
