"""An address that a card claims while another customer has it."""

import sqlalchemy as sa
from alembic import op

revision = "identity_claims"
down_revision = "overdue_clocks"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Every address that is there is its customer's."""
    with op.batch_alter_table("identity") as batch:
        batch.add_column(sa.Column("claim", NUMBER, nullable=False, server_default="0"))
        batch.drop_constraint(op.f("uq_identity_kind"), type_="unique")
        batch.create_unique_constraint(op.f("uq_identity_kind"), ["kind", "address", "claim"])


def downgrade() -> None:
    """What is only claimed goes."""
    op.execute("DELETE FROM identity WHERE claim <> 0")
    with op.batch_alter_table("identity") as batch:
        batch.drop_constraint(op.f("uq_identity_kind"), type_="unique")
        batch.create_unique_constraint(op.f("uq_identity_kind"), ["kind", "address"])
        batch.drop_column("claim")
