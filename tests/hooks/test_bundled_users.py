"""Every hook has a bundled user, so that none is there for nobody and each shows how it is meant."""

import pytest

from helpdesk.builtin import BUILTINS
from helpdesk.config import bundled
from helpdesk.hooks import markers, specs
from helpdesk.hooks.loader import Hooks

HOOKS = sorted(name for name, value in vars(specs).items() if hasattr(value, f"{markers.PROJECT}_spec"))


@pytest.fixture(scope="module")
def users():
    """{hook: names of the built-ins and bundled plugins that use it}"""
    hooks = Hooks()
    for name, module in BUILTINS.items():
        hooks.add(name, module, builtin=True)
    hooks.load(bundled())
    assert all(plugin.state == "on" for plugin in hooks.plugins.values())
    return {
        hook: [name for name, plugin in hooks.plugins.items() if hasattr(getattr(plugin.module, hook, None), f"{markers.PROJECT}_impl")]
        for hook in HOOKS
    }  # fmt: skip


@pytest.mark.parametrize("hook", HOOKS)
def test_a_hook_has_a_bundled_user(users, hook):
    assert users[hook], "a hook that nothing bundled uses is not proven"
