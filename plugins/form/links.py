"""The addresses by which a customer comes back to a request: one for who sent it, another for who reads its e-mail."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from helpdesk.api.web import open_link, signed_link

PURPOSE = "form.ticket"
VALID = timedelta(days=180)


class Holder(NamedTuple):
    """Whoever holds a link: the request is that of the post ``thread`` of an account. Only a link that went to the
    address itself proves it; any other may have been made by typing somebody else's.
    """

    account_id: int
    thread: str
    proved: bool


def make(uow, account_id: int, thread: str, proved: bool) -> str:
    """The whole address of the request's page."""
    return signed_link(uow, "/p/form/ticket", PURPOSE, VALID, account=account_id, post=thread, proved=proved)


def read(uow, key: str) -> Holder:
    """Who holds this key; NotFound with a sentence when it is forged or over."""
    given = open_link(uow, key, PURPOSE)
    return Holder(given["account"], given["post"], given["proved"])
