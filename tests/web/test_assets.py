"""What a page is made of: only our files and the allowed ones, kept for ever under their hash, and nothing inline in
any template.
"""

import re
from pathlib import Path
from urllib.parse import urljoin

import pytest

from helpdesk.web import assets

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = [
    path
    for folder in ("helpdesk", "plugins", "training")
    for path in (ROOT / folder).rglob("*.html")
    if "templates" in path.parts
]
LETTER = (
    ROOT / "helpdesk/web/ticket/templates/ticket/body.html"
)  # a customer's letter: a document of its own, under its own policy


def test_files_are_kept_for_a_year_under_their_hash(client):
    answer = client.get(f"/assets/{client.application.extensions['assets']}/css/tokens.css")
    assert answer.status_code == 200
    assert "immutable" in answer.headers["Cache-Control"] and "public" in answer.headers["Cache-Control"]
    assert "no-cache" in client.get("/assets/000000000000/css/tokens.css").headers["Cache-Control"]


@pytest.mark.parametrize(
    "name",
    [
        "../assets.py",
        "css/../../assets.py",
        "%2e%2e/assets.py",
        "vendor/package.json",
        "vendor/../htmx.js",
        "vendor/htmx.org",
        "nothing.js",
        "",
    ],
)
def test_nothing_else_is_served(client, name):
    assert client.get(f"/assets/{client.application.extensions['assets']}/{name}").status_code in (302, 404)


@pytest.mark.skipif(not assets.PACKAGES.exists(), reason="no node packages")
@pytest.mark.parametrize("name", assets.VENDOR)
def test_packages_come_by_the_allow_list(client, name):
    answer = client.get(f"/assets/{client.application.extensions['assets']}/vendor/{name}")
    assert answer.status_code == 200
    assert answer.data and answer.data == (assets.PACKAGES / assets.VENDOR[name]).read_bytes()


@pytest.mark.parametrize(
    "path", [path for path in TEMPLATES if path != LETTER], ids=lambda path: path.relative_to(ROOT).as_posix()
)
def test_no_template_holds_script_or_style_of_its_own(path):
    text = path.read_text("utf-8")
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", text)
    assert all("src=" in tag or "application/json" in tag for tag in re.findall(r"<script[^>]*>", text))


def test_every_icon_that_is_asked_for_is_drawn():
    drawn = set(re.findall(r'id="i-([\w-]+)"', (assets.SHARED / "icons.svg").read_text("utf-8")))
    asked = set()
    for path in [*TEMPLATES, *(ROOT / "helpdesk/web").rglob("*.js"), *(ROOT / "helpdesk/web").rglob("*.py")]:
        asked |= set(re.findall(r'\b(?:icon|symbol)(?:\(|: |=)"([a-z][\w-]*[a-z])"', path.read_text("utf-8")))
    assert len(asked) > 30
    assert asked - drawn == set()


def test_every_style_sheet_stands_in_its_layer():
    """A rule outside all layers would win over every plugin's."""
    for path in (ROOT / "helpdesk/web").rglob("*.css"):
        text = re.sub(r"/\*.*?\*/", "", path.read_text("utf-8"), flags=re.DOTALL).strip()
        outside = re.fullmatch(
            r"(@layer tokens, components, features, plugins;\s*)?@layer (tokens|components|features) \{(.*)\}",
            text,
            re.DOTALL,
        )
        assert outside, path.name
        depths = [0]
        for sign in re.findall(r"[{}]", outside[3]):
            depths.append(depths[-1] + (1 if sign == "{" else -1))
        assert min(depths) == 0 == depths[-1], path.name


def test_a_script_or_style_of_a_feature_stands_beside_it_and_names_only_files_that_are_there(client):
    digest = client.application.extensions["assets"]
    assert {"queue", "ticket", "live", "keys", "admin", "customers"} <= assets.OF_FEATURES.keys()
    for feature, folder in assets.OF_FEATURES.items():
        for path in folder.iterdir():
            address = f"/assets/{digest}/{feature}/{path.name}"
            assert client.get(address).data == path.read_bytes(), address
            for name in re.findall(r'(?:from|import) "(\.[\w./]+)"', path.read_text("utf-8")):
                assert client.get(urljoin(address, name)).status_code == 200, (address, name)
