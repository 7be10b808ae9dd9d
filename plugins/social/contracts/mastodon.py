"""The proofs of the Mastodon channel: notifications as a server gives them; tests add a stand-in."""

from __future__ import annotations

import json
from typing import Any

from helpdesk.testing import ChannelContract

from ..mastodon import Mastodon
from ..mastodon_posts import SIGNS

TOKEN = "canary-token-of-mastodon-7f3"
MINA = {"id": "77", "username": "mina", "acct": "mina@social.example", "display_name": "مینا"}
SHOP = {"id": "1", "username": "shop", "acct": "shop", "url": "https://mastodon.example/@shop"}
NAMED = '<p><span class="h-card"><a href="#">@<span>shop</span></a></span> '


def status(text: str, known: str, **more: Any) -> dict[str, Any]:
    """A post of a customer's that names the account."""
    head = {"id": known, "uri": f"https://social.example/{known}", "created_at": "2026-11-29T08:00:00.000Z"}
    body = {"content": f"{NAMED}{text}</p>", "visibility": "public", "account": MINA, "mentions": [SHOP]}
    return {**head, **body, "in_reply_to_id": None, "media_attachments": [], **more}


def note(kind: str, about: dict[str, Any], known: str = "") -> bytes:
    """A notification."""
    head = {"id": known or f"n-{kind}-{about['id']}", "type": kind, "created_at": "2026-11-29T08:00:01.000Z"}
    return json.dumps({**head, "account": MINA, "status": about}, ensure_ascii=False).encode()


class MastodonContract(ChannelContract):
    """What every channel must keep, for an account on a Mastodon server."""

    channel = Mastodon
    settings = {"base_url": "http://127.0.0.1:9", "access_token": TOKEN}
    samples = [
        note("mention", status("سلام", "110"), "900"),
        note("mention", status("private", "111", visibility="direct", in_reply_to_id="5"), "901"),
        note("favourite", status("ours", "112"), "902"),
        note("poll", status("something else", "113"), "903"),
    ]

    def test_a_deletion_marks_the_message_it_names(self):
        """Servers give no notification of it."""
        self.leave_out("deletions by the customer: notifications do not tell of them")

    def test_a_reaction_stands_at_the_message_it_names(self):
        """A favourite has no picture of its own: every one is a star."""
        (said,) = self.events(self.reacted("m1", "👍"))
        assert (said.external_id, said.emoji) == ("m1", SIGNS["favourite"])

    def message(self, text, external_id, references):
        answered = {"in_reply_to_id": references[0]} if references else {}
        return note("mention", status(text, external_id, visibility="direct", **answered))

    def edited(self, external_id, text):
        return note("update", status(text, external_id, edited_at="2026-11-29T08:05:00.000Z"))

    def reacted(self, external_id, emoji):
        return note("favourite", status("", external_id))
