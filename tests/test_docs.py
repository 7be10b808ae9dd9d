"""The reference pages say what the code says, and no link in a page leads nowhere."""

import inspect
import re
import runpy
from pathlib import Path

import pytest

from helpdesk.web.live import event_list
from helpdesk.web.live.namespace import EVENTS

ROOT = Path(__file__).resolve().parents[1]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]


@pytest.fixture(scope="module")
def reference():
    return runpy.run_path(str(ROOT / "tools/reference.py"))


@pytest.mark.parametrize(
    "page", ["docs/hooks.md", "docs/events.md", "docs/settings.md", "docs/browser-events.md", "docs/api.md"]
)
def test_reference_is_what_the_code_says(reference, page):
    assert (ROOT / page).read_text("utf-8") == reference["PAGES"][page](), "run: make docs"


def test_everything_a_plugin_may_import_says_what_it_is_and_takes_a_typed_unit_of_work(reference):
    silent, untyped = [], []
    for place, module in reference["api_modules"]():
        for name in reference["public_names"](module):
            value = getattr(module, name)
            if not (inspect.isfunction(value) or inspect.isclass(value)) or value.__module__ == "builtins":
                continue
            silent += [] if (value.__doc__ or "").strip() else [f"{place}.{name}"]
            if inspect.isfunction(value) and "uow" in inspect.signature(value).parameters:
                annotation = inspect.signature(value).parameters["uow"].annotation
                untyped += [] if "UnitOfWork" in str(annotation) else [f"{place}.{name}"]
    assert (silent, untyped) == ([], [])


def named_in(folder, ending, pattern):
    """What a pattern finds in the files of a folder."""
    return {
        name for path in (ROOT / folder).rglob(f"*{ending}") for name in re.findall(pattern, path.read_text("utf-8"))
    }


def test_every_event_of_the_browser_is_listed_and_every_listed_one_is_there():
    scripts = "helpdesk/web"
    fired = named_in(scripts, ".js", r"(?:fire|tell)\((?:[^()\"]*\? )?\"([a-z]+:[a-z-]+)\"") | named_in(
        scripts, ".js", r"fire\([^)]*: \"([a-z]+:[a-z-]+)\""
    )
    fired |= named_in("helpdesk/web", ".py", r"fire\(\s*\"([a-z]+:[a-z-]+)\"")
    received = named_in(scripts, ".js", r"addEventListener\(\"((?!htmx)[a-z]+:[a-z-]+)\"")
    assert fired | received == event_list.IN_PAGE.keys()
    assert named_in(scripts, "live.js", r"socket\.on\(\"(?!connect|disconnect)(\w+)\"") == event_list.FROM_DESK.keys()
    assert named_in(scripts, ".js", r"socket\.emit\(\"(\w+)\"") == event_list.FROM_CONSOLE.keys() == set(EVENTS)


def test_every_variable_that_is_read_is_described(reference):
    assert reference["read_variables"]() - reference["ENVIRONMENT"].keys() == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page):
    targets = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", page.read_text("utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []
