"""The reference pages say what the code says, and no link in a page leads nowhere."""

import re
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]


@pytest.fixture(scope="module")
def reference():
    return runpy.run_path(str(ROOT / "tools/reference.py"))


@pytest.mark.parametrize("page", ["docs/hooks.md", "docs/events.md", "docs/settings.md"])
def test_reference_is_what_the_code_says(reference, page):
    assert (ROOT / page).read_text("utf-8") == reference["PAGES"][page](), "run: make docs"


def test_every_variable_that_is_read_is_described(reference):
    assert reference["read_variables"]() - reference["ENVIRONMENT"].keys() == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page):
    targets = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", page.read_text("utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []
