"""Settings and permissions of plugins: typed, checked, sealed, named after their plugin."""

from datetime import timedelta

import pytest
from marshmallow import Schema, fields, validate

from helpdesk.api import settings
from helpdesk.api.errors import Conflict, Forbidden, Invalid, NotFound
from helpdesk.api.permissions import Permission
from helpdesk.core.people.actors import actor_for
from helpdesk.core.permissions import Permissions
from helpdesk.core.settings.models import Setting
from helpdesk.core.settings.registry import KEPT, SettingsGroups


class Terms(Schema):
    days = fields.Integer(load_default=14, validate=validate.Range(1, 60))
    wait = fields.TimeDelta(load_default=timedelta(hours=1))
    key = settings.Secret(load_default="")


GROUP = settings.SettingsGroup("shop", "Shop", Terms)


@pytest.fixture
def shop(shop):
    shop.runtime.settings.register("shop", [GROUP])
    return shop


def test_there_are_settings_before_anybody_saved_some(shop):
    assert settings.read(shop.uow, "shop") == {"days": 14, "wait": timedelta(hours=1), "key": ""}


def test_what_is_written_is_read_with_its_type_and_the_rest_stays(shop):
    settings.write(shop.uow, "shop", {"wait": 60})
    settings.write(shop.uow, "shop", {"days": "20"})
    assert settings.read(shop.uow, "shop") == {"days": 20, "wait": timedelta(minutes=1), "key": ""}
    assert shop.events("settings.changed")[-1].data == {"group": "shop", "changed": ["days"]}


def test_a_secret_is_sealed_never_shown_and_kept(shop):
    settings.write(shop.uow, "shop", {"key": "hunter2"})
    assert "hunter2" not in str(shop.uow.session.get(Setting, "plugin:shop").value)
    assert settings.shown(shop.uow, "shop")["key"] == KEPT
    for given in ("", KEPT):
        settings.write(shop.uow, "shop", {"key": given, "days": 3})
        assert settings.read(shop.uow, "shop")["key"] == "hunter2"
    assert "hunter2" not in str([event.data for event in shop.events("settings.changed")])


def test_what_does_not_fit_is_refused_by_its_field_and_changes_nothing(shop):
    with pytest.raises(Invalid) as refused:
        settings.write(shop.uow, "shop", {"days": 99, "odd": 1})
    assert set(refused.value.fields) == {"days", "odd"}
    assert settings.read(shop.uow, "shop")["days"] == 14


def test_settings_are_the_admins(shop):
    for act in (
        lambda: settings.write(shop.as_agent, "shop", {"days": 3}),
        lambda: settings.shown(shop.as_agent, "shop"),
    ):
        with pytest.raises(Forbidden):
            act()


def test_a_plugin_that_is_off_has_none_and_keeps_what_was_saved(shop):
    settings.write(shop.uow, "shop", {"days": 3})
    shop.runtime.settings = SettingsGroups()
    with pytest.raises(NotFound):
        settings.read(shop.uow, "shop")
    shop.runtime.settings.register("shop", [GROUP])
    assert settings.read(shop.uow, "shop")["days"] == 3


def test_a_group_is_named_after_its_plugin_once():
    groups = SettingsGroups()
    groups.register("shop", [GROUP])
    with pytest.raises(Conflict):
        groups.register("shop", [GROUP])
    with pytest.raises(Invalid):
        groups.register("bank", [GROUP])


def test_a_permission_is_asked_of_the_actor(shop):
    agents = Permission("shop.ship", "Ship orders", frozenset({"agent"}))
    shop.runtime.permissions.register("shop", [agents, Permission("shop.refund", "Refund orders")])
    actor = actor_for(shop.uow.session, shop.agent, shop.runtime.permissions)
    actor.must("shop.ship")
    with pytest.raises(Forbidden):
        actor.must("shop.refund")
    assert {"shop.ship", "shop.refund"} <= shop.runtime.permissions.of("admin")


def test_a_permission_is_named_after_its_plugin_once_and_for_roles_that_exist():
    with pytest.raises(Invalid):
        Permission("shop.ship", "Ship", frozenset({"king"}))
    permissions = Permissions().register("shop", [Permission("shop.ship", "Ship")])
    with pytest.raises(Conflict):
        permissions.register("shop", [Permission("shop.ship", "Ship")])
    with pytest.raises(Invalid):
        permissions.register("shop", [Permission("tickets.steal", "Steal")])
