"""How many active tickets each queue and each person has, kept by triggers; filled from the tickets that are there."""

import sqlalchemy as sa
from alembic import op

revision = "ticket_counts"
down_revision = "draft_choices"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ADD = (
    "INSERT INTO ticket_count (scope, id, active, unassigned, waiting) SELECT {values} WHERE {where}"
    " ON CONFLICT (scope, id) DO UPDATE SET active = ticket_count.active + excluded.active,"
    " unassigned = ticket_count.unassigned + excluded.unassigned, waiting = ticket_count.waiting + excluded.waiting; "
)


def moved(side, sign):
    unassigned, waiting = (
        f"{sign}(CASE WHEN {side}.{fact} THEN 1 ELSE 0 END)" for fact in ("assignee_id IS NULL", "status = 'waiting'")
    )
    of_queue = f"'queue', {side}.queue_id, {sign}1, {unassigned}, {waiting}"
    of_user = f"'user', {side}.assignee_id, {sign}1, 0, 0"
    return ADD.format(values=of_queue, where=f"{side}.active") + ADD.format(
        values=of_user, where=f"{side}.active AND {side}.assignee_id IS NOT NULL"
    )


FACTS = ("active", "queue_id", "assignee_id", "status")
DIFFERS = " OR ".join(f"old.{fact} IS {{distinct}} new.{fact}" for fact in FACTS)
SQLITE = (
    f"CREATE TRIGGER ticket_counted_in AFTER INSERT ON ticket BEGIN {moved('new', '')}END",
    f"CREATE TRIGGER ticket_counted_out AFTER DELETE ON ticket BEGIN {moved('old', '-')}END",
    f"CREATE TRIGGER ticket_counted_anew AFTER UPDATE OF {', '.join(FACTS)} ON ticket"
    f" WHEN {DIFFERS.format(distinct='NOT')} BEGIN {moved('old', '-')}{moved('new', '')}END",
)
POSTGRESQL = (
    "CREATE FUNCTION count_ticket() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    f" IF TG_OP = 'UPDATE' AND NOT ({DIFFERS.format(distinct='DISTINCT FROM')}) THEN RETURN NULL; END IF;"
    f" IF TG_OP <> 'INSERT' THEN {moved('old', '-')}END IF;"
    f" IF TG_OP <> 'DELETE' THEN {moved('new', '')}END IF;"
    " RETURN NULL; END $$",
    f"CREATE CONSTRAINT TRIGGER ticket_counted AFTER INSERT OR DELETE OR UPDATE OF {', '.join(FACTS)} ON ticket"
    " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION count_ticket()",
)
FILL = """
INSERT INTO ticket_count (scope, id, active, unassigned, waiting)
SELECT 'queue', queue_id, count(*), sum(CASE WHEN assignee_id IS NULL THEN 1 ELSE 0 END), sum(CASE WHEN status = 'waiting' THEN 1 ELSE 0 END)
FROM ticket WHERE active GROUP BY queue_id
UNION ALL SELECT 'user', assignee_id, count(*), 0, 0 FROM ticket WHERE active AND assignee_id IS NOT NULL GROUP BY assignee_id
"""


def upgrade() -> None:
    op.create_table(
        "ticket_count",
        sa.Column("scope", sa.String(5), nullable=False),
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("active", NUMBER, nullable=False),
        sa.Column("unassigned", NUMBER, nullable=False),
        sa.Column("waiting", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("scope", "id", name=op.f("pk_ticket_count")),
    )
    op.execute(FILL)
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in ("ticket_counted_in", "ticket_counted_out", "ticket_counted_anew"):
            op.execute(f"DROP TRIGGER {name}")
    else:
        op.execute("DROP TRIGGER ticket_counted ON ticket")
        op.execute("DROP FUNCTION count_ticket()")
    op.drop_table("ticket_count")
