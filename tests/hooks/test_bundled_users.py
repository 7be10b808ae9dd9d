"""Every hook has a bundled user, so that none is there for nobody and each shows how it is meant."""

import ast
from pathlib import Path

import pytest

from helpdesk.builtin import BUILTINS
from helpdesk.config import bundled
from helpdesk.hooks import specs
from helpdesk.hooks.loader import Hooks

HOOKS = sorted(name for name, value in vars(specs).items() if hasattr(value, f"{specs.PROJECT}_spec"))
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def users():
    """{hook: names of the built-ins and bundled plugins that use it}"""
    hooks = Hooks()
    for name, module in BUILTINS.items():
        hooks.add(name, module, builtin=True)
    hooks.load(bundled())
    assert all(plugin.state == "on" for plugin in hooks.plugins.values())
    return {
        hook: [name for name, plugin in hooks.plugins.items() if hasattr(getattr(plugin.module, hook, None), f"{specs.PROJECT}_impl")]
        for hook in HOOKS
    }  # fmt: skip


@pytest.mark.parametrize("hook", HOOKS)
def test_a_hook_has_a_bundled_user(users, hook):
    assert users[hook], "a hook that nothing bundled uses is not proven"


def test_built_ins_and_bundled_plugins_import_the_api_and_nothing_else_of_ours():
    places = {"helpdesk/builtin": ("helpdesk.api",), **{f"plugins/{name}": ("helpdesk.api",) for name in bundled()}}
    for folder, allowed in places.items():
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                names = [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
                names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                ours = [name for name in names if name.partition(".")[0] in ("helpdesk", "plugins", "training")]
                assert all(name.startswith(allowed) for name in ours), f"{path}: {ours}"
