"""Clocks of tickets, and the place of tickets without one. A target that runs becomes a clock of the next answer; its minutes stay the queue's."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "clocks"
down_revision = "sign_in_tries"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PLAIN = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)
UNDER_WAY, DUE = sa.text("state IN ('pending', 'running', 'paused')"), sa.text("due_at IS NOT NULL")

# Which clock it is: of the first answer where nobody has answered yet. It began when its queue's minutes before the target began.
COPY = """
INSERT INTO clock (ticket_id, name, state, revision, started_at, running_since, spans, used, target_at, due_at, reasons)
SELECT ticket.id, CASE WHEN EXISTS (SELECT 1 FROM message WHERE message.ticket_id = ticket.id AND message.kind = 'out'
    AND message.automatic = '' AND NOT message.withdrawn) THEN 'next_answer' ELSE 'first_answer' END,
    'running', 0, {began}, {began}, '[]', 0, ticket.target_at, ticket.target_at, '{{}}'
FROM ticket JOIN queue ON queue.id = ticket.queue_id
WHERE ticket.target_at < {never} AND ticket.status IN ('open', 'pending') AND ticket.merged_into_id IS NULL
"""
BEGAN = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f', ticket.target_at, '-' || queue.target_minutes || ' minutes') || '000'",
    "postgresql": "ticket.target_at - queue.target_minutes * interval '1 minute'",
}
NEVER = {"sqlite": "'9999-01-01 00:00:00.000000'", "postgresql": "timestamptz '9999-01-01 00:00:00+00'"}


def upgrade() -> None:
    op.create_table(
        "clock",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("ticket_id", NUMBER, nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("revision", NUMBER, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("running_since", MOMENT),
        sa.Column("spans", PLAIN, nullable=False),
        sa.Column("used", NUMBER, nullable=False),
        sa.Column("goal", NUMBER),
        sa.Column("target_at", MOMENT),
        sa.Column("warn_at", MOMENT),
        sa.Column("due_at", MOMENT),
        sa.Column("warned_at", MOMENT),
        sa.Column("breached_at", MOMENT),
        sa.Column("ended_at", MOMENT),
        sa.Column("reasons", PLAIN, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock")),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_clock_ticket_id_ticket"), ondelete="CASCADE"
        ),
    )
    under_way, due = ({"sqlite_where": where, "postgresql_where": where} for where in (UNDER_WAY, DUE))
    op.create_index("ix_clock_under_way", "clock", ["ticket_id", "name"], unique=True, **under_way)
    op.create_index("ix_clock_ticket", "clock", ["ticket_id", "id"])
    op.create_index("ix_clock_due", "clock", ["due_at", "id"], **due)
    dialect = op.get_bind().dialect.name
    op.execute(sa.text(COPY.format(began=BEGAN[dialect], never=NEVER[dialect]).replace(":", r"\:")))


def downgrade() -> None:
    op.drop_table("clock")
