"""Exchanging the desk's secret key. A desk opens all its secrets after each step, wherever the process ends."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, NamedTuple

from sqlalchemy import Column, MetaData, String, Table, inspect, select, update

from helpdesk import key_ring
from helpdesk.api.tables import SEALED, PluginTable
from helpdesk.config import OLD_KEYS
from helpdesk.core.accounts.models import Account
from helpdesk.core.database.base import Base, utcnow
from helpdesk.core.errors import Conflict, Misconfigured, _
from helpdesk.core.failpoints import failpoint
from helpdesk.core.runtime import Runtime
from helpdesk.core.settings.models import Setting
from helpdesk.key_ring import KeyRing
from helpdesk.security.secret_box import MARK, SecretBox

PLACES = ((Account, Account.id, "settings"), (Setting, Setting.name, "value"))


class Sealed(NamedTuple):
    """How many stored secrets were sealed anew, and how many no key of the ring opens."""

    anew: int
    lost: int


def rotate(runtime: Runtime, accepted: timedelta) -> Sealed:
    """Exchange the secret key and seal all stored secrets with the new one; signatures of the old one count for
    ``accepted``. No process of the desk may run meanwhile: it would know the old key alone.

    A key in the environment is exchanged there: Conflict, with what to do, until the old one stands in the variable for
    older keys.
    """
    ring = KeyRing(runtime.config.secret_key, runtime.config.older_keys)
    if runtime.config.key_given:
        if not ring.older:
            sentence = _(
                "The secret key comes from %(name)s. Please put its present value into %(older)s and a new one into "
                "%(name)s, then run this command again."
            )
            raise Conflict(sentence, name="HELPDESK_SECRET_KEY", older=OLD_KEYS)
        return _seal_anew(runtime, ring)
    ring = ring.rotated(utcnow() + accepted)
    key_ring.replace(runtime.data_dir / "secret.key", ring)
    failpoint("key.replaced")
    return _seal_anew(runtime, ring)


def forget(runtime: Runtime) -> Sealed:
    """Accept older keys no longer. What one of them still seals, because a rotation broke off, is sealed anew first.

    Those in the environment count until they are taken out of it.
    """
    sealed = _seal_anew(runtime, KeyRing(runtime.config.secret_key, runtime.config.older_keys))
    if not runtime.config.key_given:
        key_ring.replace(runtime.data_dir / "secret.key", KeyRing(runtime.config.secret_key))
    return sealed


def _seal_anew(runtime: Runtime, ring: KeyRing) -> Sealed:
    box, total = SecretBox(ring.current, [old.key for old in ring.older]), Sealed(0, 0)
    for model, key, column in (*PLACES, *_of_plugins(runtime)):
        with runtime.uow() as uow:
            keys = uow.session.scalars(select(key).order_by(key)).all()
        for row_key in keys:
            anew, lost = _seal_row(runtime, box, model, row_key, column)
            failpoint("key.sealed")
            total = Sealed(total.anew + anew, total.lost + lost)
    for table, column in _of_plugins_that_are_off(runtime):
        anew, lost = _seal_column(runtime, box, table, column)
        total = Sealed(total.anew + anew, total.lost + lost)
    return total


def _of_plugins(runtime: Runtime) -> list[tuple[Any, Any, str]]:
    """The same of the tables of plugins: columns made by ``tables.sealed``."""
    known = set(inspect(runtime.engine).get_table_names())
    mapped = [each for base in PluginTable.__subclasses__() for each in base.__subclasses__()]
    return [
        (model, inspect(model).primary_key[0], column.key)
        for model in mapped
        if model.__tablename__ in known
        for column in inspect(model).columns
        if column.info.get(SEALED)
    ]


def _of_plugins_that_are_off(runtime: Runtime) -> list[tuple[Table, Column[Any]]]:
    """The text columns of tables whose plugin is switched off or gone: nobody says which of them hold secrets, but the
    mark of a sealed value does.
    """
    metadata, inspector = MetaData(), inspect(runtime.engine)
    mapped = {mapper.local_table.name for base in (Base, *PluginTable.__subclasses__()) for mapper in _mappers(base)}
    tables = [
        Table(name, metadata, autoload_with=runtime.engine)
        for name in inspector.get_table_names()
        if name not in mapped
    ]
    return [
        (table, column)
        for table in tables
        if len(table.primary_key) > 0
        for column in table.columns
        if isinstance(column.type, String) and not column.primary_key
    ]


def _mappers(base: Any) -> list[Any]:
    return list(base.registry.mappers)


def _seal_column(runtime: Runtime, box: SecretBox, table: Table, column: Column[Any]) -> Sealed:
    keys, anew, lost = list(table.primary_key), 0, 0
    with runtime.uow() as uow:
        rows = uow.session.execute(select(*keys, column).where(column.startswith(MARK, autoescape=True))).all()
    for *known, value in rows:
        try:
            sealed = box.seal_anew(value)
        except Misconfigured:
            lost += 1
            continue
        if sealed != value:
            where = [key == one for key, one in zip(keys, known, strict=True)]
            with runtime.uow() as uow, uow.writing() as session:
                session.execute(update(table).where(*where, column == value).values({column: sealed}))
            anew += 1
        failpoint("key.sealed")
    return Sealed(anew, lost)


def _seal_row(runtime: Runtime, box: SecretBox, model: type, row_key: Any, column: str) -> Sealed:
    with runtime.uow() as uow, uow.writing() as session:
        row = session.get(model, row_key, with_for_update=True)
        kept = getattr(row, column) if row else {}
        values = dict(kept) if isinstance(kept, dict) else {column: kept}
        anew, lost = {}, 0
        for name in [name for name, value in values.items() if isinstance(value, str) and value.startswith(MARK)]:
            try:
                anew[name] = box.seal_anew(values[name])
            except Misconfigured:
                lost += 1
        anew = {name: value for name, value in anew.items() if value != values[name]}
        if anew:
            setattr(row, column, values | anew if isinstance(kept, dict) else anew[column])
    return Sealed(len(anew), lost)
