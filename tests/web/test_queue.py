"""The list: views and their rights, keyset pages, counters, the palette, and what a page costs."""

import gzip
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urljoin

import pytest

from helpdesk.core.outbox import replies
from helpdesk.core.people.actors import actor_for
from helpdesk.core.people.models import Queue
from helpdesk.core.tickets import drafts, tickets
from helpdesk.web.queue import lists, rows


def ids(page: str) -> list[int]:
    return [int(found) for found in re.findall(r'<li id="t-(\d+)"', page.split("<template", 1)[0])]


@pytest.fixture
def as_agent(runtime, people):
    """The Desk of the agent, for acts that a test needs done."""
    with runtime.uow() as uow:
        actor = actor_for(uow.session, people["agent"])
        uow.session.rollback()  # its snapshot is older than what a test brings in
        yield uow.acting(actor)


def test_a_new_ticket_is_unassigned_and_shown_as_it_is(arrives, signed_in):
    ticket = arrives("Where is <b>my</b> order?", "It has not come yet.", name='"><img src=x onerror=alert(1)>')
    page = signed_in("agent").get("/views/unassigned").text
    assert ids(page) == [ticket]
    assert "Where is &lt;b&gt;my&lt;/b&gt; order?" in page
    assert "<img" not in page


@pytest.mark.clock
def test_views_hold_what_they_say(arrives, signed_in, as_agent, people):
    first, second, third, fourth = arrives("One"), arrives("Two"), arrives("Three"), arrives("Four")
    tickets.change(
        as_agent, fourth, snoozed_until=datetime.now(UTC) + timedelta(hours=1), assignee_id=people["agent"].id
    )
    tickets.change(as_agent, first, assignee_id=people["agent"].id)
    tickets.change(as_agent, second, status="waiting")
    tickets.change(as_agent, third, status="solved")
    client = signed_in("agent")
    shown = {name: ids(client.get(f"/views/{name}").text) for name in lists.NAMES}
    assert shown == {
        "mine": [first],
        "unassigned": [second],
        "waiting": [second],
        "all": [first, second],
        "snoozed": [fourth],
        "solved": [third],
        "simulated": [],
    }
    assert ids(client.get("/queues/1").text) == [first, second]


def test_counters_stand_beside_their_views(arrives, signed_in):
    arrives(), arrives()
    client = signed_in("agent")
    page = client.get("/views/mine").text
    counters = dict(re.findall(r'data-counter="([\w-]+)" data-count="(\d+)"', page))
    assert counters == {"mine": "0", "unassigned": "2", "waiting": "0", "all": "2", "queue-1": "2"}


def test_nobody_sees_another_teams_tickets(arrives, signed_in):
    ticket = arrives("A secret order")
    stranger = signed_in("stranger")
    for name in lists.NAMES:
        assert "secret" not in stranger.get(f"/views/{name}").text
    assert stranger.get("/queues/1").status_code == 404
    assert stranger.get("/queues/99").status_code == 404
    assert ids(stranger.get("/search?q=secret").text) == []
    assert stranger.get(f"/palette?q={ticket}").get_json() == {"tickets": [], "customers": []}
    assert 'data-counter="unassigned" data-count="0"' in stranger.get("/views/mine").text


def test_a_trainer_is_told_what_can_be_done_now(signed_in):
    trainer = signed_in("trainer")
    page = trainer.get("/").text
    assert "Workshops and practice" in page
    assert trainer.get("/views/mine").status_code == 403
    assert trainer.get("/palette?q=order").get_json() == {"tickets": [], "customers": []}


def test_unknown_views_are_not_found(signed_in):
    client = signed_in("agent")
    assert client.get("/views/nothing").status_code == 404
    assert client.get("/views/mine?after=garbage").status_code == 422


def test_pages_follow_each_other_without_gap_or_double(arrives, signed_in, monkeypatch):
    monkeypatch.setattr(lists, "PAGE", 2)
    every = [arrives(f"Number {number}") for number in range(5)]
    client, found, page = signed_in("agent"), [], "/views/unassigned"
    for _step in range(5):
        text = client.get(page).text
        found += ids(text)
        more = re.search(r'<li class="more">.*?hx-get="([^"]+)"', text)
        if not more:
            break
        page = more[1].replace("&amp;", "&")
    assert found == every


def test_the_palette_finds_tickets_by_number_and_words_and_their_customers(arrives, signed_in):
    ticket = arrives("The teapot is broken", name="Mina Rastegar")
    client = signed_in("agent")
    by_number = client.get(f"/palette?q=%23{ticket}").get_json()["tickets"]
    assert [(found["number"], found["url"]) for found in by_number] == [(ticket, f"/tickets/{ticket}")]
    assert [found["label"] for found in client.get("/palette?q=teapot").get_json()["tickets"]] == [
        "The teapot is broken"
    ]
    assert [found["label"] for found in client.get("/palette?q=rastegar").get_json()["customers"]] == ["Mina Rastegar"]


def test_search_finds_words_and_says_when_there_are_none(arrives, signed_in):
    ticket = arrives("The teapot is broken")
    client = signed_in("agent")
    assert ids(client.get("/search?q=teapot").text) == [ticket]
    assert "Nothing was found" in client.get("/search?q=samovar").text
    assert client.get("/search").status_code == 200


def test_a_page_costs_the_same_queries_however_many_tickets(arrives, signed_in, counted):
    arrives()
    client = signed_in("agent")
    client.get("/views/all")
    with counted() as one:
        client.get("/views/all")
    for number in range(7):
        arrives(f"Number {number}", address=f"c{number}@customer.example")
    with counted() as eight:
        client.get("/views/all")
    assert len(eight) == len(one) <= 14, eight


def test_the_first_page_is_light(arrives, signed_in, monkeypatch):
    for number in range(12):
        arrives(f"Order {number}", "word " * 40, address=f"c{number}@customer.example")
    client, total, seen = signed_in("agent"), 0, set()
    page = client.get("/views/unassigned", headers={"Accept-Encoding": "gzip"})
    total += len(page.data) + 12 * 400 * 38 // 12  # as if it held fifty rows
    waiting = re.findall(r'/assets/[^"#]+', gzip.decompress(page.data).decode())
    while waiting:
        address = waiting.pop()
        if address in seen or "?" in address:
            continue
        seen.add(address)
        answer = client.get(address, headers={"Accept-Encoding": "gzip"})
        assert answer.status_code == 200, address
        total += len(answer.data)
        if address.endswith(".js"):
            text = (
                gzip.decompress(answer.data).decode()
                if answer.headers.get("Content-Encoding") == "gzip"
                else answer.text
            )
            waiting += [urljoin(address, name) for name in re.findall(r'(?:from|import) "(\.[\w./]+)"', text)]
    assert len(seen) > 15
    assert total < 150_000, total


def test_the_last_words_stand_in_the_row(arrives, signed_in, as_agent):
    ticket = arrives("Hello")
    replies.reply(as_agent, ticket, "We look into it.")
    page = signed_in("agent").get("/views/waiting").text
    assert ids(page) == [ticket]
    assert "We look into it." in page


def test_rows_mark_ones_own_drafts_and_nobody_elses(arrives, signed_in, as_agent, counted):
    written, other = arrives("One"), arrives("Two")
    drafts.save(as_agent, written, "reply", "Dear Mina")
    marked = lambda page: re.findall(
        r'<li id="t-(\d+)".*?data-slot="draft"( hidden)?>', page.split("<template", 1)[0], re.DOTALL
    )
    own = signed_in("agent").get("/views/all").text
    assert marked(own) == [(str(written), ""), (str(other), " hidden")] and f'data-drafts="{written}"' in own
    colleague = signed_in("supervisor").get("/views/all").text
    assert marked(colleague) == [(str(written), " hidden"), (str(other), " hidden")] and 'data-drafts=""' in colleague


def test_rows_nobody_has_seen_before_fill_in_a_line_that_is_drawn_already(arrives, signed_in):
    """P6: the template is rendered once for a shape and language, whatever the rows say."""
    arrives("Where is my order?", "It has not come.")
    rows._drawn.cache_clear()
    pages = [signed_in(who).get("/views/unassigned").text for who in ("agent", "admin")]
    assert pages[0].count("Where is my order?") == pages[1].count("Where is my order?") > 0
    once = rows._drawn.cache_info().misses
    for n in range(5):
        arrives(f"Another {n}", "<i>One</i> more", address=f"c{n}@customer.example", name=f"<b>Mina {n}</b>")
    page = signed_in("agent").get("/views/unassigned").text
    assert all(f"Another {n}" in page for n in range(5)) and rows.CUT not in page
    assert "&lt;i&gt;One&lt;/i&gt; more" in page and "<i>One" not in page
    assert rows._drawn.cache_info().misses == once
    assert "?in=all" in signed_in("agent").get("/views/all").text
    assert rows._drawn.cache_info().misses == once, "the list around it is no shape of its own"


def test_search_marks_what_it_found_and_nothing_of_a_strangers_text_becomes_markup(arrives, signed_in):
    arrives("<b>Teapot</b>", "My <i>teapot</i> & saucer")
    page = signed_in("agent").get("/search?q=my <i> teapot").text
    assert "&lt;b&gt;<mark>Teapot</mark>&lt;/b&gt;" in page
    assert "<mark>My</mark> &lt;<mark>i</mark>&gt;<mark>teapot</mark>&lt;/<mark>i</mark>&gt; &amp; saucer" in page
    assert "<mark>" not in signed_in("agent").get("/views/unassigned").text


def test_names_of_queues_and_tags_are_in_the_readers_language(agent, arrives, runtime):
    ticket = arrives("Where is it?")
    with runtime.uow() as uow, uow.writing() as session:
        session.get(Queue, 1).name = "Orders | سفارش‌ها"
    agent.post(f"/tickets/{ticket}/change", {"tags": "gift | هدیه"})
    page = agent.get(f"/tickets/{ticket}?in=queue-1").text
    assert "سفارش‌ها" not in page and ">gift</bdi>" in page and ">Orders</bdi>" in page
    agent.post("/me/preferences", {"language": "fa"})
    page = agent.get(f"/tickets/{ticket}?in=queue-1").text
    assert ">هدیه</bdi>" in page and ">سفارش‌ها</bdi>" in page and ">Orders</bdi>" not in page
