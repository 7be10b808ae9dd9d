"""Alembic's entry: runs or compares one chain of revisions on the connection of ``helpdesk.ops.migrate``."""

from alembic import context

given = context.config.attributes
context.configure(
    connection=given["connection"],
    target_metadata=given.get("metadata"),
    version_table=given["version_table"],
    render_as_batch=True,
    transactional_ddl=True,
    compare_type=True,
    include_object=given.get("include"),
    render_item=given.get("render", lambda *_: False),
)
with context.begin_transaction():
    context.run_migrations()
