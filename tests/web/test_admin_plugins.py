"""Settings of plugins by the form of their schema, jobs with their progress, and the operations of the API on a
page.
"""

from types import SimpleNamespace

import pytest
from marshmallow import Schema, fields, validate

from helpdesk.app import create_app
from helpdesk.core.channels.types import Secret
from helpdesk.core.jobs import queue, runner
from helpdesk.core.jobs.kinds import JobKind
from helpdesk.core.settings import registry
from helpdesk.core.settings.registry import SettingsGroup


class Wishes(Schema):
    most = fields.Integer(
        load_default=3, validate=validate.Range(1, 9), metadata={"label": "Most stars", "group": "Stars"}
    )
    on = fields.Boolean(load_default=False, metadata={"label": "Ask customers"})
    key = Secret(load_default="", metadata={"label": "Key"})
    board = fields.Url(load_default="", require_tld=False)


@pytest.fixture
def app(runtime):
    """A desk with a plugin "probe" that has settings and jobs."""
    runtime.hooks.add("probe", SimpleNamespace(API="1"))
    runtime.settings.register("probe", [SettingsGroup("probe", "Probe settings", Wishes)])
    runtime.jobs.register(
        "probe",
        [
            JobKind("probe.count", run=_count, label="Counting stars"),
            JobKind("probe.fail", run=lambda uow, job: 1 / 0, tries=1),
        ],
    )
    return create_app(runtime.config, runtime)


def _count(uow, job):
    job.progress(2, 4)
    raise runner.Cancelled("enough")


@pytest.fixture
def admin(signed_in):
    client = signed_in("admin")
    plain = client.post
    client.post = lambda url, data=None, **more: plain(url, data={"csrf_token": client.csrf, **(data or {})}, **more)
    return client


def test_settings_of_a_plugin_are_a_form_of_its_schema(admin, runtime):
    assert 'href="/settings/plugins/probe"' in admin.get("/settings/plugins").text
    page = admin.get("/settings/plugins/probe").text
    assert (
        "<legend>Stars</legend>" in page
        and "Most stars" in page
        and 'name="set-most"' in page
        and 'role="switch" name="set-on"' in page
    )
    saved = admin.post("/settings/plugins/probe", {"set-most": "۵", "set-on": "1", "set-key": "very secret"})
    assert saved.status_code == 302
    with runtime.uow() as uow:
        assert registry.read(uow, "probe") == {"most": 5, "on": True, "key": "very secret", "board": ""}
    assert "very secret" not in admin.get("/settings/plugins/probe").text


def test_what_does_not_fit_comes_back_as_it_was_typed_and_a_secret_is_kept(admin, runtime):
    admin.post("/settings/plugins/probe", {"set-most": "5", "set-key": "very secret"})
    refused = admin.post("/settings/plugins/probe", {"set-most": "50", "set-key": ""})
    assert refused.status_code == 422 and 'value="50"' in refused.text and 'id="set-most-error"' in refused.text
    admin.post("/settings/plugins/probe", {"set-most": "4"})
    with runtime.uow() as uow:
        assert registry.read(uow, "probe") == {"most": 4, "on": False, "key": "very secret", "board": ""}


def test_a_setting_goes_back_to_its_default_also_where_that_is_no_value_of_its_field(admin, runtime):
    """An empty address is a default of many plugins and no address: it was stored, and the page could not be read any more."""
    admin.post("/settings/plugins/probe", {"set-board": "http://board.example/stars"})
    assert 'value="http://board.example/stars"' in admin.get("/settings/plugins/probe").text
    admin.post("/settings/plugins/probe", {"set-board": ""})
    assert 'value="http://board.example/stars"' not in admin.get("/settings/plugins/probe").text


def test_settings_of_nobody_are_not_there(admin, signed_in):
    assert admin.get("/settings/plugins/nobody").status_code == 404
    assert signed_in("agent").get("/settings/plugins/probe").status_code == 403


@pytest.mark.clock
def test_jobs_show_their_progress_and_can_be_cancelled_and_tried_again(admin, runtime):
    with runtime.uow() as uow:
        ran, failed, waits = (queue.add(uow, kind) for kind in ("probe.count", "probe.fail", "probe.count"))
        for _number in (1, 2):
            runner.run(uow, runner.claim(uow))
    page = admin.get("/settings/jobs").text
    assert "Counting stars" in page and '<progress max="4" value="2">' in page and "2 of 4" in page
    assert (
        f"/settings/jobs/{waits}/cancel" in page
        and f"/settings/jobs/{failed}/again" in page
        and f"/settings/jobs/{ran}/cancel" not in page
    )
    admin.post(f"/settings/jobs/{waits}/cancel")
    admin.post(f"/settings/jobs/{failed}/again")
    with runtime.uow() as uow:
        admin_uow = uow
        assert [queue.get(admin_uow, job).state for job in (waits, failed)] == ["cancelled", "queued"]
    alone = admin.get("/settings/jobs", headers={"HX-Request": "true"}).text
    assert "<article" in alone and "<html" not in alone


def test_operations_of_the_api_are_on_a_page(admin):
    page = admin.get("/settings/api").text
    assert "/api/v1/tickets/{ticket_id}/replies" in page and 'data-owner="desk"' in page
