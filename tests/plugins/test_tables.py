"""The tables of the bundled plugins are the same by their migrations and by their models, on both databases."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from helpdesk.ops import migrate
from helpdesk.testing.desks import plain_runtime
from plugins.chat import tables as chat_tables
from plugins.form import tables as form_tables
from plugins.replies import tables as replies_tables
from plugins.sla import models as sla_tables
from plugins.social import many as social_tables
from training import tables as training_tables


@pytest.mark.parametrize(
    ("plugin", "base"),
    [
        ("chat", chat_tables.Base),
        ("form", form_tables.Base),
        ("replies", replies_tables.Base),
        ("sla", sla_tables.Base),
        ("training", training_tables.Base),
        ("social", social_tables.Base),
    ],
)
def test_models_and_migrations_agree(plugin, base, tmp_path, database_url):
    runtime = plain_runtime(tmp_path, plugin, database_url)
    migrate.upgrade(runtime)
    compared = runtime.engine.dialect.name == "postgresql"  # SQLite has one kind of whole number
    ours = {"include_name": lambda name, kind, _parents: kind != "table" or name in base.metadata.tables}
    with runtime.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": compared, **ours})
        assert compare_metadata(context, base.metadata) == []
    runtime.engine.dispose()
