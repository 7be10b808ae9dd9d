"""A form as a page shows it and as it comes back: what every form asks for, and the custom fields of its topic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import request

from helpdesk.api import accounts, fields, settings
from helpdesk.api.channels import File
from helpdesk.api.errors import Invalid
from helpdesk.api.fields import Field
from helpdesk.api.i18n import current, gettext, named

from . import topics
from .tables import Topic

OWN = ("your_name", "your_email", "your_subject", "your_message")
PREFILLED = {name.removeprefix("your_"): name for name in OWN}
FILES, BYTES = 5, 20_000_000  # files of a post, and their bytes together


@dataclass
class Asked:
    """A form for one topic (None: the plain one) of an account."""

    account: accounts.Account
    topic: Topic | None
    own: list[Field]
    custom: list[Field]

    @property
    def files(self) -> bool:
        """True when files may be sent along."""
        return self.topic is None or self.topic.files

    @property
    def label(self) -> str:
        """What it is about, in the reader's language."""
        return words(self.topic.label) if self.topic else ""


def words(texts: dict[str, str]) -> str:
    """The text in the reader's language, else in another."""
    return texts.get(current.get().language) or next(iter(texts.values()), "")


def of(uow, account: accounts.Account, topic: Topic | None) -> Asked:
    """The form of a topic."""
    wanted = topic.fields if topic else []
    known = {each.name: each for each in fields.all(uow)}
    return Asked(account, topic, _own(), [known[name] for name in wanted if name in known])


def _own() -> list[Field]:
    here = current.get().language
    kinds = ("text", "email", "text", "long_text")
    labels = (gettext("Your name"), gettext("Your e-mail address"), gettext("Subject"), gettext("Your message"))
    return [
        Field(name=name, kind=kind, label={here: label}, required=name in ("your_email", "your_message"))
        for name, kind, label in zip(OWN, kinds, labels, strict=True)
    ]


def prefilled(asked: Asked) -> dict[str, Any]:
    """What a link fills in: ``?email=…&subject=…``, and custom fields by their names."""
    known = {each.name: each for each in asked.custom}
    found: dict[str, Any] = {}
    for name, value in request.args.items(multi=True):
        if name in PREFILLED:
            found[PREFILLED[name]] = value[:2000]
        elif name in known:
            found[name] = [*found.get(name, []), value[:200]] if known[name].kind == "choices" else value[:2000]
    return found


def checked(uow, asked: Asked, given: dict[str, Any]) -> dict[str, Any]:
    """The values that fit; Invalid with a sentence for each field that does not."""
    region = settings.read(uow, "phones")["region"]
    return fields.check([*asked.own, *asked.custom], given, region)


def has_uploads() -> bool:
    """True when files came along."""
    return any(upload.filename for upload in request.files.getlist("files"))


def uploads() -> list[File]:
    """The files that came along; Invalid where they are too many or too large."""
    found = [upload for upload in request.files.getlist("files") if upload.filename]
    if len(found) > FILES:
        raise Invalid(gettext("Please send %(most)s files at most.", most=FILES))
    files = [
        File(upload.filename[-200:], upload.mimetype or "application/octet-stream", content=upload.read())
        for upload in found
    ]
    if sum(len(file.content) for file in files) > BYTES:
        raise Invalid(gettext("These files are too large: %(most)s MB together at most.", most=BYTES // 1_000_000))
    return files


def read_as_people(asked: Asked, values: dict[str, Any]) -> list[list[str]]:
    """[label, value] of the custom fields, in the language they were asked in."""
    return [[words(dict(each.label)), _text(each, values[each.name])] for each in asked.custom if each.name in values]


def _text(each: Field, value: Any) -> str:
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    labels = {option.value: words(dict(option.label)) or option.value for option in each.options}
    chosen = value if isinstance(value, list) else [value]
    return gettext(", ").join(labels.get(one, str(one)) for one in chosen)


def title(account: accounts.Account) -> str:
    """The name of the form's account, in the reader's language."""
    return named(account.name)


def topic_of(uow, account: accounts.Account, name: str) -> tuple[list[Topic], Topic | None]:
    """The topics of a form, and the one of this name: the only one where there is but one, None where there is none."""
    known = topics.of_account(uow, account.id)
    if not name and len(known) == 1:
        return known, known[0]
    return known, next((topic for topic in known if topic.name == name), None)
