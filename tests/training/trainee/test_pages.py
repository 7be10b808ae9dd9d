"""The trainee's pages: from the list through a conversation to its end and back to a turn, all of it one's own."""

import json
import re

import pytest

from helpdesk.api import work
from training import bundled, releases
from training.language import load
from training.matching import read
from training.notebook import read_run, read_workshop
from training.replaying import compare
from training.tables import PracticeRun, Release

from .conftest import SCENARIOS

GOOD = [
    "I am sorry, Ms Rostami. Three days is a long wait and I understand that you are upset. What happened, and when do you need it?",
    "A birthday present, I see. I will see to it myself. What is the order number?",
    "I found it, it is at the depot. I cannot promise an hour for tomorrow, but you could pick it up tonight.",
    "It is at 12 Mill Lane, open until 9. I will refund the delivery fee as well.",
    "Thank you for your patience. Is there anything else I can do for you?",
]


def say(agent, run, version, text, **more):
    return agent.post(f"{run}/reply", {"version": version, "text": text, **more}, headers={"HX-Request": "true"})


def played(agent, run, replies=GOOD):
    for version, text in enumerate(replies, 1):
        answer = say(agent, run, version, text)
        assert answer.status_code in (200, 204), answer.text
    return agent.get(run).text


def test_the_list_says_what_there_is_and_costs_the_same_however_much(agent, runtime, people, counted, text):
    assert "Nothing to practise yet" in agent.get("/x/training/").text
    with runtime.uow(work.plugin_actor("training")) as uow:
        releases.publish_scenario(uow, text)
    with counted() as few:
        agent.get("/x/training/")
    with runtime.uow(work.plugin_actor("training")) as uow:
        assert bundled.release(uow) == 15
        assert bundled.release(uow) == 0
        assert all(row.about["minutes"] for row in uow.session.query(Release))
    with counted() as many:
        listing = agent.get("/x/training/").text
    assert len(many) == len(few)
    assert "The late parcel" in listing and "Mina Rostami" in listing and "No conversation finished yet" in listing
    assert 'href="/x/training/"' in agent.get("/me").text


def test_a_conversation_to_its_end(agent, begun):
    run = begun()
    page = agent.get(run).text
    assert "12 Mill Lane" in page and "In [1]" in page and "Out [1]" in page and "Anger" in page
    first = say(agent, run, 1, GOOD[0]).text
    assert "birthday" in first and 'data-version="2"' in first and "Empathy" in first and "Changed by -3" in first
    for version, text in enumerate(GOOD[1:4], 2):
        assert say(agent, run, version, text).status_code == 200
    last = say(agent, run, 5, GOOD[4])
    assert (last.status_code, last.headers["HX-Redirect"]) == (204, run)
    end = agent.get(run).text
    assert "She has the parcel tonight" in end and "100 of 100" in end and "In [ ]" not in end
    listing = agent.get("/x/training/").text
    assert "100 of 100" in listing and "No conversation finished yet" not in listing


def test_what_does_not_fit_is_said_and_what_was_typed_stays(agent, begun):
    run = begun()
    too_long = agent.post(f"{run}/reply", {"version": "1", "text": "x" * 4001})
    assert too_long.status_code == 422 and "4000 characters" in too_long.text and "xxx</textarea>" in too_long.text, (
        re.findall(r'role="alert".{0,300}', too_long.text)
    )
    assert say(agent, run, 1, "   ").status_code == 422
    assert say(agent, run, 1, "Hello").status_code == 200
    late = say(agent, run, 1, "Hello again")
    assert late.status_code == 409 and 'role="alert"' in late.text and 'data-version="2"' in late.text
    plain = agent.post(f"{run}/reply", {"version": "2", "text": "Without a script"})
    assert plain.status_code == 302 and plain.headers["Location"] == run
    assert agent.post("/x/training/scenarios/late-parcel/begin", {"lang": "de"}).status_code == 422
    assert agent.get(f"{run}/run.ipynb").status_code == 404


def test_buttons_come_after_the_ladder_and_play_their_rule(agent, begun):
    run = begun()
    for version, text in enumerate(("banana", "blue sky", "water"), 1):
        answer = say(agent, run, version, text)
    assert answer.text.count('name="choice"') == 3
    chosen = say(agent, run, 4, "", choice="1")
    assert chosen.status_code == 200 and "By button" in chosen.text
    assert say(agent, run, 5, "", choice="9").status_code == 422


def test_back_to_a_turn_and_another_sentence(agent, begun):
    run = begun()
    played(agent, run, ["Hello.", "It is your own fault."])
    answer = agent.post(f"{run}/fork", {"turn": "2"})
    other = answer.headers["Location"]
    page = agent.get(other).text
    assert other != run and "from turn 2" in page and "your own fault" not in page and 'data-version="2"' in page
    assert "your own fault" in agent.get(run).text
    assert agent.post(f"{run}/fork", {"turn": "7"}).status_code == 422


@pytest.mark.parametrize("role", ["trainer", "supervisor", "admin", "stranger"])
def test_a_run_is_its_trainees_alone(role, agent, begun, signed_in, runtime):
    run = begun()
    say(agent, run, 1, "Hello")
    other = signed_in(role)
    form = {"csrf_token": other.csrf, "version": "2", "text": "Mine now", "turn": "1"}
    for method, path in (("get", ""), ("get", "/run.ipynb"), ("post", "/reply"), ("post", "/wait"), ("post", "/fork")):
        assert other.open(f"{run}{path}", method=method.upper(), data=form).status_code == 404, path
    assert "The late parcel" in other.get("/x/training/").text
    with runtime.uow() as uow:
        assert uow.session.query(PracticeRun).count() == 1


def test_nothing_hidden_leaves_the_desk(agent, begun, scenario):
    """Pages, what comes back after each turn, and the file: facts before they are told, rules, states, hidden meters."""
    run, seen = begun("wet-book"), []
    for version, text in enumerate(("hm", "hm hm", "well"), 1):
        seen.append(agent.get(run).text)
        seen.append(say(agent, run, version, text).text)
    seen += [agent.get("/x/training/").text, agent.get("/x/training/scenarios/wet-book").text]
    hidden = [fact.text["en"] for fact in scenario.facts.values() if fact.hidden]
    hidden += [name for name, meter in scenario.meters.items() if not meter.show]
    hidden += [*scenario.notes.values(), "states.", "rules.", "goto", "fallback."]
    hidden += [ending.title["en"] for ending in scenario.endings if ending.title]
    assert len(hidden) > 8
    for text in seen:
        found = [word for word in hidden if re.search(rf"\b{re.escape(word)}", text)]
        assert found == []


def test_the_file_of_a_run_is_projected_and_replays(agent, begun):
    run = begun()
    played(agent, run)
    answer = agent.get(f"{run}/run.ipynb")
    assert "late-parcel-1.ipynb" in answer.headers["Content-Disposition"]
    kinds = set(re.findall(r'"kind": "(\w+)"', answer.text))
    assert kinds == {"started", "replied", "meter", "said", "ended", "run"}
    assert all(word not in answer.text for word in ("states.", "order_no", 'because": "act', "honest_unknown"))
    scenario = load((SCENARIOS / "late-parcel.yaml").read_text("utf-8"))
    assert compare(read_run(answer.data), scenario, read)["same"] is True
    changed = json.loads(answer.text)
    changed["cells"][1]["source"] = [changed["cells"][1]["source"][0], "Go away."]
    assert compare(read_run(json.dumps(changed).encode()), scenario, read)["same"] is False


def test_a_turn_costs_the_same_few_queries_however_long_the_run(agent, begun, counted):
    run = begun()
    costs = []
    for version, text in enumerate(GOOD[:4], 1):
        with counted() as statements:
            say(agent, run, version, text)
        costs.append(len(statements))
    assert costs[1] == costs[3] and costs[3] < 30, costs


def test_more_than_a_conversation_can_be_is_refused(agent, begun):
    for _number in range(20):
        begun()
    assert agent.post("/x/training/scenarios/late-parcel/begin", {"lang": "fa"}).status_code == 503


def test_the_end_says_level_sentence_and_advice(agent, begun):
    run = begun()
    end = played(agent, run)
    assert "What your replies show" in end and 'aria-label="Level' in end
    quoted = re.findall(r'<blockquote lang="en" dir="ltr"><a href="#in-(\d)">(.+?)</a>', end)
    assert len(quoted) >= 5 and all(sentence.split(".")[0] in " ".join(GOOD) for _cell, sentence in quoted), quoted
    assert end.count('class="row top advice"') >= 3
    rude = played(agent, begun(), ["Are you stupid?"])
    assert 'class="criterion failed"' in rude


def test_two_runs_are_compared_from_where_they_part(agent, begun, signed_in):
    run = begun()
    played(agent, run)
    other = agent.post(f"{run}/fork", {"turn": "3"}).headers["Location"]
    for version, text in enumerate(["That is your own fault.", "Stop making such a fuss.", "Are you stupid?"], 3):
        say(agent, other, version, text)
    address = f"{run}/compare/{other.rpartition('/')[2]}"
    page = agent.get(address).text
    assert "The same in both: 3 cells" in page and "She has the parcel tonight" in page
    assert page.index(GOOD[2][:20]) < page.index("your own fault") and 'class="delta bad"' in page
    assert agent.get(f"{run}/compare/{run.rpartition('/')[2]}").status_code == 404
    persian = begun(lang="fa")
    assert agent.get(f"{run}/compare/{persian.rpartition('/')[2]}").status_code == 404
    assert signed_in("supervisor").get(address).status_code == 404


@pytest.fixture
def workshop(runtime, people):
    with runtime.uow(work.plugin_actor("training")) as uow:
        content = (SCENARIOS.parent / "workshops/first-week.ipynb").read_bytes()
        releases.publish_workshop(uow, content)
        return read_workshop(content)


def test_a_workshop_is_read_answered_and_played(agent, workshop):
    place = "/x/training/workshops/first-week"
    page = agent.get(place).text
    assert "Hear first, answer then" in page and "اول بشنوید" not in page and "<table>" in page
    assert "He sees that you have read it" not in page and "quiz-option check right" not in page
    refused = agent.post(f"{place}/say-back", {})
    assert refused.status_code == 422 and "Please choose an answer." in refused.text
    agent.post(f"{place}/say-back", {"option": "a"})
    page = agent.get(place).text
    assert "That is a form." in page and "Not yet; try again" in page and "He sees that you have read it" not in page
    agent.post(f"{place}/say-back", {"option": "b"})
    assert "He sees that you have read it" in agent.get(place).text
    order = {f"place-{name}": str(number) for number, name in enumerate("bacde", 1)}
    agent.post(f"{place}/hand-over-order", order)
    assert agent.get(place).text.count('class="quiz-option row right"') == 3
    assert agent.post(f"{place}/hand-over-order", order | {"place-a": "9"}).status_code == 422
    assert agent.post(f"{place}/one-sentence", {"text": " "}).status_code == 422
    assert agent.post(f"{place}/one-sentence", {"text": "<b>Mine</b>"}).status_code == 302
    assert "&lt;b&gt;Mine" in agent.get(place).text
    run = agent.post(f"{place}/play-late-parcel/begin", {"lang": "en"}).headers["Location"]
    played(agent, run)
    page = agent.get(place).text
    assert "3 of 8 done" in page and "100 of 100" in page
    assert "3 of 8 done" in agent.get("/x/training/").text
    for cell in ("welcome", "scenario-late-parcel", "nothing"):
        assert agent.post(f"{place}/{cell}", {"option": "a"}).status_code == 404
        assert agent.post(f"{place}/{cell}/begin", {"lang": "en"}).status_code == 404


def test_a_workshop_shows_no_key_no_scenario_and_no_condition(agent, workshop):
    page = agent.get("/x/training/workshops/first-week").text
    for scenario in workshop.scenarios.values():
        hidden = [fact.text["en"] for fact in scenario.facts.values() if fact.hidden]
        assert all(word not in page for word in (*hidden, scenario.notes["en"][:40]))
    assert "%%" not in page and "key" not in re.findall(r'<fieldset class="quiz">.*?</fieldset>', page, re.S)[0]
