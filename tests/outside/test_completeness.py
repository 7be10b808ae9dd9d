"""The plugin outside the tree uses every hook and every module of the API, so that none is there for nobody."""

import ast
import pkgutil
from pathlib import Path

from helpdesk import api
from helpdesk.hooks import markers, specs

SOURCES = [ast.parse(path.read_text("utf-8")) for path in (Path(__file__).parent / "hamdel_stars").glob("*.py")]


def test_it_has_every_hook():
    hooks = {name for name, value in vars(specs).items() if hasattr(value, f"{markers.PROJECT}_spec")}
    plugin = ast.parse((Path(__file__).parent / "hamdel_stars/plugin.py").read_text("utf-8"))
    assert {node.name for node in plugin.body if isinstance(node, ast.FunctionDef)} == hooks


def test_it_imports_every_module_of_the_api_and_nothing_else_of_ours():
    modules = {module.name for module in pkgutil.iter_modules(api.__path__) if not module.name.startswith("_")}
    imported = set()
    for node in (
        node for source in SOURCES for node in ast.walk(source) if isinstance(node, ast.ImportFrom) and not node.level
    ):
        top, _dot, rest = (node.module or "").partition(".")
        if top == "helpdesk":
            assert rest == "api" or rest.startswith("api."), node.module
            imported |= (
                {rest[4:]} if rest != "api" else {alias.name for alias in node.names if alias.name != "hookimpl"}
            )
    assert imported == modules
