"""What a page's form says of custom fields, in the form in which they are checked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from .types import Field

PREFIX = "field-"  # of the names of a form's inputs


class Form(Protocol):
    """A form as a request carries it."""

    def get(self, key: str) -> str | None:
        """The first value of a name."""

    def getlist(self, key: str) -> list[str]:
        """All values of a name."""


def from_form(fields: Iterable[Field], form: Form, prefix: str = PREFIX) -> dict[str, Any]:
    """{name: what was typed or chosen}; "" for what was left empty or is not there."""
    return {
        each.name: form.getlist(prefix + each.name) if each.kind == "choices" else form.get(prefix + each.name) or ""
        for each in fields
    }
