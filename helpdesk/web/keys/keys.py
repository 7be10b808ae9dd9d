"""Which physical key does what: the desk's own table, the pages of the navigation, and what somebody chose instead.

A key is named as browsers do (``KeyJ``: the place where a Latin board has the J), so that a Persian layout changes
nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from flask import g

from helpdesk.core.errors import Invalid, NotFound, _
from helpdesk.i18n import gettext
from helpdesk.web import current_user
from helpdesk.web.queue.navigation import page_links

GO = "KeyG"
KNOWN = re.compile(r"Key([A-Z])|Digit([0-9])")
MARKS = {
    "Backquote": "`",
    "Backslash": "\\",
    "BracketLeft": "[",
    "BracketRight": "]",
    "Comma": ",",
    "Equal": "=",
    "Minus": "-",
    "Period": ".",
    "Quote": "'",
    "Semicolon": ";",
    "Slash": "/",
}


@dataclass(frozen=True)
class Key:
    """What one key does. ``after`` is the key pressed before it; ``inside`` fields it works with Alt held; ``fixed``
    ones stay as they are.
    """

    id: str
    label: Callable[[], str]
    code: str = ""
    shift: bool = False
    after: str = ""
    inside: bool = True
    fixed: str = ""

    @property
    def place(self) -> tuple:
        """What no two may have in common."""
        return self.after, self.shift, self.code

    def caps(self, *held: str) -> str:
        """How it is written on a page."""
        return " ".join(filter(None, [*held, cap(self.after), "Shift" if self.shift else "", cap(self.code)]))

    def plain(self) -> dict:
        """What a page's script needs of it."""
        within = self.caps("Alt") if self.inside and self.code else self.fixed if self.fixed.startswith("Ctrl") else ""
        written = {"label": self.label(), "outside": self.caps() or self.fixed, "within": within}
        return {
            "id": self.id,
            "code": self.code,
            "shift": self.shift,
            "after": self.after,
            "inside": self.inside,
        } | written


TABLE = (
    Key("next", lambda: gettext("Next ticket"), "KeyJ"),
    Key("previous", lambda: gettext("Previous ticket"), "KeyK"),
    Key("new", lambda: gettext("New ticket"), "KeyC", inside=False),
    Key("reply", lambda: gettext("Reply"), "KeyR"),
    Key("note", lambda: gettext("Internal note"), "KeyN"),
    Key("way", lambda: gettext("Answer by…"), "KeyW"),
    Key("outcome", lambda: gettext("Enter the outcome…"), "KeyO", inside=False),
    Key("resolve", lambda: gettext("Resolve"), "KeyE"),
    Key("resolve-next", lambda: gettext("Resolve and go to the next"), "KeyE", shift=True),
    Key("assign", lambda: gettext("Assign to…"), "KeyA"),
    Key("take", lambda: gettext("Take it"), "KeyI"),
    Key("queue", lambda: gettext("Move to a queue…"), "KeyQ"),
    Key("priority", lambda: gettext("Priority…"), "KeyP"),
    Key("tags", lambda: gettext("Tags…"), "KeyL", inside=False),
    Key("snooze", lambda: gettext("Snooze…"), "KeyZ"),
    Key("undo", lambda: gettext("Take the last reply back"), "KeyU", inside=False),
    Key("copy-number", lambda: gettext("Copy the number"), "Period", inside=False),
    Key("copy-link", lambda: gettext("Copy the address"), "Comma", inside=False),
    Key("send", lambda: gettext("Send"), fixed="Ctrl ↵"),
    Key("select", lambda: gettext("Select this ticket"), "KeyX", inside=False),
    Key("select-next", lambda: gettext("Extend the selection downwards"), "KeyJ", shift=True, inside=False),
    Key("select-previous", lambda: gettext("Extend the selection upwards"), "KeyK", shift=True, inside=False),
    Key("clear", lambda: gettext("Clear the selection"), fixed="Esc"),
    Key("go-mine", lambda: gettext("Go to my queue"), "KeyQ", after=GO, inside=False),
    Key("go-unassigned", lambda: gettext("Go to the unassigned"), "KeyU", after=GO, inside=False),
    Key("go-all", lambda: gettext("Go to all open tickets"), "KeyA", after=GO, inside=False),
    Key("go-snoozed", lambda: gettext("Go to the snoozed"), "KeyZ", after=GO, inside=False),
    Key("go-line", lambda: gettext("Go to the line"), "KeyL", after=GO, inside=False),
    Key("palette", lambda: gettext("Search or command"), fixed="Ctrl K"),
    Key("keys", lambda: gettext("All keys"), fixed="?"),
)
TAKEN = {
    ("", False, GO): _("This key begins the keys that go to a page."),
    ("", True, "Slash"): _("This key shows all keys."),
}


def cap(code: str) -> str:
    """What stands on a key of a Latin board; "" for a code we do not bind."""
    found = KNOWN.fullmatch(code)
    return MARKS.get(code, "") if found is None else found[1] or found[2]


def bound() -> list[Key]:
    """All keys as the reader of this page has them; read once for each page."""
    if "keys" not in g:
        own = (current_user().preferences or {}).get("keys") or {}
        g.keys = [replace(key, code=own.get(key.id, key.code)) for key in _table()]
    return g.keys


def page_keys() -> list[dict]:
    """All keys for the page's script."""
    return [key.plain() for key in bound()]


def key_of(key_id: str) -> str:
    """How the reader's key for this is written."""
    return next((key.caps() for key in bound() if key.id == key_id), "")


def rebound(key_id: str, code: str) -> dict[str, str]:
    """The reader's own keys once this one is bound to ``code`` (to the desk's own with ""); Invalid when it is
    another's.
    """
    default = next((key for key in _table() if key.id == key_id and not key.fixed), None)
    if default is None:
        raise NotFound()
    wanted = replace(default, code=code or default.code)
    if not cap(wanted.code):
        raise Invalid(_("Please choose a letter, a digit or a punctuation mark."))
    if wanted.place in TAKEN:
        raise Invalid(TAKEN[wanted.place])
    other = next((key for key in bound() if key.place == wanted.place and key.id != key_id), None)
    if other:
        raise Invalid(
            _("This key is taken already: %(act)s. Choose another one, or change that one first."), act=other.label()
        )
    own = {key.id: key.code for key in bound() if key.id != key_id} | {key_id: wanted.code}
    return {key.id: own[key.id] for key in _table() if key.code and own[key.id] != key.code}


def _table() -> list[Key]:
    """The desk's table and the pages that plugins put into the navigation with a key of their own."""
    links = [
        Key(f"go-{link.key}", lambda link=link: link.label, link.go, after=GO, inside=False)
        for link in page_links()
        if cap(link.go)
    ]
    return [*TABLE, *links]
