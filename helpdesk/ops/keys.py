"""Exchanging the desk's secret key. A desk opens all its secrets after each step, wherever the process ends."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, NamedTuple

from sqlalchemy import inspect, select

from helpdesk import key_ring
from helpdesk.api.tables import SEALED, PluginTable
from helpdesk.config import OLD_KEYS
from helpdesk.core.accounts.models import Account
from helpdesk.core.database.base import utcnow
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
