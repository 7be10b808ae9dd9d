"""Saved views: made of conditions, opened by those they are for, evaluated once per change."""

import pytest

from helpdesk.core.errors import Invalid, NotFound
from helpdesk.core.journal import journal
from helpdesk.core.people.actors import actor_for
from helpdesk.core.rules.conditions import Filter
from helpdesk.core.tickets import bulk, saved_views, tickets
from helpdesk.core.tickets.changes import changed
from helpdesk.web.live.views_in_use import ViewsInUse

URGENT = {"all": [{"condition": "priority", "value": ["urgent"]}]}
MINE = {"all": [{"condition": "assignee", "value": ["me"]}]}


@pytest.fixture
def acting(runtime, people):
    """acting("agent", act) does something as that person."""

    def do(role, act):
        with runtime.uow() as uow:
            actor = actor_for(uow.session, people[role], runtime.permissions)
            uow.session.rollback()
            return act(uow.acting(actor))

    return do


def test_a_view_is_put_together_by_a_form_and_shows_what_fits(agent, arrives, acting):
    first, second = arrives("First"), arrives("Second")
    acting("agent", lambda uow: tickets.change(uow, second, priority="urgent"))
    form = agent.get("/views/new?with=priority&with=created_within&with=nonsense").text
    assert 'name="priority" value="urgent"' in form and 'name="created_within"' in form and "nonsense" not in form
    saved = agent.post("/views/new", data={"with": ["priority"], "priority": ["urgent"], "name": "Urgent ones"})
    assert saved.headers["Location"].endswith("/views/saved/1")
    page = agent.get("/views/saved/1").text
    assert f'id="t-{second}"' in page and f'id="t-{first}"' not in page
    assert "Urgent ones" in agent.get("/views/mine").text


def test_what_does_not_fit_is_said_and_nothing_is_saved(agent):
    for data in (
        {"with": ["priority"], "priority": ["urgent"], "name": " "},
        {"name": "Nothing"},
        {"with": ["created_within"], "created_within": "long", "name": "x"},
    ):
        assert agent.post("/views/new", data=data).status_code == 422
    assert agent.get("/views/saved/1").status_code == 404


def test_a_view_of_ones_own_is_nobody_elses(acting, signed_in):
    view = acting("agent", lambda uow: saved_views.create(uow, "Mine alone", URGENT).id)
    shared = acting("admin", lambda uow: saved_views.create(uow, "For all", URGENT, shared=True).id)
    assert "Mine alone" not in signed_in("supervisor").get("/views/mine").text
    assert signed_in("supervisor").get(f"/views/saved/{view}").status_code == 404
    assert signed_in("supervisor").get(f"/views/saved/{shared}").status_code == 200
    with pytest.raises(NotFound):
        acting("supervisor", lambda uow: saved_views.delete(uow, view))
    with pytest.raises(Exception, match="role"):
        acting("agent", lambda uow: saved_views.delete(uow, shared))


def test_pages_of_a_view_add_up(acting, arrives):
    ids = [arrives(f"Order {number}") for number in range(5)]
    for each in ids[:4]:
        acting("agent", lambda uow, each=each: tickets.change(uow, each, priority="urgent"))
    view = acting("agent", lambda uow: saved_views.create(uow, "Urgent", URGENT).id)

    def walk(uow):
        found, after = [], None
        while True:
            page = saved_views.page(uow, view, after, limit=3)
            found += [row["id"] for row in page.items]
            if page.next is None:
                return found
            after = page.next

    assert acting("agent", walk) == ids[3::-1]


def test_a_change_asks_each_view_once_however_many_agents_look(runtime, people, acting, arrives, monkeypatch):
    asked = []
    plain = Filter.test
    monkeypatch.setattr(Filter, "test", lambda self, facts, scope: asked.append(scope.me) or plain(self, facts, scope))
    ticket = arrives()
    shared = acting("admin", lambda uow: saved_views.create(uow, "Urgent", URGENT, shared=True).id)
    mine = acting("admin", lambda uow: saved_views.create(uow, "Mine", MINE, shared=True).id)
    acting("agent", lambda uow: tickets.change(uow, ticket, priority="urgent", assignee_id=people["agent"].id))
    with runtime.uow() as uow:
        changes = changed(uow, journal.after(uow, 0))
        shown = {(shared, me) for me in range(1, 201)} | {(mine, people[role].id) for role in ("agent", "admin")}
        views = ViewsInUse(uow, changes, shown)
        asked.clear()
        stands = views.of(ticket)
    assert asked.count(None) == 1, "the same for two hundred"
    assert sorted(me for me in asked if me) == sorted(people[role].id for role in ("agent", "admin")), (
        "once for each me"
    )
    assert all(stands[shared, me] for me in range(1, 201))
    assert (stands[mine, people["agent"].id], stands[mine, people["admin"].id]) == (True, False)


def test_a_view_whose_plugin_is_gone_says_so_and_the_page_stays(acting, signed_in, runtime):
    view = acting("agent", lambda uow: saved_views.create(uow, "Old", URGENT).id)
    kept = runtime.conditions.pop("priority")
    try:
        assert signed_in("agent").get(f"/views/saved/{view}").status_code == 422
        with pytest.raises(Invalid):
            acting("agent", lambda uow: saved_views.page(uow, view))
    finally:
        runtime.conditions["priority"] = kept


def test_actions_are_carried_out_ticket_by_ticket(acting, arrives):
    ids = [arrives("One"), arrives("Two")]
    outcome = acting("agent", lambda uow: bulk.carry_out(uow, [*ids, 999], [{"action": "priority", "value": "high"}]))
    assert outcome.done == ids and list(outcome.left) == [999]
