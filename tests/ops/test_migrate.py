"""Migrations: up and down on both databases, in agreement with the models, whole or not at all, and plugins' chains
apart.
"""

import hashlib
import types

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.orm import Session

from helpdesk.core.database.base import Base, utcnow
from helpdesk.core.database.engine import make_engine
from helpdesk.core.errors import Unavailable
from helpdesk.core.people import api_tokens
from helpdesk.core.runtime import Runtime
from helpdesk.core.storage.blobs import Blobs
from helpdesk.hooks.loader import Hooks
from helpdesk.hooks.markers import API
from helpdesk.ops import migrate

SEARCH = {
    "message_words",
    "message_fts",
    "message_fts_config",
    "message_fts_data",
    "message_fts_docsize",
    "message_fts_idx",
}
FIRST = """
import sqlalchemy as sa
from alembic import op
revision = "0001"
down_revision = None
def upgrade():
    op.create_table("fax_line", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("number", sa.String(20)))
def downgrade():
    op.drop_table("fax_line")
"""
HALF = """
from alembic import op
revision = "0002"
down_revision = "0001"
def upgrade():
    op.execute("CREATE TABLE fax_page (id INTEGER PRIMARY KEY)")
    op.execute("INSERT INTO nowhere VALUES (1)")
"""


@pytest.fixture
def runtime(database_url, tmp_path):
    engine = make_engine(database_url)
    yield Runtime(None, engine, Hooks(), Blobs(tmp_path / "blobs"), None, parser=None)
    engine.dispose()


def tables(runtime):
    return set(inspect(runtime.engine).get_table_names()) - SEARCH


def with_plugin(runtime, tmp_path, **revisions):
    folder = tmp_path / "fax" / "migrations"
    folder.mkdir(parents=True, exist_ok=True)
    for name, source in revisions.items():
        (folder / f"{name}.py").write_text(source)
    module = types.ModuleType("fax_plugin")
    module.API, module.__file__ = API, str(tmp_path / "fax" / "plugin.py")
    return runtime.hooks.add("fax", module)


def test_up_and_down(runtime):
    assert migrate.check(runtime) == {"core": (None, migrate.chains(runtime)[0].head())}
    migrate.upgrade(runtime)
    assert tables(runtime) == set(Base.metadata.tables) | {"alembic_version"}
    assert migrate.check(runtime) == {}
    migrate.upgrade(runtime)
    migrate.downgrade(runtime, "base")
    assert tables(runtime) == {"alembic_version"}
    migrate.upgrade(runtime)
    assert migrate.check(runtime) == {}


def test_models_and_migrations_agree(runtime):
    migrate.upgrade(runtime)
    with runtime.engine.connect() as connection:
        known = set(Base.metadata.tables) | {
            index.name for table in Base.metadata.tables.values() for index in table.indexes
        }
        options = {
            "compare_type": True,
            "include_object": lambda item, name, kind, reflected, _: not reflected or name in known or kind == "column",
        }
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []


def test_search_is_made_as_the_models_make_it(database_url, runtime, tmp_path):
    if not database_url.startswith("sqlite"):
        query = "SELECT indexdef FROM pg_indexes WHERE indexname = 'ix_message_text_words'"
    else:
        query = (
            "SELECT sql FROM sqlite_master WHERE name LIKE 'message\\_%' ESCAPE '\\' AND type IN ('table', "
            "'trigger') ORDER BY name"
        )
    import helpdesk.core.tickets.search  # noqa: F401  (it hangs its tables onto the models')

    Base.metadata.create_all(runtime.engine)
    with runtime.engine.connect() as connection:
        by_models = [
            row for row in connection.scalars(text(query)) if "message_text_" in row or "fts" in row or "gin" in row
        ]
    with runtime.engine.begin() as connection:
        Base.metadata.drop_all(connection)
    migrate.upgrade(runtime)
    with runtime.engine.connect() as connection:
        by_migrations = [
            row for row in connection.scalars(text(query)) if "message_text_" in row or "fts" in row or "gin" in row
        ]
    assert by_models == by_migrations != []


@pytest.mark.clock
def test_s13_tokens_that_were_there_keep_working(runtime):
    migrate.upgrade(runtime)
    migrate.downgrade(runtime, "saved_views")
    person = {"email": "a@b.example", "name": "A", "role": "agent", "password_hash": "", "epoch": 0, "active": True}
    digest = hashlib.sha256(b"hd_old").hexdigest()
    with runtime.engine.begin() as connection:
        row = {**person, "language": "en", "preferences": "{}", "created_at": utcnow()}
        connection.execute(
            text(
                """INSERT INTO "user" (email, name, role, password_hash, epoch, active, language, preferences, created_at) VALUES
                (:email, :name, :role, :password_hash, :epoch, :active, :language, :preferences, :created_at)"""
            ),
            row,
        )
        connection.execute(
            text("INSERT INTO token (user_id, name, digest, created_at) VALUES (1, 'old', :digest, :at)"),
            {"digest": digest, "at": utcnow()},
        )
    migrate.upgrade(runtime)
    with Session(runtime.engine) as session:
        bearer = api_tokens.by_token(session, "hd_old")
        assert (bearer.user.email, bearer.token.scopes, bearer.token.expires_at) == ("a@b.example", None, None)


def test_a_plugin_has_a_chain_of_its_own(runtime, tmp_path):
    with_plugin(runtime, tmp_path, first=FIRST)
    migrate.upgrade(runtime)
    assert {"fax_line", "alembic_version_fax"} <= tables(runtime)
    runtime.hooks = Hooks()
    migrate.upgrade(runtime)
    assert migrate.check(runtime) == {}, "a plugin that is gone stops nothing"
    with_plugin(runtime, tmp_path)
    migrate.downgrade(runtime, "base", "fax")
    assert "fax_line" not in tables(runtime) and "ticket" in tables(runtime)


def test_a_plugin_whose_revision_fails_is_switched_off_and_leaves_no_half(runtime, tmp_path):
    plugin = with_plugin(runtime, tmp_path, first=FIRST, second=HALF)
    migrate.upgrade(runtime)
    assert plugin.state == "refused" and "could not be brought up to date" in plugin.reason
    assert not {"fax_line", "fax_page"} & tables(runtime)
    assert migrate.check(runtime) == {}


def test_a_database_of_a_newer_desk_is_a_sentence(runtime):
    migrate.upgrade(runtime)
    with runtime.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Unavailable, match="another version"):
        migrate.upgrade(runtime)


def test_foreign_keys_are_watched_again_after_an_upgrade(runtime):
    migrate.upgrade(runtime)
    if runtime.engine.dialect.name == "sqlite":
        with runtime.engine.connect() as connection:
            assert connection.scalar(text("PRAGMA foreign_keys")) == 1
