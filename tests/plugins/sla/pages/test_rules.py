"""The page of calendars and policies, as an admin uses it."""

from sqlalchemy import select

from helpdesk.core.jobs.models import Job
from plugins.sla import store

OFFICE = {
    "version": "0",
    "name": "Office",
    "zone": "Asia/Tehran",
    "day5": "9:00-13:00، 14:00-17:00",
    "day0": "۹:۰۰-۱۷:۰۰",
    "countries": "ir",
    "days": "jalali 1/13 | | Nature\n1405/8/2 | 9-12 | Half",
}
RULE = {"version": "1", "name": "Everybody", "calendar": "1", "first_answer": "4h", "warn": "30m", "queue": "1"}


def post(client, address, **form):
    return client.post(f"/x/sla/{address}", data={"csrf_token": client.csrf, **form})


def test_a_calendar_and_a_policy_are_saved_shown_and_taken_out(signed_in, runtime):
    admin = signed_in("admin")
    assert post(admin, "calendars/0", **OFFICE).status_code == 302
    assert post(admin, "policies/0", **RULE).status_code == 302
    page = admin.get("/x/sla/").text
    assert "9:00-13:00, 14:00-17:00" in page and "A message now: by" in page
    with runtime.uow() as uow:
        version, (calendar,), (policy,) = store.stored(uow)
        assert (version, calendar["week"][0], calendar["countries"]) == (2, [[540, 1020]], ["IR"])
        assert (policy["goals"], policy["warn"], policy["queues"]) == ({"first_answer": 240}, 30, [1])
        assert uow.session.scalars(select(Job.key).where(Job.kind == "sla.recompute")).all() == ["rules-1", "rules-2"]
    assert post(admin, "calendars/1/remove", version="2").status_code == 302
    with runtime.uow() as uow:
        assert store.stored(uow)[2][0]["calendar"] == 0, "its policies count round the clock"


def test_what_does_not_fit_is_a_sentence_and_changes_nothing(signed_in, runtime):
    admin = signed_in("admin")
    for wrong in ({"day5": "morning"}, {"zone": "Tehran"}, {"countries": "XX"}, {"days": "one day"}, {"name": ""}):
        answer = post(admin, "calendars/0", **{**OFFICE, **wrong})
        assert answer.status_code == 422 and 'role="alert"' in answer.text
    assert post(admin, "policies/0", version="0", name="No goal").status_code == 422
    with runtime.uow() as uow:
        assert store.stored(uow)[0] == 0


def test_who_saves_over_somebody_elses_change_is_told(signed_in):
    admin = signed_in("admin")
    assert post(admin, "calendars/0", **OFFICE).status_code == 302
    assert post(admin, "calendars/0", **OFFICE).status_code == 409


def test_only_who_may_change_settings_sees_it(agent):
    assert agent.get("/x/sla/").status_code == 403
