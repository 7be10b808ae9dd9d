"""A role is a set of registered permissions that admins edit: pages, programs and colleagues' lists follow at once."""

import pytest

from helpdesk.core.errors import Conflict, Forbidden, Invalid
from helpdesk.core.people import roles, users
from helpdesk.core.people.actors import actor_for, actors_for
from helpdesk.core.tickets import tickets


@pytest.fixture
def admin(signed_in):
    client = signed_in("admin")
    plain = client.post
    client.post = lambda url, data=None: plain(url, data={"csrf_token": client.csrf, **(data or {})})
    return client


def test_what_is_ticked_holds_at_once(admin, agent, arrives, runtime, people):
    ticket = arrives()
    page = admin.get("/settings/roles").text
    assert "Answer and change tickets" in page and 'name="may-agent" value="tickets.write"' in page
    may = ["tickets.read"]
    assert admin.post("/settings/roles", {"shown-agent": "1", "may-agent": may}).status_code == 302
    for page in (f"/tickets/{ticket}", "/views/all", "/search?q=order", "/palette?q=mina", "/queues/1"):
        assert agent.get(page).status_code == 200, page
    assert agent.get("/customers/1").status_code == 403
    assert agent.post(f"/tickets/{ticket}/change", {"status": "solved"}).status_code == 403
    with runtime.uow() as uow:
        assert "The agent" not in [row.name for row in tickets.colleagues(uow, 1)]
        assert people["agent"].id not in [user.id for user in users.visible_colleagues(uow, "tickets.write")]
        actors = actors_for(uow.session, [people["agent"].id], runtime.permissions)
        assert not actors[people["agent"].id][1].may("tickets.write")
        roles.choose(uow, "agent", runtime.permissions.of("agent"))
        assert not roles.all_of(uow)[0].changed
    assert agent.post(f"/tickets/{ticket}/change", {"status": "solved"}).status_code == 200


def test_a_role_of_ones_own(admin, runtime, people, signed_in):
    assert admin.post("/settings/roles/new", {"label": "Night shift | شیفت شب"}).status_code == 302
    assert admin.post("/settings/roles/new", {"label": "Night shift | شیفت شب"}).status_code == 409
    with runtime.uow() as uow:
        own = roles.all_of(uow)[-1]
    assert (own.label, own.permissions) == ("Night shift | شیفت شب", frozenset())
    admin.post("/settings/roles", {f"shown-{own.name}": "1", f"may-{own.name}": ["tickets.read", "all queues"]})
    person = people["stranger"]
    assert admin.post(f"/settings/people/{person.id}", {"name": "Ali", "role": own.name}).status_code == 302
    assert "Night shift" in admin.get("/settings/people").text
    assert "Night shift" in signed_in("stranger").get("/views/all").text
    with runtime.uow() as uow:
        actor = actor_for(uow.session, users.get(uow, person.id), runtime.permissions)
        assert actor.may("all queues") and not actor.may("tickets.write") and 1 in actor.queues
        with pytest.raises(Conflict):
            roles.remove(uow, own.name)
        users.change(uow, person.id, role="agent")
    assert admin.post(f"/settings/roles/{own.name}/remove").status_code == 302


def test_nobody_locks_the_admins_out_or_gives_themselves_a_role(runtime, people):
    with runtime.uow() as uow:
        with pytest.raises(Invalid):
            roles.choose(uow, "admin", [])
        with pytest.raises(Invalid):
            roles.choose(uow, "nobody", [])
        other = uow.acting(actor_for(uow.session, people["supervisor"], runtime.permissions))
        for act in (lambda: roles.choose(other, "agent", []), lambda: roles.add(other, "x")):
            with pytest.raises(Forbidden):
                act()
