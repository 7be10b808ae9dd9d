"""What happens to posts: intake stores them; once filed, their fields are filled in and a link goes to the address."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime

from helpdesk.api import accounts, customers, fields, intake, messages, tickets
from helpdesk.api.channels import Address, File, RawMessage
from helpdesk.api.errors import Invalid
from helpdesk.api.i18n import LOCALES, gettext, isolate, reading

from . import links, posts


def key_of(word: str, *said: str) -> str:
    """The id of a post: the same for what is sent twice from one page, another for anything else."""
    return hashlib.sha256("\n".join([word or secrets.token_urlsafe(), *said]).encode()).hexdigest()[:40]


def digests(files: Sequence[File]) -> list[str]:
    """What tells files apart, whatever they are called."""
    return [hashlib.sha256(file.content).hexdigest() for file in files]


def hand_over(uow, account_id: int, post: posts.Post, files: Sequence[File] = ()) -> None:
    """Store a post, before anything reads it; the same post is stored once."""
    intake.take(uow, account_id, RawMessage(post.id, posts.dump(post, files), datetime.now(UTC), post.thread))


def followed(uow, ticket_id: int, message_id: int, silent: bool) -> None:
    """A post became a ticket: fill in its fields and tell whoever has the address where the request is."""
    message = messages.get(uow, message_id)
    said, ticket = message.details.get("form"), tickets.get(uow, ticket_id)
    if not said or message.form != "form":
        return
    _fill_in(uow, ticket, said["values"])
    if silent or not accounts.get(uow, ticket.account_id).settings.get("confirm"):
        return
    link = links.make(uow, ticket.account_id, said["id"], proved=True)
    with reading(LOCALES.get(customers.language_of(uow, ticket.customer_id), LOCALES["en"])):
        subject = tickets.numbered(gettext("Your request"), ticket.id)
        messages.write_to(uow, ticket_id, Address("email", message.address), _words(ticket, link), subject=subject)


def _fill_in(uow, ticket: tickets.Ticket, values: dict) -> None:
    """What does not fit any more, because its field was changed meanwhile, still stands in the message."""
    for of, owner in (("ticket", ticket.id), ("customer", ticket.customer_id)):
        known = {each.name for each in fields.all(uow, of)}
        given = {name: value for name, value in values.items() if name in known}
        try:
            fields.set_values(uow, of, owner, given)
        except Invalid as invalid:
            fields.set_values(uow, of, owner, {n: v for n, v in given.items() if n not in invalid.fields})


def _words(ticket: tickets.Ticket, link: str) -> str:
    """Nothing of what was typed: the address may be somebody else's."""
    number = isolate("#" + tickets.number_text(ticket.id))
    return "\n\n".join(
        [
            gettext("Hello,"),
            gettext(
                "We have your request %(number)s. Read our answers, add something or close it here:", number=number
            ),
            link,
            gettext("If you did not write to us, somebody typed your address by mistake. You need not do anything."),
        ]
    )
