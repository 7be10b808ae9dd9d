"""Several tickets in one request: what it answers, in which words, and what it costs."""

import pytest

from helpdesk.core.tickets import bulk
from helpdesk.core.tickets.models import Ticket


@pytest.fixture
def ask(signed_in):
    """ask(role, ids, **form) posts a selection; the answer."""
    clients = {}

    def post(role, ids, **form):
        client = clients.setdefault(role, signed_in(role))
        return client.post("/selection", data={"tickets": ",".join(map(str, ids)), "csrf_token": client.csrf, **form})

    return post


@pytest.fixture
def ticket_of(runtime):
    def read(ticket_id):
        with runtime.uow() as uow:
            return uow.session.get(Ticket, ticket_id)

    return read


def test_all_are_changed_by_one_request(arrives, ask, ticket_of, people):
    ids = [arrives(f"Number {number}") for number in range(3)]
    answer = ask("agent", ids, assignee=people["agent"].id, priority="high", more_tags="late, parcel")
    assert answer.get_json() == {"sentence": "3 tickets changed.", "done": ids, "left": []}
    assert {(t.assignee_id, t.priority, tuple(t.tags)) for t in map(ticket_of, ids)} == {
        (people["agent"].id, "high", ("late", "parcel"))
    }


def test_who_was_left_out_is_said_with_the_reason(arrives, ask, ticket_of):
    ours, solved, theirs = arrives("Ours"), arrives("Solved"), arrives("Theirs", queue_id=2)
    ask("agent", [solved], status="solved")
    answer = ask("agent", [ours, solved, theirs, 999_999], snooze="tomorrow").get_json()
    assert (answer["done"], answer["left"]) == ([ours], [solved, theirs, 999_999])
    plain = answer["sentence"].replace("\u2068", "").replace("\u2069", "")
    assert plain == (
        f"1 ticket changed. Left out: #{solved}. Only an open ticket can be snoozed. "
        f"Left out: #{theirs}, #999999. They do not exist, or you may not see them."
    )
    assert ticket_of(theirs).snoozed_until is None


def test_a_stranger_changes_nothing(arrives, ask, ticket_of):
    ticket = arrives("Ours")
    answer = ask("stranger", [ticket], status="closed")
    assert answer.status_code == 200 and answer.get_json()["done"] == []
    assert ticket_of(ticket).status == "open"


def test_merging_tickets_of_different_customers_is_asked_about(arrives, ask, ticket_of):
    first, second = arrives("One"), arrives("Two", address="omid@customer.example", name="Omid")
    question = ask("agent", [first, second], merge="1")
    assert question.status_code == 409 and "different customers" in question.get_json()["sentence"]
    assert ticket_of(second).merged_into_id is None
    assert ask("agent", [second, first], merge="1", sure="1").get_json()["done"] == [first, second]
    assert ticket_of(second).merged_into_id == first


def test_nonsense_is_a_sentence(arrives, ask):
    ticket = arrives("One")
    for form in (
        {"status": "nonsense"},
        {"snooze": "someday"},
        {"snooze": "moment", "date": "1405/13/40"},
        {"merge": "1"},
    ):
        answer = ask("agent", [ticket], **form)
        assert answer.status_code in (200, 422), form
        assert answer.status_code == 422 or answer.get_json()["done"] == []
    assert ask("agent", [], status="open").status_code == 422
    assert ask("agent", range(1, bulk.MOST + 2), status="open").status_code == 422
    assert ask("agent", ["x", "-1", "9" * 30], status="solved").get_json()["done"] == []


def test_the_bar_offers_the_colleagues_of_ones_own_queues(signed_in):
    page = signed_in("agent").get("/selection").text
    assert "The supervisor" in page and "The admin" in page
    assert "A stranger" not in page and "The trainer" not in page


def test_a_list_costs_no_more_for_it(arrives, signed_in, counted):
    arrives()
    client = signed_in("agent")
    client.get("/views/all")
    with counted() as statements:
        client.get("/views/all")
    assert len(statements) <= 13, statements  # three of them for the line, on every page
    with counted() as statements:
        client.get("/selection")
    assert len(statements) <= 4, statements
