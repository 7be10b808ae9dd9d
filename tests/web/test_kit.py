"""The page kit: pages of both kinds, signed links, files, parts of the console and REST operations of a plugin."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from marshmallow import Schema, fields

from helpdesk.api.web import Column, ComposerTool, DeskPages, Link, Panel, PublicPages, Rest, open_link, signed_link
from helpdesk.app import create_app
from helpdesk.core.errors import Invalid, NotFound
from helpdesk.core.people import api_tokens
from helpdesk.hooks.markers import hookimpl
from helpdesk.web.kit.pages import Misplaced

TEMPLATES = {
    "page.html": '{% extends "kit/page.html" %}{% block title %}Probe{% endblock %}{% block main %}<p>for {{ who }}</p>{% '
    "endblock %}",
    "public.html": '{% extends "kit/public.html" %}{% block title %}Open{% endblock %}{% block styles %}'
    "<link rel=stylesheet href=\"{{ static_url('x/probe/probe.css') }}\">{% endblock %}"
    "{% block main %}<p>hello {{ who }}</p>{% endblock %}",
    "panel.html": "<p>ticket {{ number }} {{ words }}</p>",
    "cell.html": '<span class="tag" title="{{ title }}">{{ value.stars }} stars</span>',
}


class Rating(Schema):
    stars = fields.Integer(required=True)


class Probe:
    """A plugin of all parts. ``asked`` counts what its column was asked for."""

    API = "1"

    def __init__(self, folder):
        self.__file__ = str(folder / "plugin.py")
        self.asked = []
        (folder / "templates/probe").mkdir(parents=True)
        (folder / "static").mkdir()
        for name, text in TEMPLATES.items():
            (folder / "templates/probe" / name).write_text(text)
        (folder / "static/probe.css").write_text(".probe { color: red; }")
        (folder / "static/probe.js").write_text("export {};")

    @hookimpl
    def register_pages(self):
        from flask import render_template, request

        inside, outside = (
            DeskPages("probe", __name__, permission="settings"),
            PublicPages("probe_public", __name__, limit="5 per minute", largest=100),
        )
        inside.get("/")(lambda uow: render_template("probe/page.html", who=uow.actor.role))
        inside.add_url_rule("/write", "write", lambda: "written", methods=["POST"])
        outside.add_url_rule("/hello", "hello", lambda uow: render_template("probe/public.html", who=uow.actor.name))
        outside.add_url_rule("/say", "say", lambda: request.form["text"], methods=["POST"])
        return [inside, outside, self._framed()]

    def _framed(self):
        framed = PublicPages("probe_framed", __name__, embedded=True)
        framed.add_url_rule("/framed", "framed", lambda: "framed")
        return framed

    @hookimpl
    def register_rest(self):
        rest = Rest(permission="settings")
        rest.endpoint("GET", "/ratings/<int:number>", "A rating", Rating)(lambda uow, number: {"stars": number})
        rest.endpoint("POST", "/ratings", "Rate", Rating, body=Rating, status=201, permission="tickets.read")(
            lambda given: given
        )
        return [rest]

    @hookimpl
    def register_panels(self):
        panel = Panel(
            name="first",
            title="First panel",
            template="probe/panel.html",
            load=lambda uow, ticket_id: {"number": ticket_id, "words": "<script>"},
        )
        absent = Panel(
            name="absent", title="Absent panel", template="probe/panel.html", load=lambda uow, ticket_id: None
        )
        broken = Panel(
            name="broken", title="Broken panel", template="probe/panel.html", load=lambda uow, ticket_id: 1 / 0
        )
        hidden = Panel(
            name="hidden",
            title="Hidden panel",
            template="probe/panel.html",
            load=lambda uow, ticket_id: {},
            permission="settings",
        )
        return [panel, absent, broken, hidden]

    @hookimpl
    def register_columns(self):
        def load(uow, ids):
            self.asked.append(list(ids))
            return {i: {"stars": i} for i in ids}

        return [
            Column(
                name="stars", title="Stars", template="probe/cell.html", load=load, style="probe.css", script="probe.js"
            )
        ]

    @hookimpl
    def register_composer_tools(self):
        return [ComposerTool(name="insert", title="Insert something", icon="bolt", modes=("reply",))]

    @hookimpl
    def menu_links(self, uow):
        return [Link("A probe", "/x/probe/", go="KeyY")]


@pytest.fixture
def probe(runtime, tmp_path):
    probe = Probe(tmp_path / "probe-plugin")
    runtime.hooks.add("probe", probe)
    assert runtime.hooks.plugins["probe"].state == "on", runtime.hooks.plugins["probe"].reason
    return probe


@pytest.fixture
def app(probe, runtime):
    app = create_app(runtime.config, runtime)
    app.testing = False
    return app


# Pages ----------------------------------------------------------------------------------------------------------------


def test_desk_pages_are_for_those_with_the_permission_and_stand_in_the_frame(signed_in):
    page = signed_in("admin").get("/x/probe/")
    assert page.status_code == 200
    assert (
        "<p>for admin</p>" in page.text
        and 'class="nav"' in page.text
        and '<h1 class="title cut">Probe</h1>' in page.text
    )
    assert 'href="/x/probe/" data-go="/x/probe/" aria-current="page"' in page.text
    assert signed_in("agent").get("/x/probe/").status_code == 403


def test_desk_pages_ask_for_sign_in_and_the_token_of_a_form(client, signed_in):
    assert client.get("/x/probe/", headers={"Accept": "text/html"}).status_code == 302
    admin = signed_in("admin")
    assert admin.post("/x/probe/write").status_code == 403
    assert admin.post("/x/probe/write", data={"csrf_token": admin.csrf}).text == "written"


def test_public_pages_are_open_and_act_for_nobody_even_in_an_agents_browser(client, signed_in):
    for each in (client, signed_in("admin")):
        page = each.get("/p/probe/hello")
        assert page.status_code == 200
        assert "<p>hello nobody</p>" in page.text and 'class="nav"' not in page.text
        assert "/x/probe/probe.css" in page.text


def test_public_pages_are_bounded_in_bytes_and_number(client):
    assert client.post("/p/probe/say", data={"text": "short"}).text == "short"
    assert client.post("/p/probe/say", data={"text": "x" * 200}).status_code == 413
    assert [client.get("/p/probe/hello").status_code for _ in range(5)] == [200, 200, 200, 429, 429]


def test_public_pages_have_headers_of_their_own(client):
    plain, framed = client.get("/p/probe/hello").headers, client.get("/p/probe/framed").headers
    assert (
        plain["Cross-Origin-Resource-Policy"] == "same-origin"
        and "frame-ancestors 'none'" in plain["Content-Security-Policy"]
    )
    assert (
        framed["Cross-Origin-Resource-Policy"] == "cross-origin"
        and "frame-ancestors *" in framed["Content-Security-Policy"]
    )
    assert framed["Access-Control-Allow-Origin"] == "*" and "Access-Control-Allow-Origin" not in plain
    assert plain["Referrer-Policy"] == "no-referrer"


def test_pages_under_a_foreign_name_are_refused_with_the_plugins_name(runtime):
    runtime.hooks.add(
        "thief", SimpleNamespace(API="1", register_pages=hookimpl(lambda: [DeskPages("queue", __name__)]))
    )
    with pytest.raises(Misplaced, match="thief"):
        create_app(runtime.config, runtime)


# Signed links ---------------------------------------------------------------------------------------------------------


@pytest.mark.clock
def test_a_signed_link_opens_for_its_purpose_until_it_is_over(runtime):
    with runtime.uow() as uow:
        url = signed_link(uow, "/p/probe/rate/", "probe.rate", timedelta(days=2), ticket=7)
        key = url.rpartition("/")[2]
        assert url.startswith(f"{runtime.config.url}/p/probe/rate/")
        assert open_link(uow, key, "probe.rate") == {"ticket": 7}
        for forged, purpose in (
            (key, "probe.erase"),
            (key[:-2] + "xx", "probe.rate"),
            ("", "probe.rate"),
            ("سلام", "probe.rate"),
        ):
            with pytest.raises(NotFound, match="not valid"):
                open_link(uow, forged, purpose)
        uow.clock = lambda: datetime.now(UTC) + timedelta(days=3)
        with pytest.raises(NotFound, match="not valid"):
            open_link(uow, key, "probe.rate")


# Files ----------------------------------------------------------------------------------------------------------------


def test_files_of_a_plugin_are_kept_under_their_hash_and_styles_stand_in_its_layer(client, runtime):
    digest = client.application.extensions["assets"]
    style, script = (client.get(f"/assets/{digest}/x/probe/probe.{ending}") for ending in ("css", "js"))
    assert (
        style.text.startswith("@layer plugins.probe {")
        and ".probe { color: red; }" in style.text
        and style.text.rstrip().endswith("}")
    )
    assert script.text == "export {};" and "immutable" in script.headers["Cache-Control"]
    assert client.get(f"/assets/{digest}/x/probe/../plugin.py").status_code == 404
    runtime.hooks.plugins["probe"].state = "stopped"
    assert client.get(f"/assets/{digest}/x/probe/probe.js").status_code == 404


def test_addresses_change_with_a_plugins_files(app, runtime, tmp_path):
    (tmp_path / "probe-plugin/static/probe.js").write_text("export const changed = 1;")
    assert create_app(runtime.config, runtime).extensions["assets"] != app.extensions["assets"]


# Parts of the console -------------------------------------------------------------------------------------------------


def test_panels_are_templates_and_a_broken_one_is_kept_against_its_plugin(agent, arrives, runtime):
    page = agent.get(f"/tickets/{arrives()}").text
    assert 'data-panel="probe.first"' in page and "<p>ticket 1 &lt;script&gt;</p>" in page
    for missing in ("Absent panel", "Broken panel", "Hidden panel"):
        assert missing not in page
    assert [hook for hook, text in runtime.hooks.plugins["probe"].faults if "ZeroDivisionError" in text] == [
        "panel broken"
    ]


def test_a_column_is_asked_once_for_all_rows_of_a_page(agent, arrives, probe):
    for number in range(3):
        arrives(f"Order {number}")
    page = agent.get("/views/all").text
    assert probe.asked == [[1, 2, 3]]
    assert all(f'<span class="tag" title="Stars">{number} stars</span>' in page for number in (1, 2, 3))
    assert "/x/probe/probe.css" in page and "/x/probe/probe.js" in page
    assert "3 stars" in agent.get("/search?q=Order").text


def test_a_column_that_fails_leaves_the_list_as_it_is(agent, arrives, probe, runtime):
    arrives()
    probe.asked = None
    page = agent.get("/views/all")
    assert page.status_code == 200 and "Where is my order?" in page.text and " stars<" not in page.text
    assert [hook for hook, _text in runtime.hooks.plugins["probe"].faults] == ["column stars"]


def test_a_tool_stands_in_its_modes_only(agent, arrives):
    page = agent.get(f"/tickets/{arrives()}").text
    reply, note = page.split('id="say-note"')
    assert 'data-tool="probe.insert"' in reply and 'data-tool="probe.insert"' not in note


def test_parts_of_a_plugin_that_was_stopped_are_gone_and_the_page_stays(agent, arrives, runtime):
    runtime.hooks.refuse(runtime.hooks.plugins["probe"], "too slow", state="stopped")
    page = agent.get(f"/tickets/{arrives()}")
    assert page.status_code == 200 and "probe" not in page.text


# REST -----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def token(runtime, people):
    """token("admin") is the Authorization header of a new token of that person."""

    def make(role):
        with runtime.uow() as uow:
            return {"Authorization": f"Bearer {api_tokens.add_token(uow, people[role].id, 'test')}"}

    return make


def test_operations_are_described_and_ask_for_token_and_permission(client, token):
    described = client.get("/api/v1/openapi.json").get_json()["paths"]["/api/v1/x/probe/ratings/{number}"]["get"]
    assert described["security"] == [{"token": ["settings"]}] and described["summary"] == "A rating"
    assert client.get("/api/v1/x/probe/ratings/4").status_code == 401
    assert client.get("/api/v1/x/probe/ratings/4", headers=token("agent")).status_code == 403
    assert client.get("/api/v1/x/probe/ratings/4", headers=token("admin")).get_json() == {"stars": 4}


def test_what_an_operation_is_given_is_checked_by_its_schema(client, token):
    agent = token("agent")
    assert client.post("/api/v1/x/probe/ratings", json={"stars": 5}, headers=agent).status_code == 201
    refused = client.post("/api/v1/x/probe/ratings", json={"stars": "many", "more": 1}, headers=agent)
    assert refused.status_code == 422 and set(refused.get_json()["errors"]) == {"stars", "more"}


def test_a_resource_that_is_taken_is_refused_with_the_plugins_name(runtime):
    runtime.hooks.add("thief", SimpleNamespace(API="1", register_rest=hookimpl(lambda: [Rest(name="tickets")])))
    with pytest.raises(Invalid, match="thief"):
        create_app(runtime.config, runtime)
