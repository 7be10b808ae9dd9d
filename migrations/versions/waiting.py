"""Who is available, and the line of waiting people."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "waiting"
down_revision = "roles"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PLAIN = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)
OPEN, OVER = sa.text("state IN ('waiting', 'offered', 'taken')"), sa.text("ended_at IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "user_availability",
        sa.Column("user_id", NUMBER, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(60), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT),
        sa.Column("online", sa.Boolean(), nullable=False),
        sa.Column("idle_since", MOMENT, nullable=False),
        sa.Column("missed", NUMBER, nullable=False),
        sa.Column("capacity", PLAIN, nullable=False),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_user_availability")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_user_availability_user_id_user"), ondelete="CASCADE"
        ),
    )
    op.create_index(op.f("ix_user_availability_online"), "user_availability", ["online"])
    op.create_table(
        "waiting_entry",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("ticket_id", NUMBER, nullable=False),
        sa.Column("label", sa.String(200), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("joined_at", MOMENT, nullable=False),
        sa.Column("not_before", MOMENT),
        sa.Column("offered_id", NUMBER),
        sa.Column("offered_until", MOMENT),
        sa.Column("wanted_id", NUMBER),
        sa.Column("taken_id", NUMBER),
        sa.Column("taken_at", MOMENT),
        sa.Column("ended_at", MOMENT),
        sa.Column("outcome", sa.String(40), nullable=False),
        sa.Column("passed", PLAIN, nullable=False),
        sa.Column("data", PLAIN, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting_entry")),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_waiting_entry_ticket_id_ticket"), ondelete="CASCADE"
        ),
        *(
            sa.ForeignKeyConstraint(
                [name], ["user.id"], name=op.f(f"fk_waiting_entry_{name}_user"), ondelete="SET NULL"
            )
            for name in ("offered_id", "wanted_id", "taken_id")
        ),
    )
    is_open, over = ({"sqlite_where": where, "postgresql_where": where} for where in (OPEN, OVER))
    op.create_index("ix_waiting_entry_open", "waiting_entry", ["kind", "ticket_id"], unique=True, **is_open)
    op.create_index("ix_waiting_entry_line", "waiting_entry", ["joined_at", "id"], **is_open)
    op.create_index("ix_waiting_entry_ticket", "waiting_entry", ["ticket_id", "id"])
    op.create_index("ix_waiting_entry_over", "waiting_entry", ["kind", "ended_at"], **over)


def downgrade() -> None:
    op.drop_table("waiting_entry")
    op.drop_table("user_availability")
