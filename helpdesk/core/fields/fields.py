"""Defining custom fields, and reading and writing their values."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from helpdesk.core.accounts.addresses import phone_region
from helpdesk.core.database.rows import add, row_count, upsert
from helpdesk.core.errors import Conflict, Invalid, NotFound, _, dump_message
from helpdesk.core.events.people import CustomerChanged
from helpdesk.core.events.tickets import FieldDefined, TicketFields
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.tickets import customers
from helpdesk.core.tickets.visibility import visible_ticket

from .checking import UNFIT, UNKNOWN, cleaned
from .models import CustomField, FieldValue
from .types import OWNERS, SCHEMA, Field, checked, load

MOST = 200  # fields of a desk
COLUMNS = {"ticket": FieldValue.ticket_id, "customer": FieldValue.customer_id}
READ = {"ticket": "tickets.read", "customer": "customers.read"}
WRITE = {"ticket": "tickets.write", "customer": "customers.write"}


def all_fields(uow: UnitOfWork, of: str | None = None, retired: bool = False) -> list[Field]:
    """The desk's fields in their order; those that are retired only when asked for."""
    query = select(CustomField).order_by(CustomField.position, CustomField.id)
    if of is not None:
        query = query.where(CustomField.of == of)
    if not retired:
        query = query.where(~CustomField.retired)
    return [_field(row) for row in uow.session.scalars(query)]


def get(uow: UnitOfWork, name: str) -> Field:
    """A field by its name; NotFound when there is none."""
    row = uow.session.scalar(select(CustomField).where(CustomField.name == name))
    if row is None:
        raise NotFound()
    return _field(row)


def save(uow: UnitOfWork, given: Field) -> Field:
    """Define a field, or change the one of this name. Its owner and, once it has values, its kind stay."""
    uow.actor.must("settings")
    given = checked(given)
    with uow.writing() as session:
        known = {each.name: each for each in all_fields(uow, retired=True)}
        before = known.get(given.name)
        _refuse_change(uow, before, given)
        _refuse_condition(given, known)
        if before is None and len(known) >= MOST:
            raise Conflict(_("A desk has at most %(most)s fields."), most=MOST)
        plain = given.dump() | {"shown_if": given.dump()["shown_if"] or {}}
        if before is None:
            last = session.scalar(select(func.max(CustomField.position))) or 0
            add(session, CustomField, **plain | {"position": given.position or last + 1})
        else:
            position = given.position or before.position
            session.execute(
                update(CustomField).where(CustomField.name == given.name).values(plain | {"position": position})
            )
        uow.record(FieldDefined(field=given.name))
    return get(uow, given.name)


def _refuse_change(uow: UnitOfWork, before: Field | None, given: Field) -> None:
    if before is None:
        return
    if before.of != given.of:
        raise Invalid(UNFIT, {"of": _("A field stays with tickets or with customers.")})
    if before.kind != given.kind and _used(uow.session, given.name):
        raise Invalid(UNFIT, {"kind": _("It has values already, so its kind stays. Retire it and make another one.")})


def _used(session: Session, name: str) -> bool:
    query = select(FieldValue.id).join(CustomField, CustomField.id == FieldValue.field_id)
    return session.scalar(query.where(CustomField.name == name).limit(1)) is not None


def _refuse_condition(given: Field, known: Mapping[str, Field]) -> None:
    """A field is asked for by one that there is and that does not depend on it in turn."""
    after, seen = given.shown_if, {given.name}
    while after is not None:
        other = known.get(after.field)
        if other is None or after.field in seen:
            raise Invalid(UNFIT, {"shown_if": _("Please choose another field, one that does not depend on this one.")})
        seen.add(after.field)
        after = other.shown_if


def remove(uow: UnitOfWork, name: str) -> None:
    """Delete a field with all its values. Conflict while another one is asked for by it."""
    uow.actor.must("settings")
    with uow.writing() as session:
        if any(each.shown_if and each.shown_if.field == name for each in all_fields(uow, retired=True)):
            raise Conflict(_("Another field is asked for by this one. Change that first."))
        if not row_count(session.execute(delete(CustomField).where(CustomField.name == name))):
            raise NotFound()
        uow.record(FieldDefined(field=name))


def values(uow: UnitOfWork, of: str, owner_id: int) -> dict[str, Any]:
    """{name: value} of a ticket or customer that the actor may see, those of retired fields too."""
    _owner(uow, of, owner_id, READ)
    return values_of(uow.session, of, [owner_id]).get(owner_id, {})


def values_of(session: Session, of: str, owner_ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """The same for several owners in one query, by their id; who may see them is the caller's to ask."""
    owner = COLUMNS[of]
    query = (
        select(owner, CustomField.name, FieldValue.value)
        .join(CustomField, CustomField.id == FieldValue.field_id)
        .where(owner.in_(owner_ids))
        .order_by(CustomField.position, CustomField.id)
    )
    found: dict[int, dict[str, Any]] = {}
    for owner_id, name, value in session.execute(query):
        found.setdefault(owner_id, {})[name] = value
    return found


def set_values(uow: UnitOfWork, of: str, owner_id: int, given: Mapping[str, Any]) -> dict[str, Any]:
    """Write some values of a ticket or customer, None for none; returns all of them.

    Invalid with a sentence for each that does not fit: then nothing is written.
    """
    with uow.writing() as session:
        _owner(uow, of, owner_id, WRITE)
        before = values_of(session, of, [owner_id]).get(owner_id, {})
        made = _checked_values(uow, of, given)
        changed = {name: value for name, value in made.items() if before.get(name) != value}
        if changed:
            _store(uow, of, owner_id, changed)
            names = sorted(changed)
            uow.record(
                TicketFields(ticket_id=owner_id, fields=names) if of == "ticket" else CustomerChanged(customer=owner_id)
            )
        after = before | made
    return {name: value for name, value in after.items() if value is not None}


def _checked_values(uow: UnitOfWork, of: str, given: Mapping[str, Any]) -> dict[str, Any]:
    known, made, wrong = {each.name: each for each in all_fields(uow, of)}, {}, {}
    for name, value in given.items():
        if name not in known:
            wrong[str(name)[:40]] = UNKNOWN
            continue
        try:
            made[name] = cleaned(known[name], value, phone_region(uow))
        except Invalid as error:
            wrong[name] = dump_message(error)
    if wrong:
        raise Invalid(UNFIT, wrong)
    return made


def _store(uow: UnitOfWork, of: str, owner_id: int, changed: Mapping[str, Any]) -> None:
    query = select(CustomField.name, CustomField.id).where(CustomField.name.in_(changed))
    ids = {row.name: row.id for row in uow.session.execute(query)}
    owner = COLUMNS[of]
    for name, value in changed.items():
        if value is None:
            uow.session.execute(delete(FieldValue).where(FieldValue.field_id == ids[name], owner == owner_id))
        else:
            keys = {"field_id": ids[name], owner.key: owner_id}
            upsert(uow.session, FieldValue, keys, {"value": value, "at": uow.clock()})


def merge_customers(session: Session, source_id: int, target_id: int) -> None:
    """Give ``target`` what it lacks of the values of ``source``. Inside ``writing``."""
    theirs = select(FieldValue.field_id).where(FieldValue.customer_id == target_id).scalar_subquery()
    of_source = FieldValue.customer_id == source_id
    move = update(FieldValue).where(of_source, FieldValue.field_id.not_in(theirs)).values(customer_id=target_id)
    session.execute(move, execution_options={"synchronize_session": False})
    session.execute(delete(FieldValue).where(of_source), execution_options={"synchronize_session": False})


def _owner(uow: UnitOfWork, of: str, owner_id: int, rights: Mapping[str, str]) -> None:
    """NotFound unless the actor sees this ticket or customer, Forbidden without the right."""
    if of not in OWNERS:
        raise Invalid(_("A field is of tickets or of customers."))
    if of == "ticket":
        visible_ticket(uow, owner_id, rights[of])
    else:
        uow.actor.must(rights[of])
        customers.get(uow, owner_id)


def _field(row: CustomField) -> Field:
    return load({name: getattr(row, name) for name in SCHEMA})
