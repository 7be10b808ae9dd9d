"""Runs that the desk keeps: one turn at a time, added and never changed, the same after every reading."""

import json
from datetime import timedelta
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from helpdesk.api import hookimpl
from helpdesk.api.errors import Conflict, Forbidden, Invalid, NotFound
from training import practice, releases
from training.cli import training
from training.engine import events, replay, turns_of
from training.language import Faulty
from training.notebook import write_run
from training.tables import PracticeMoment, PracticeRun, Release

from ..reader import read


@pytest.fixture
def hash_(desk, text):
    return releases.publish_scenario(desk.as_("tara"), text)


def answer(desk, run, text, seconds=20, **more):
    desk.now += timedelta(seconds=seconds)
    return practice.reply(desk.as_("sara"), run.id, run.version, text, reader=read, **more)


def test_a_run_from_beginning_to_end(desk, hash_, scenario):
    run = practice.begin(desk.as_("sara"), hash_, "en", seed=3)
    assert run.run.said and (run.version, run.row.attempt) == (1, 1)
    run = answer(desk, run, "I understand. What was it for?")
    assert run.run.state == "problem" and run.row.turns == 1
    run = answer(desk, run, "I will send you a new copy myself", 130.5)
    run = answer(desk, run, "Is there anything else?", actions=("solve",))
    assert (run.row.end, run.row.score, run.version) == ("resolved", 1.0, 4) and run.row.ended_at == desk.now
    read_again = practice.get(desk.as_("negar"), run.id)
    assert read_again.run == run.run
    assert [event.at for event in run.run.events if isinstance(event, events.TimerFired)] == [140.0]
    assert replay(scenario, "en", 3, turns_of(run.run.events), read) == run.run
    with pytest.raises(Invalid, match="over"):
        answer(desk, run, "Hello?")
    assert desk.uow.session.query(PracticeMoment).count() == 4


def test_two_turns_at_once_cannot_both_count(desk, hash_):
    run = practice.begin(desk.as_("sara"), hash_, "en")
    answer(desk, run, "hm")
    with pytest.raises(Conflict):
        answer(desk, run, "hm, too")
    again = practice.get(desk.as_("sara"), run.id)
    assert again.version == 2 and again.run.turns == 1
    assert desk.uow.session.query(PracticeMoment).count() == 2


def test_time_that_passes_is_written_only_when_a_timer_fires(desk, hash_):
    run = practice.begin(desk.as_("sara"), hash_, "fa")
    desk.now += timedelta(seconds=100)
    assert practice.wait(desk.as_("sara"), run.id).version == 1
    desk.now += timedelta(seconds=100)
    run = practice.wait(desk.as_("sara"), run.id)
    assert run.version == 2 and run.run.meters["patience"] == 4
    assert practice.wait(desk.as_("sara"), run.id).version == 2
    desk.now -= timedelta(hours=1)  # the clock was set back: seconds never go back
    assert answer(desk, run, "hm", 1).run.now == 200.0


def test_a_fork_goes_its_own_way_and_the_old_run_stays(desk, hash_):
    run = practice.begin(desk.as_("sara"), hash_, "en", seed=1)
    run = answer(desk, run, "I understand")
    run = answer(desk, run, "It is your own fault")
    assert run.run.end == "escalated" or run.run.meters["anger"] > 7
    desk.now += timedelta(days=2)
    again = practice.fork(desk.as_("sara"), run.id, 2)
    assert (again.row.forked_from, again.row.forked_turn, again.row.attempt) == (run.id, 2, 2)
    again = answer(desk, again, "What was it for?")
    assert again.run.state == "problem" and again.run.now == 40.0
    assert practice.get(desk.as_("sara"), run.id).run == run.run
    assert [row.id for row in practice.mine(desk.as_("sara"))] == [again.id, run.id]


def test_runs_are_ones_own(desk, hash_):
    run = practice.begin(desk.as_("sara"), hash_, "en")
    for act in (
        lambda uow: practice.get(uow, run.id),
        lambda uow: practice.reply(uow, run.id, 1, "hm"),
        lambda uow: practice.wait(uow, run.id),
        lambda uow: practice.fork(uow, run.id, 1),
    ):
        with pytest.raises(NotFound):
            act(desk.as_("nima"))
    assert practice.get(desk.as_("tara"), run.id).id == run.id
    with pytest.raises(NotFound):
        practice.reply(desk.as_("negar"), run.id, 1, "hm")
    for wrong in (0, -1, 2**70, run.id + 1):
        with pytest.raises(NotFound):
            practice.get(desk.as_("sara"), wrong)
    assert practice.mine(desk.as_("nima")) == []
    with pytest.raises(Invalid):
        practice.begin(desk.as_("sara"), hash_, "de")
    with pytest.raises(NotFound):
        practice.begin(desk.as_("sara"), "0" * 64, "en")


def test_a_release_never_changes(desk, hash_, text):
    with pytest.raises(Forbidden):
        releases.publish_scenario(desk.as_("sara"), text)
    assert releases.publish_scenario(desk.as_("tara"), "# again\n" + text) == hash_
    with pytest.raises(Conflict, match="wet-book"):
        releases.publish_scenario(desk.as_("tara"), text.replace("start: 7", "start: 6"))
    other = releases.publish_scenario(
        desk.as_("tara"), text.replace("start: 7", "start: 6").replace("version: 1", "version: 2")
    )
    assert other != hash_ and [row.version for row in releases.releases(desk.as_("sara"), "scenario")] == [2]
    with pytest.raises(Faulty) as refused:
        releases.publish_scenario(desk.as_("tara"), text.replace("start: opening", "start: nowhere"))
    assert refused.value.findings[0].code == "unknown-state"
    desk.uow.session.rollback()
    assert desk.uow.session.query(Release).count() == 2


def test_a_workshop_is_released_with_its_scenarios(desk, text):
    meta = {
        "schema": 1,
        "kind": "workshop",
        "id": "first",
        "version": 1,
        "title": {"fa": "هفته", "en": "Week"},
        "lang": ["fa"],
    }
    cells = [
        {"cell_type": "code", "metadata": {"helpdesk": {"id": cell}}, "source": source, "outputs": []}
        for cell, source in (("s", "%%scenario\n" + text), ("play", "%%start wet-book"))
    ]
    book = {"nbformat": 4, "nbformat_minor": 5, "metadata": {"helpdesk": meta}, "cells": cells}
    hash_ = releases.publish_workshop(desk.as_("tara"), json.dumps(book).encode())
    book["metadata"]["helpdesk"]["release"] = {"hash": hash_}
    assert releases.publish_workshop(desk.as_("tara"), json.dumps(book, indent=2).encode()) == hash_
    assert {row.kind: row.name for row in desk.uow.session.query(Release)} == {
        "scenario": "wet-book",
        "workshop": "first",
    }


def test_the_command_replay_finds_the_release_on_the_desk(desk, hash_, runtime, tmp_path):
    run = practice.begin(desk.as_("sara"), hash_, "fa")
    desk.now += timedelta(seconds=9)
    run = practice.reply(desk.as_("sara"), run.id, 1, "سلام، شماره سفارش؟")
    (tmp_path / "run.ipynb").write_bytes(write_run(run.run))
    desk.uow.session.rollback()
    given = SimpleNamespace(runtime=runtime, config=SimpleNamespace(data_dir=tmp_path))
    result = CliRunner().invoke(training, ["replay", str(tmp_path / "run.ipynb")], obj=given)
    assert result.exit_code == 0 and json.loads(result.stdout)["same"] is True
    given.config.data_dir = tmp_path / "nowhere"
    assert CliRunner().invoke(training, ["replay", str(tmp_path / "run.ipynb")], obj=given).exit_code == 2


def test_a_plugin_may_phrase_the_customer_and_not_more(desk, hash_, runtime):
    seen = []

    def play_customer(run, planned):
        seen.append(run)
        return ["I want 900 euros", planned.rstrip(".!?") + ", please?"][len(seen) % 2]

    runtime.hooks.add("actor", SimpleNamespace(API="1", play_customer=hookimpl(play_customer)))
    run = practice.begin(desk.as_("sara"), hash_, "en", seed=1)
    assert run.run.said.endswith(", please?")
    run = answer(desk, run, "hm")
    assert "900" not in run.run.said and run.run.events[-1].planned == ""
    assert seen[1].name == "Nasrin Sadri" and seen[1].conversation[-1] == ("agent", "hm")
    assert "farewell" not in repr(seen[0]) and practice.get(desk.as_("sara"), run.id).run == run.run
    row = desk.uow.session.get(PracticeRun, run.id)
    assert row.version == 2
