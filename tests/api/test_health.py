"""Checks and gauges of plugins: asked with the desk's own, faults kept against the plugin."""

import types

import pytest
from prometheus_client import REGISTRY, generate_latest

from helpdesk.api import API
from helpdesk.api.errors import Conflict, Invalid, Misconfigured
from helpdesk.api.health import Check, Metric
from helpdesk.app import build_runtime
from helpdesk.config import from_environment
from helpdesk.core.observed import Observed
from helpdesk.ops.health import findings
from helpdesk.testing import databases
from helpdesk.web.health import metrics


@pytest.fixture
def runtime(tmp_path):
    """A desk whose tables are those of its revisions, with a plugin named "shop"."""
    runtime = build_runtime(
        from_environment({"HELPDESK_DATA_DIR": str(tmp_path), "HELPDESK_PLUGINS": "", "HELPDESK_SECRET_KEY": "k"})
    )
    databases.upgrade(runtime)
    runtime.hooks.add("shop", types.SimpleNamespace(API=API))
    yield runtime
    runtime.engine.dispose()


def asked(runtime):
    return {finding.part: finding.sentence for finding in findings(runtime) if finding.part.startswith("shop")}


def test_a_check_is_asked_with_the_desks_own(runtime):
    said = []
    runtime.checks.register("shop", [Check("stock", lambda uow: said[-1] if said else None)])
    assert asked(runtime) == {"shop.stock": ""}
    said.append(Misconfigured("The shop is closed."))
    assert asked(runtime) == {"shop.stock": "The shop is closed."}


def test_a_check_that_fails_is_the_plugins_fault(runtime):
    runtime.checks.register("shop", [Check("stock", lambda uow: 1 / 0)])
    assert asked(runtime) == {"shop.stock": ""}
    assert "ZeroDivisionError" in runtime.hooks.plugins["shop"].faults[0][1]


def test_a_gauge_is_read_when_asked(shop):
    shop.plugin()
    shop.runtime.metrics.register(
        "shop",
        [Metric("orders", "Orders", lambda uow: {("new",): 3}, ("state",)), Metric("odd", "Odd", lambda uow: 1 / 0)],
    )
    metrics._ask_plugins(shop.uow)
    assert b'hamdel_shop_orders{state="new"} 3.0' in generate_latest(REGISTRY)
    assert "ZeroDivisionError" in shop.faults()[0][1]


def test_a_name_is_one_and_once():
    observed = Observed()
    observed.register("shop", [Check("stock", print)])
    with pytest.raises(Conflict):
        observed.register("shop", [Check("stock", print)])
    with pytest.raises(Invalid):
        observed.register("shop", [Check("Stock!", print)])
