"""Custom fields of tickets and customers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "custom_fields"
down_revision = "waiting"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PLAIN = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "custom_field",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("of", sa.String(10), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("label", PLAIN, nullable=False),
        sa.Column("help", PLAIN, nullable=False),
        sa.Column("options", PLAIN, nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("shown_if", PLAIN, nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.Column("position", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custom_field")),
        sa.UniqueConstraint("name", name=op.f("uq_custom_field_name")),
    )
    op.create_table(
        "field_value",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("field_id", NUMBER, nullable=False),
        sa.Column("ticket_id", NUMBER),
        sa.Column("customer_id", NUMBER),
        sa.Column("value", PLAIN, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        *[
            sa.ForeignKeyConstraint(
                [f"{short}_id"], [f"{table}.id"], name=op.f(f"fk_field_value_{short}_id_{table}"), ondelete="CASCADE"
            )
            for short, table in (("field", "custom_field"), ("ticket", "ticket"), ("customer", "customer"))
        ],
        sa.PrimaryKeyConstraint("id", name=op.f("pk_field_value")),
        sa.UniqueConstraint("field_id", "ticket_id", name="uq_field_value_ticket"),
        sa.UniqueConstraint("field_id", "customer_id", name="uq_field_value_customer"),
    )
    for column in ("ticket_id", "customer_id"):
        op.create_index(op.f(f"ix_field_value_{column}"), "field_value", [column])


def downgrade() -> None:
    op.drop_table("field_value")
    op.drop_table("custom_field")
