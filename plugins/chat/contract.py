"""The proofs of the chat channel: what visitors' pages hand over, and answers that are kept for them."""

from __future__ import annotations

from datetime import UTC, datetime

from helpdesk.api import tables
from helpdesk.api.channels import File
from helpdesk.api.work import plugin_actor, work
from helpdesk.testing import ChannelContract, fixture, small_runtime

from . import channel
from .channel import Chat
from .tables import Base, Visitor

SITE = "https://shop.example"
MINA = Visitor(id=1, account_id=1, address="visitor-1", chat=1, answers={"name": "مینا"}, language="fa", site_user="")


def raw(kind="message", known="visitor-1.m-1", files=None, **more):
    """Raw bytes as the sockets hand them over."""
    return channel.pack(MINA, kind, files, id=known, **more)


class ChatContract(ChannelContract):
    """What every channel must keep, for this one."""

    channel = Chat
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

    def message(self, text, external_id, references):
        return raw(known=external_id, text=text)

    def edited(self, external_id, text):
        return raw("edited", f"{external_id}.e", about=external_id, text=text)

    def deleted(self, external_id):
        return raw("deleted", f"{external_id}.d", about=external_id)

    def reported(self, external_id, state):
        return raw("read", f"{external_id}.r", ids=[external_id]) if state == "read" else None
