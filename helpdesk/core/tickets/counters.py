"""How many active tickets each queue and each person has: kept by triggers of the ticket table, in the very commit that
changes a ticket, so that nobody ever counts.

PostgreSQL runs them at the end of a commit, when writers stand in one line for the journal: two that change the same
counters never wait for each other crosswise.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import (
    DDL,
    ColumnElement,
    Integer,
    String,
    bindparam,
    cast,
    delete,
    event,
    func,
    insert,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from helpdesk.core.database.base import Base
from helpdesk.core.database.engine import snapshot
from helpdesk.core.database.locks import advisory_lock
from helpdesk.core.journal.unit_of_work import JOURNAL_LOCK, UnitOfWork

from .models import Ticket

QUEUE, USER = "queue", "user"
NONE = (0, 0, 0)
NOUGHT: tuple[ColumnElement[int], ...] = (literal_column("0"), literal_column("0"))


class TicketCount(Base):
    """The active tickets of a queue or (``scope`` user) of an assignee; of a queue also those with nobody, and those
    that wait for the customer.
    """

    __tablename__ = "ticket_count"
    scope: Mapped[str] = mapped_column(String(5), primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    active: Mapped[int] = mapped_column(default=0)
    unassigned: Mapped[int] = mapped_column(default=0)
    waiting: Mapped[int] = mapped_column(default=0)


_ADD = (
    "INSERT INTO ticket_count (scope, id, active, unassigned, waiting) SELECT {values} WHERE {where}"
    " ON CONFLICT (scope, id) DO UPDATE SET active = ticket_count.active + excluded.active,"
    " unassigned = ticket_count.unassigned + excluded.unassigned, waiting = ticket_count.waiting + excluded.waiting; "
)


def _moved(side: str, sign: str) -> str:
    """Count a side of a change (``new`` or ``old``) in or out: of its queue, and of its assignee."""
    unassigned, waiting = (
        f"{sign}(CASE WHEN {side}.{fact} THEN 1 ELSE 0 END)" for fact in ("assignee_id IS NULL", "status = 'waiting'")
    )
    of_queue = f"'queue', {side}.queue_id, {sign}1, {unassigned}, {waiting}"
    of_user = f"'user', {side}.assignee_id, {sign}1, 0, 0"
    return _ADD.format(values=of_queue, where=f"{side}.active") + _ADD.format(
        values=of_user, where=f"{side}.active AND {side}.assignee_id IS NOT NULL"
    )


_FACTS = ("active", "queue_id", "assignee_id", "status")
_DIFFERS = " OR ".join(f"old.{fact} IS {{distinct}} new.{fact}" for fact in _FACTS)
SQLITE = (
    f"CREATE TRIGGER ticket_counted_in AFTER INSERT ON ticket BEGIN {_moved('new', '')}END",
    f"CREATE TRIGGER ticket_counted_out AFTER DELETE ON ticket BEGIN {_moved('old', '-')}END",
    f"CREATE TRIGGER ticket_counted_anew AFTER UPDATE OF {', '.join(_FACTS)} ON ticket"
    f" WHEN {_DIFFERS.format(distinct='NOT')} BEGIN {_moved('old', '-')}{_moved('new', '')}END",
)
POSTGRESQL = (
    "CREATE FUNCTION count_ticket() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    f" IF TG_OP = 'UPDATE' AND NOT ({_DIFFERS.format(distinct='DISTINCT FROM')}) THEN RETURN NULL; END IF;"
    f" IF TG_OP <> 'INSERT' THEN {_moved('old', '-')}END IF;"
    f" IF TG_OP <> 'DELETE' THEN {_moved('new', '')}END IF;"
    " RETURN NULL; END $$",
    f"CREATE CONSTRAINT TRIGGER ticket_counted AFTER INSERT OR DELETE OR UPDATE OF {', '.join(_FACTS)} ON ticket"
    " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION count_ticket()",
)

for dialect, statements in (("sqlite", SQLITE), ("postgresql", POSTGRESQL)):
    for statement in statements:
        event.listen(Ticket.__table__, "after_create", DDL(statement).execute_if(dialect=dialect))  # type: ignore[no-untyped-call]
event.listen(
    Ticket.__table__,
    "after_drop",
    DDL("DROP FUNCTION IF EXISTS count_ticket()").execute_if(dialect="postgresql"),  # type: ignore[no-untyped-call]
)

KEPT = TicketCount.__table__.c
KEPT_QUERY = select(*KEPT).where(
    or_(
        (KEPT.scope == QUEUE) & KEPT.id.in_(bindparam("queues", expanding=True)),
        (KEPT.scope == USER) & (KEPT.id == bindparam("user")),
    )
)


def kept(uow: UnitOfWork, queues: Collection[int], user: int | None) -> dict[tuple[str, int], Any]:
    """{(scope, id): row} of these queues and this person; what has no row has no active ticket."""
    found = uow.session.connection().execute(KEPT_QUERY, {"queues": sorted(queues), "user": user})
    return {(row.scope, row.id): row for row in found}


def _counted() -> Any:
    """What the counters should be, by looking at every active ticket."""

    def those(condition: Any) -> Any:
        return func.sum(cast(condition, Integer))

    t = Ticket.__table__.c
    of_queues = select(
        cast(QUEUE, String(5)).label("scope"), t.queue_id.label("id"), func.count().label("active"),
        those(t.assignee_id.is_(None)).label("unassigned"), those(t.status == "waiting").label("waiting"),
    )  # fmt: skip
    of_users = select(cast(USER, String(5)), t.assignee_id, func.count(), *NOUGHT).where(t.assignee_id.is_not(None))
    return union_all(of_queues.where(t.active).group_by(t.queue_id), of_users.where(t.active).group_by(t.assignee_id))


def wrong(session: Session) -> int:
    """How many counters are not what they should be."""
    snapshot(session)
    right, now = ({tuple(row[:2]): tuple(row[2:]) for row in session.execute(q)} for q in (_counted(), select(*KEPT)))
    return sum(right.get(key, NONE) != now.get(key, NONE) for key in right.keys() | now.keys())


def mend(uow: UnitOfWork) -> int:
    """Count everything anew when a counter is wrong; how many were."""
    uow.session.rollback()
    found = wrong(uow.session)
    if found:
        with uow.writing() as session:
            advisory_lock(session, JOURNAL_LOCK)  # nobody else commits a change of a ticket meanwhile
            session.execute(delete(TicketCount))
            session.execute(insert(TicketCount).from_select([column.name for column in KEPT], _counted()))
    return found
