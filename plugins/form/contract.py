"""The proofs of the channel of forms: posts as its pages hand them over. Nothing is pushed and nothing is sent."""

from __future__ import annotations

from helpdesk.api.channels import File
from helpdesk.testing import ChannelContract

from .channel import Form
from .guard import TRAPPED
from .posts import Post, dump

MINA = "mina@customer.example"


def post(text: str = "Where is my order?", known: str = "post-1", **more) -> bytes:
    """A post as raw bytes."""
    files = more.pop("files", ())
    return dump(Post(id=known, thread=more.pop("thread", known), email=MINA, name="Mina", text=text, **more), files)


class FormContract(ChannelContract):
    """What every channel must keep, for this one."""

    channel = Form
    settings = {"confirm": False, "difficulty": 8}
    samples = [
        post(),
        post("سلام", "post-2", language="fa", lines=[["شهر", "یزد"]], values={"city": "یزد"}),
        post("With a file", "post-3", files=[File("a.txt", "text/plain", content=b"one\ntwo")]),
        post("Buy now", "post-4", marks=[TRAPPED]),
        post("One more thing", "post-5", thread="post-1", proved=True),
    ]

    def message(self, text, external_id, references):
        return post(text, external_id)
