"""The channel of forms: posts come in from the plugin's own pages; answers go by another way, mostly by e-mail."""

from __future__ import annotations

from collections.abc import Iterator

from marshmallow import Schema, fields, validate

from helpdesk.api.channels import Accepts, Address, Attachments, Channel, Inbound, RawMessage, Step
from helpdesk.api.errors import _

from . import posts


class Form(Channel):
    """People type their address, which proves nothing; a link that was sent there does."""

    name = "form"
    label = _("Contact form")
    icon = "form"
    address = "email"
    accepts = Accepts(attachments=Attachments(), replies=False)
    handed_over = True

    class Settings(Schema):
        """What stands against spam, and whether the sender is written to."""

        confirm = fields.Boolean(
            load_default=True,
            metadata={
                "label": _("Confirm by e-mail"),
                "help": _("With a link to the request. It repeats nothing of what was written."),
            },
        )
        difficulty = fields.Integer(
            load_default=15,
            validate=validate.Range(0, 22),
            metadata={
                "label": _("Work of the sender's browser, in bits"),
                "help": _("Each bit doubles it: 15 takes a phone about half a second. 0 asks for none."),
            },
        )

    def parse(self, raw_message: RawMessage) -> Inbound:
        """The post; one that looks like spam is filed silently, with the reason."""
        post, files = posts.load(raw_message.raw)
        lines = [f"{label}{'' if label.endswith(('?', '؟')) else ':'} {value}" for label, value in post.lines]
        return Inbound(
            Address(
                self.address,
                post.email.lower(),
                post.name,
                spelling=post.email if post.email != post.email.lower() else "",
            ),
            text="\n\n".join(part for part in (post.text, "\n".join(lines)) if part),
            subject=post.subject,
            external_id=post.id,
            fingerprint=raw_message.external_id,
            thread=post.thread,
            files=files,
            form="form",
            language=post.language,
            automatic="bulk" if post.marks else "",
            authentic=True if post.proved else None,
            typed=not post.proved,
            remarks=post.marks,
            details={
                "form": {
                    "id": post.id,
                    "thread": post.thread,
                    "topic": post.topic,
                    "queue": post.queue,
                    "values": post.values,
                }
            },
        )

    def check(self) -> Iterator[Step]:
        """There is nothing outside to try."""
        yield Step(_("Everything is there. The form's address stands under Forms."))
