"""A plugin from a package of its own, by its entry point: what it declares is registered, a wrong one is refused and the desk starts."""

import sys

import pytest

from helpdesk.app import build_runtime, create_app
from helpdesk.builtin import BUILTINS
from helpdesk.config import from_environment
from helpdesk.core.errors import load_message

PLUGIN = '''
from dataclasses import dataclass
from datetime import timedelta

from marshmallow import Schema, fields

from helpdesk.api import hookimpl
from helpdesk.api.events import DomainEvent
from helpdesk.api.health import Check, Metric
from helpdesk.api.jobs import Every, JobKind
from helpdesk.api.permissions import Permission
from helpdesk.api.rules import Action, Condition, tickets
from helpdesk.api.settings import SettingsGroup

API = "{api}"

class Terms(Schema):
    days = fields.Integer(load_default=14)

@dataclass(frozen=True, kw_only=True)
class Shipped(DomainEvent, kind="{name}.shipped", label="Order shipped"):
    """An order left."""

PARTS = dict(
    permissions=[Permission("stall.ship", "Ship orders")],
    settings=[SettingsGroup("stall", "Stall", Terms)],
    events=[Shipped],
    conditions=[Condition("stall.vip", "VIP", fields.Boolean(), lambda value, scope: tickets.c.id > 0)],
    actions=[Action("stall.ship", "Ship", fields.Integer(), lambda ticket_id, value: [])],
    jobs=[JobKind("stall.count", lambda uow, job: None, schedule=Every(timedelta(hours=1)))],
    checks=[Check("stock", lambda uow: None)],
    metrics=[Metric("orders", "Orders", lambda uow: {{}})],
)
for _name, _items in PARTS.items():
    exec(f"@hookimpl\\ndef register_{{_name}}(): return PARTS[{{_name!r}}]")
'''


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """installed(api="1", …) puts a package with the entry point "stall" on the path and builds a desk that wants it."""
    built = []

    def install(api="1", name="stall", **environment):
        folder = tmp_path / f"site{len(built)}"
        (folder / "stall_for_tests").mkdir(parents=True)
        (folder / "stall_for_tests/__init__.py").write_text(PLUGIN.format(api=api, name=name))
        about = folder / "stall_for_tests-1.dist-info"
        about.mkdir()
        (about / "METADATA").write_text("Metadata-Version: 2.1\nName: stall-for-tests\nVersion: 1\n")
        (about / "entry_points.txt").write_text("[helpdesk.plugins]\nstall = stall_for_tests\n")
        monkeypatch.syspath_prepend(str(folder))
        monkeypatch.delitem(sys.modules, "stall_for_tests", raising=False)
        data = {"HELPDESK_DATA_DIR": str(tmp_path / "desk"), "HELPDESK_PLUGINS": "stall", "HELPDESK_SECRET_KEY": "k"}
        built.append(build_runtime(from_environment({**data, **environment})))
        return built[-1]

    yield install
    for runtime in built:
        runtime.engine.dispose()


def brought(runtime):
    """What each registry has of the plugin."""
    registries = [
        runtime.permissions,
        runtime.settings,
        runtime.events,
        runtime.conditions,
        runtime.actions,
        runtime.jobs,
    ]
    return [sorted(name for name in each if name.startswith("stall")) for each in registries] + [
        sorted(each) for each in (runtime.checks, runtime.metrics)
    ]


def test_everything_it_declares_is_registered(installed):
    runtime = installed()
    assert runtime.hooks.plugins["stall"].state == "on"
    assert brought(runtime) == [
        ["stall.ship"],
        ["stall"],
        ["stall.shipped"],
        ["stall.vip"],
        ["stall.ship"],
        ["stall.count"],
        [("stall", "stock")],
        [("stall", "orders")],
    ]


@pytest.mark.parametrize("api", ["2", "0.9", "", "None"])
def test_another_contract_is_refused_with_its_reason_and_the_desk_starts(installed, api):
    runtime = installed(api=api)
    plugin = runtime.hooks.plugins["stall"]
    assert plugin.state == "refused" and "contract" in str(load_message(plugin.reason))
    assert not any(brought(runtime))
    assert create_app(runtime=runtime).test_client().get("/healthz").status_code == 200


def test_safe_mode_starts_with_the_built_ins_only(installed):
    runtime = installed(HELPDESK_SAFE_MODE="1")
    assert {name for name, plugin in runtime.hooks.plugins.items() if plugin.state == "on"} == set(BUILTINS)
    assert not any(brought(runtime))


def test_a_name_that_is_not_the_plugins_stops_the_start_and_names_it(installed):
    with pytest.raises(Exception, match="stall"):
        installed(name="bank")
