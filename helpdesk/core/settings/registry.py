"""The settings of plugins: groups declared with ``register_settings``, read and written with types, secrets sealed
and never shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from marshmallow import Schema

from helpdesk.core.channels.kept_secrets import KEPT, refuse_moved
from helpdesk.core.channels.types import Secret
from helpdesk.core.database.rows import upsert
from helpdesk.core.errors import NotFound, _
from helpdesk.core.events.intake import SettingsChanged
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.registry import Registry
from helpdesk.core.validation_messages import load_settings

from .models import Setting

PREFIX = "plugin:"  # of a group's row in the table of settings


@dataclass(frozen=True)
class SettingsGroup:
    """The settings of one plugin. ``schema`` is a marshmallow schema (``metadata`` of fields: label, help, group,
    placeholder).

    Every field has a ``load_default``, so that there are settings before anybody saved some. ``permission`` is what
    changing them needs.
    """

    name: str
    label: str
    schema: type[Schema]
    permission: str = "settings"

    @property
    def secrets(self) -> frozenset[str]:
        """The names of its secret fields."""
        return frozenset(name for name, field in self.schema().fields.items() if isinstance(field, Secret))


class SettingsGroups(Registry[SettingsGroup]):
    """All groups of one runtime by name."""

    FOREIGN = _("The settings %(name)s must have the name of their plugin, %(owner)s.")
    TAKEN = _("There are two groups of settings named %(name)s.")

    @staticmethod
    def belongs(name: str, owner: str) -> bool:
        """True for the plugin's name, and for "plugin.what"."""
        return name.split(".", 1)[0] == owner

    def check_item(self, item: SettingsGroup) -> None:
        """Raise Invalid for a group without a default for each field."""
        load_settings(item.schema, {})


def read(uow: UnitOfWork, name: str) -> dict[str, Any]:
    """The settings of a group with their types and defaults, secrets in the clear. NotFound while its plugin is off."""
    group = _group(uow, name)
    stored = _stored(uow, group)
    opened = {
        field: uow.runtime.secret_box.open(value) if field in group.secrets and value else value
        for field, value in stored.items()
    }
    return load_settings(group.schema, opened)


def shown(uow: UnitOfWork, name: str) -> dict[str, Any]:
    """The settings of a group as a form shows them: plain JSON, a secret shows only that it is there."""
    group = _group(uow, name)
    uow.actor.must(group.permission)
    stored = _stored(uow, group)
    plain = group.schema().dump(
        load_settings(group.schema, {field: value for field, value in stored.items() if field not in group.secrets})
    )
    return cast(dict[str, Any], plain) | {field: KEPT if stored.get(field) else "" for field in group.secrets}


def write(uow: UnitOfWork, name: str, given: Mapping[str, Any]) -> None:
    """Change settings of a group, given as plain JSON; what is left out stays, and so does a secret that is empty or
    shown as kept. None brings a setting back to its default.

    Raises Invalid with a sentence for each field that does not fit.
    """
    group = _group(uow, name)
    uow.actor.must(group.permission)
    changed = {
        field: value for field, value in given.items() if not (field in group.secrets and value in ("", KEPT, None))
    }
    with uow.writing() as session:
        before = _stored(uow, group)
        wanted = {f: v for f, v in {**before, **changed}.items() if v is not None}
        loaded = load_settings(
            group.schema, {f: v for f, v in wanted.items() if f not in group.secrets or f in changed}
        )
        plain = group.schema().dump(loaded)
        sealed = {f: uow.runtime.secret_box.seal(plain[f]) for f in group.secrets if changed.get(f)}
        kept = {f: before[f] for f in group.secrets if before.get(f)}
        refuse_moved(group.schema, before, plain, kept.keys() - sealed.keys())
        unset = group.schema().dump(
            load_settings(group.schema, {})
        )  # a default need not be a value its own field takes
        own = {f: value for f, value in plain.items() if f not in group.secrets and value != unset[f]}
        after = own | kept | sealed
        upsert(session, Setting, {"name": PREFIX + name}, {"value": after})
        names = sorted(f for f in {*after, *before} if after.get(f) != before.get(f))
        uow.record(SettingsChanged(group=name, changed=names))


def _group(uow: UnitOfWork, name: str) -> SettingsGroup:
    group = uow.runtime.settings.get(name)
    if group is None:
        raise NotFound()
    return cast(SettingsGroup, group)


def _stored(uow: UnitOfWork, group: SettingsGroup) -> dict[str, Any]:
    """What is stored of the fields that the schema has today."""
    row = uow.session.get(Setting, PREFIX + group.name, populate_existing=True)
    return {field: value for field, value in (row.value if row else {}).items() if field in group.schema().fields}
