"""Tables of plugins: named after them, changed by the API only, there in backups when the plugin is gone, deleted by
a purge.
"""

import types
from datetime import datetime

import pytest
from click.testing import CliRunner
from sqlalchemy import inspect, select, text
from sqlalchemy.orm import Mapped

from helpdesk.api import API, tables, tickets
from helpdesk.app import build_runtime
from helpdesk.cli.main import cli
from helpdesk.config import from_environment
from helpdesk.core.accounts.models import Account
from helpdesk.core.errors import Conflict
from helpdesk.core.people.models import Customer, Queue
from helpdesk.core.settings.models import Setting
from helpdesk.core.tickets.models import Ticket
from helpdesk.hooks.loader import Hooks
from helpdesk.ops import migrate
from helpdesk.ops.backup import backup, restore

FIRST = """
import sqlalchemy as sa
from alembic import op
revision = "orders"
down_revision = None
def upgrade():
    op.create_table("shop_order", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("number", sa.String(40), unique=True),
        sa.Column("ticket_id", sa.Integer(), sa.ForeignKey("ticket.id", ondelete="CASCADE")), sa.Column("at", sa.DateTime(timezone=True)))
def downgrade():
    op.drop_table("shop_order")
"""

Base = tables.base("shop")


class Order(Base):
    __tablename__ = "shop_order"
    id: Mapped[int] = tables.key()
    number: Mapped[str]
    ticket_id: Mapped[int | None] = tables.reference("ticket", ondelete="CASCADE")
    at: Mapped[datetime]


NOW = datetime.fromisoformat("2026-03-21T00:00:00+00:00")


def built(folder, url=""):
    runtime = build_runtime(
        from_environment(
            {
                "HELPDESK_DATA_DIR": str(folder),
                "HELPDESK_PLUGINS": "",
                "HELPDESK_SECRET_KEY": "k",
                "HELPDESK_DATABASE_URL": url,
            }
        )
    )
    return runtime


@pytest.fixture
def add_shop(tmp_path):
    """add_shop(runtime) switches the plugin on."""
    folder = tmp_path / "shop" / "migrations"
    folder.mkdir(parents=True)
    (folder / "orders.py").write_text(FIRST)

    def add(runtime):
        module = types.ModuleType("shop_plugin")
        module.API, module.__file__ = API, str(folder.parent / "plugin.py")
        return runtime.hooks.add("shop", module)

    return add


@pytest.fixture
def runtime(tmp_path, database_url, add_shop):
    runtime = built(tmp_path / "desk", database_url)
    add_shop(runtime)
    migrate.upgrade(runtime)
    with runtime.uow() as uow, uow.writing() as session:
        session.add_all(
            [Queue(id=1, name="Q"), Customer(id=1, name="Mina"), Account(id=1, channel="letters", name="A", queue_id=1)]
        )
        session.flush()
        session.add(Ticket(id=1, subject="x", queue_id=1, customer_id=1, account_id=1, channel="letters"))
    yield runtime
    runtime.engine.dispose()


def names(runtime):
    return {name for name in inspect(runtime.engine).get_table_names() if "shop" in name}


def test_rows_are_inserted_changed_and_deleted_by_the_api(runtime):
    with runtime.uow() as uow:
        number = tables.insert(uow, Order, number="5", ticket_id=1, at=NOW)
        assert tables.insert_new(uow, Order, number="5", ticket_id=None, at=NOW) is False
        tables.put(uow, Order, {"number": "6"}, ticket_id=1, at=NOW)
        assert tables.update(uow, Order, Order.number == "6", ticket_id=None) == 1
        rows = uow.session.scalars(select(Order).order_by(Order.id)).all()
        assert [(row.number, row.ticket_id, row.at) for row in rows] == [("5", 1, NOW), ("6", None, NOW)]
        assert tables.delete(uow, Order, Order.id == number) == 1
        with pytest.raises(TypeError):
            tables.update(uow, Ticket, Ticket.id == 1, subject="mine")


def test_rows_are_steps_too(runtime):
    with runtime.uow() as uow:
        with pytest.raises(Conflict), uow.writing():
            tickets.apply(uow, [tickets.Step(tables.insert, Order, number="7", ticket_id=1, at=NOW)])
            raise Conflict("no")
        assert uow.session.scalars(select(Order)).all() == []


def test_a_table_is_named_after_its_plugin():
    with pytest.raises(ValueError, match="shop_"):
        type(
            "Ticket",
            (tables.base("shop"),),
            {"__tablename__": "ticket_thing", "__annotations__": {"id": Mapped[int]}, "id": tables.key()},
        )


def test_the_foreign_key_holds_after_the_core_moved_on(runtime):
    """Revisions of the core may rebuild its tables; what points to them goes on pointing there."""
    with runtime.uow() as uow:
        tables.insert(uow, Order, number="5", ticket_id=1, at=NOW)
    heads = [chain for chain in migrate.chains(runtime) if chain.name == migrate.CORE]
    migrate.downgrade(runtime, "-1")
    migrate.upgrade(runtime)
    assert migrate.check(runtime) == {} and heads
    (key,) = inspect(runtime.engine).get_foreign_keys("shop_order")
    assert (key["referred_table"], key["referred_columns"]) == ("ticket", ["id"])
    with runtime.uow() as uow:
        with uow.writing() as session:
            session.execute(text("DELETE FROM ticket WHERE id = 1"))
        assert uow.session.scalars(select(Order)).all() == []


def test_backups_hold_its_rows_also_when_it_is_off(runtime, tmp_path, add_shop):
    with runtime.uow() as uow:
        tables.insert(uow, Order, number="5", ticket_id=1, at=NOW)
    runtime.hooks = Hooks()
    about = backup(runtime, tmp_path / "backup")
    assert about["tables"]["shop_order"] == 1
    other = built(tmp_path / "other")
    add_shop(other)
    restore(other, tmp_path / "backup")
    with other.uow() as uow:
        assert [(row.number, row.ticket_id, row.at) for row in uow.session.scalars(select(Order))] == [("5", 1, NOW)]
    other.engine.dispose()


def test_a_restored_desk_keeps_them_until_the_plugin_comes_back(runtime, tmp_path, add_shop):
    with runtime.uow() as uow:
        tables.insert(uow, Order, number="5", ticket_id=1, at=NOW)
    runtime.hooks = Hooks()
    backup(runtime, tmp_path / "backup")
    other = built(tmp_path / "other")
    restore(other, tmp_path / "backup")
    backup(other, tmp_path / "again")
    add_shop(other)
    assert migrate.check(other) == {}
    with other.uow() as uow:
        assert [(row.number, row.ticket_id, row.at) for row in uow.session.scalars(select(Order))] == [("5", 1, NOW)]
    other.engine.dispose()


def test_a_purge_deletes_what_it_left_and_nothing_else(runtime):
    with runtime.uow() as uow, uow.writing() as session:
        session.add_all([Setting(name="plugin:shop", value={}), Setting(name="plugin:shopping", value={})])
    with pytest.raises(Conflict):
        migrate.purge(runtime, "shop")
    runtime.hooks = Hooks()
    migrate.upgrade(runtime)
    assert names(runtime) == {"shop_order", "alembic_version_shop"}
    assert migrate.purge(runtime, "shop") == ["shop_order"]
    assert names(runtime) == set()
    with runtime.uow() as uow:
        assert uow.session.scalars(select(Setting.name)).all() == ["plugin:shopping"]
    assert migrate.purge(runtime, "ticket") == [] and "ticket" in inspect(runtime.engine).get_table_names()


def test_the_command_asks_first(runtime):
    runtime.hooks = Hooks()
    commands = types.SimpleNamespace(runtime=runtime)
    assert "shop_order" in CliRunner().invoke(cli, ["plugins", "purge", "shop"], obj=commands, input="n\n").output
    assert "shop_order" in names(runtime)
    CliRunner().invoke(cli, ["plugins", "purge", "shop", "--yes"], obj=commands)
    assert names(runtime) == set()
