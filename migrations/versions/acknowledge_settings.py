"""The switch of acknowledgements is a setting of its plugin."""

from alembic import op

revision = "acknowledge_settings"
down_revision = "attempt_outcomes"


def upgrade() -> None:
    op.execute("UPDATE setting SET name = 'plugin:acknowledge' WHERE name = 'acknowledge'")


def downgrade() -> None:
    op.execute("UPDATE setting SET name = 'acknowledge' WHERE name = 'plugin:acknowledge'")
