"""The line in the console and for programs: what rings, what the frame shows, acts with their sentences, the page."""

import time

import pytest

from helpdesk.core.people import api_tokens
from helpdesk.core.people.actors import actor_for
from helpdesk.core.waiting import availability, entries, line, states


@pytest.fixture
def joins(runtime, arrives):
    """joins() lets the customer of a new ticket wait; the entry."""

    def join(**more):
        ticket = arrives()
        with runtime.uow() as uow:
            return line.join(uow, "ticket", ticket, label="Mina Rastegar", **more)

    return join


@pytest.fixture
def there(runtime, people):
    """there("agent") is there from now on."""

    def come(name):
        with runtime.uow() as uow:
            states.seen(uow, [people[name].id])

    return come


def standing(runtime, entry):
    with runtime.uow() as uow:
        return entries.get(uow, entry.id)


def test_the_frame_shows_availability_and_what_rings(agent, there, joins, people):
    there("agent")
    entry = joins()
    assert entry.offered_to == people["agent"].id
    page = agent.get("/me").text
    assert f'data-entry="{entry.id}"' in page and 'id="menu-presence"' in page and "Mina Rastegar" in page
    assert "line/ring.js" not in agent.get("/views/all").text, "app.js asks for it where there is something to ring"
    shown = agent.get("/line/frame").json
    assert shown["ringing"] == [entry.id] and "ready" in shown["presence"]


def test_accepting_tells_where_to_go_and_who_is_late_who_was_first(agent, signed_in, runtime, there, joins, people):
    there("agent")
    entry = joins()
    with runtime.uow() as uow:
        line.accept(uow.acting(actor_for(uow.session, people["supervisor"])), entry.id)
    late = agent.post(f"/line/{entry.id}/accept")
    assert (late.status_code, late.json["detail"]) == (409, "The supervisor was first.")
    second = joins()
    done = agent.post(f"/line/{second.id}/accept")
    assert done.json == {"url": f"/tickets/{second.ticket_id}", "ticket": second.ticket_id}
    assert standing(runtime, second).taken_by == people["agent"].id
    head = agent.get(f"/tickets/{second.ticket_id}").text
    assert "You have taken this from the line." in head and f'href="/line/{second.id}' not in head
    assert agent.post(f"/line/{second.id}/end").status_code == 200
    assert standing(runtime, second).state == "ended"
    assert "line-strip" not in agent.get(f"/tickets/{second.ticket_id}").text


def test_letting_pass_rings_at_the_next(agent, runtime, there, joins, people):
    there("agent")
    there("supervisor")
    entry = joins()
    agent.post(f"/line/{entry.id}/decline")
    assert standing(runtime, entry).offered_to == people["supervisor"].id


def test_handing_over_shows_who_is_there_and_keeps_the_note(agent, runtime, there, joins, people):
    there("agent")
    entry = joins()
    agent.post(f"/line/{entry.id}/accept")
    sheet = agent.get(f"/line/{entry.id}/give").text
    assert f'value="user-{people["supervisor"].id}" disabled' in sheet, "she is not there"
    there("supervisor")
    assert f'value="user-{people["supervisor"].id}" disabled' not in agent.get(f"/line/{entry.id}/give").text
    refused = agent.post(f"/line/{entry.id}/give", {"to": "nobody"})
    assert (refused.status_code, refused.json["detail"]) == (422, "Please choose a colleague or a queue.")
    given = {"to": f"user-{people['supervisor'].id}", "note": "She asks for the invoice"}
    assert agent.post(f"/line/{entry.id}/give", given).status_code == 200
    assert standing(runtime, entry).offered_to == people["supervisor"].id
    assert "She asks for the invoice" in agent.get(f"/tickets/{entry.ticket_id}").text


def test_availability_is_chosen_and_limited_by_oneself_and_by_a_supervisor(agent, signed_in, runtime, people):
    shown = agent.post("/line/me", {"state": "away", "reason": "lunch"}).json
    assert "Away" in shown["presence"] and "Lunch" in shown["presence"]
    assert agent.post("/line/me", {"state": "asleep"}).status_code == 422
    agent.post("/line/me", {"kind": "ticket", "most": "2"})
    assert agent.post("/line/me", {"kind": "ticket", "most": "99"}).status_code == 422
    assert agent.post("/line/me", {"state": "busy", "user": people["supervisor"].id}).status_code == 403
    supervisor = signed_in("supervisor")
    data = {"state": "available", "user": people["agent"].id, "csrf_token": supervisor.csrf}
    assert supervisor.post("/line/me", data=data).status_code == 200
    assert supervisor.post("/line/me", data={**data, "user": people["stranger"].id}).status_code == 404
    with runtime.uow() as uow:
        found = availability.of(uow, people["agent"].id)
    assert (found.chosen, found.capacity["ticket"]) == ("available", 2)


def test_the_page_shows_the_line_and_who_is_there(agent, signed_in, there, joins):
    there("agent")
    entry, second = joins(), joins()
    page = agent.get("/line").text
    assert f'id="line-{entry.id}"' in page and f'id="line-{second.id}"' in page and "rings there" in page
    part = signed_in("supervisor").get("/line?part=1").text
    assert part.startswith("<section") and "Change…" in part
    assert f'id="line-{entry.id}"' not in signed_in("stranger").get("/line").text


def test_consoles_ring_by_the_socket_and_show_the_line_anew(app, signed_in, runtime, joins, people):
    def console(name, shows=None):
        client = app.extensions["socketio"].test_client(app, namespace="/desk", flask_test_client=signed_in(name))
        client.emit("subscribe", {"since": None, "list": shows}, namespace="/desk", callback=True)
        return client

    def told(client, event, enough=lambda found: found):
        heard = []
        for _look in range(100):
            heard += [each["args"][0] for each in client.get_received("/desk") if each["name"] == event]
            if enough(heard):
                return heard
            time.sleep(0.05)
        raise AssertionError(heard)

    agent, supervisor, stranger = console("agent"), console("supervisor", "line"), console("stranger")
    told(agent, "ring", lambda found: any("ready" in each["presence"] for each in found))  # she is noted as there
    entry = joins()
    rung = told(agent, "ring", lambda found: any(each["ringing"] == [entry.id] for each in found))
    assert "Mina Rastegar" in rung[-1]["rings"]
    told(supervisor, "line")
    with runtime.uow() as uow:
        line.accept(uow.acting(actor_for(uow.session, people["agent"])), entry.id)
    told(agent, "ring", lambda found: found and found[-1]["ringing"] == [])
    heard = [each["name"] for each in stranger.get_received("/desk")]
    assert "line" not in heard and set(heard) <= {"ring", "waiting"}


def test_programs_read_the_line_and_act_on_it(app, runtime, people, joins):
    def api(name, method, path, body=None):
        with runtime.uow() as uow:
            token = api_tokens.add_token(uow, people[name].id)
        headers = {"Authorization": f"Bearer {token}"}
        answer = app.test_client().open(f"/api/v1{path}", method=method, headers=headers, json=body)
        return answer.status_code, answer.json

    assert api("agent", "GET", "/me/availability")[1]["state"] == "offline"
    status, mine = api("agent", "PUT", "/me/availability", {"state": "available"})
    assert (status, mine["state"], mine["capacity"]["ticket"]) == (200, "available", 5)
    entry = joins()
    status, found = api("supervisor", "GET", "/waiting?kind=ticket&queue=1")
    assert [(one["id"], one["state"], one["offered_to"]) for one in found["items"]] == [
        (entry.id, "offered", people["agent"].id)
    ]
    assert found["items"][0]["place"] == {"position": 1, "seconds": None, "low": None, "high": None}
    assert api("agent", "POST", f"/waiting/{entry.id}/accept")[1]["taken_by"] == people["agent"].id
    assert api("agent", "POST", f"/waiting/{entry.id}/give", {"queue": 2})[0] == 404
    assert api("agent", "POST", f"/waiting/{entry.id}/end", {"outcome": "helped"})[1]["outcome"] == "helped"
    assert api("supervisor", "POST", f"/waiting/{entry.id}/accept")[0] == 409


def test_the_figures_say_how_many_wait_and_how_long(signed_in, joins):
    joins()
    lines = signed_in("admin").get("/metrics").text.splitlines()
    assert 'hamdel_waiting{kind="ticket"} 1.0' in lines
    assert any(line.startswith('hamdel_longest_wait_seconds{kind="ticket"}') for line in lines)
