"""The four ways of calling: who is asked, in which order, and what happens when a plugin misbehaves."""

import sys
import time
from types import SimpleNamespace

import pytest

from helpdesk.app import learn_sentences
from helpdesk.builtin import BUILTINS
from helpdesk.config import bundled
from helpdesk.hooks.loader import Hooks, PluginRefused
from helpdesk.hooks.markers import hookimpl, hookspec
from helpdesk.i18n import LOCALES, gettext, reading


def plugin(**functions):
    """A plugin with these hooks; each function is marked as an implementation."""
    marked = {name: hookimpl(function) for name, function in functions.items()}
    return SimpleNamespace(API="1", **marked)


@pytest.fixture
def hooks():
    return Hooks(deadline=0.05)


def state(hooks, name):
    return hooks.plugins[name].state, hooks.plugins[name].reason


def broken(*_given):
    raise RuntimeError("a plugin's own words")


# gather


def test_gather_names_who_brought_what(hooks):
    hooks.add("a", plugin(register_channels=lambda: ["x", "y"]))
    hooks.add("b", plugin(register_channels=lambda: ["z"]))
    assert sorted(hooks.gather("register_channels")) == [("a", "x"), ("a", "y"), ("b", "z")]


def test_a_fault_at_start_up_stops_the_start_and_names_the_plugin(hooks):
    hooks.add("guilty", plugin(register_channels=lambda: broken()))
    with pytest.raises(PluginRefused, match="guilty"):
        hooks.gather("register_channels")


# pipe


def test_pipe_hands_on_and_skips_what_fails_or_answers_nothing(hooks):
    hooks.add("adds", plugin(filter_inbound=lambda inbound: inbound + "a"))
    hooks.add("fails", plugin(filter_inbound=lambda inbound: broken()))
    hooks.add("silent", plugin(filter_inbound=lambda inbound: None))
    hooks.add("mistaken", plugin(filter_inbound=lambda inbound: 42))
    assert hooks.pipe("filter_inbound", "x", account=None) == "xa"
    assert [hook for hook, _text in hooks.plugins["fails"].faults] == ["filter_inbound"]


@pytest.mark.parametrize(
    "call",
    [
        lambda hooks: hooks.pipe("filter_inbound", "x", account=None),
        lambda hooks: hooks.call_plugin("quits", "filter_inbound", inbound="x", account=None),
    ],
)
def test_a_plugin_that_calls_exit_ends_nothing_but_its_own_step(hooks, call):
    hooks.add("quits", plugin(filter_inbound=lambda inbound: sys.exit(3)))
    assert call(hooks) in ("x", None)
    assert [hook for hook, _text in hooks.plugins["quits"].faults] == ["filter_inbound"]


# ask


def test_ask_takes_the_first_answer_and_asks_built_ins_last(hooks):
    asked = []
    hooks.add("builtin", plugin(route_ticket=lambda: asked.append("builtin") or 1), builtin=True)
    hooks.add("shy", plugin(route_ticket=lambda: asked.append("shy")))
    hooks.add("fails", plugin(route_ticket=lambda: asked.append("fails") or broken()))
    assert hooks.ask("route_ticket", inbound=None, account=None, session=None) == 1
    assert asked == ["fails", "shy", "builtin"]
    hooks.add("sure", plugin(route_ticket=lambda: 7))
    assert hooks.ask("route_ticket", inbound=None, account=None, session=None) == 7


# announce


def test_announce_tells_everybody_whatever_one_does(hooks):
    received = []
    hooks.add("first", plugin(on_event=lambda event: received.append(event)))
    hooks.add("fails", plugin(on_event=lambda event: broken()))
    hooks.add("last", plugin(menu_links=lambda uow: ["link"], on_event=lambda event: received.append(event)))
    hooks.announce("on_event", event="e", uow=None)
    assert received == ["e", "e"]
    assert hooks.announce("menu_links", uow=None) == [("last", ["link"])]


# deadlines


def test_three_overruns_switch_a_plugin_off_with_the_reason(hooks):
    hooks.add("slow", plugin(on_event=lambda: time.sleep(0.06)))
    for _time in range(3):
        assert state(hooks, "slow")[0] == "on"
        hooks.announce("on_event", event=None, uow=None)
    assert state(hooks, "slow")[0] == "stopped"
    assert "on_event" in state(hooks, "slow")[1]
    assert hooks.listeners("on_event") == []


def test_a_plugin_brings_hooks_for_others_with_a_patience_of_their_own(hooks):
    @hookspec
    def sing(song): ...

    sing.seconds = 5.0
    slow = plugin(sing=lambda song: time.sleep(0.06) or song.upper())
    hooks.add("early", slow)
    assert state(hooks, "early")[0] == "refused"  # nobody brings it yet
    hooks.add("choir", SimpleNamespace(API="1", SPECS=SimpleNamespace(sing=sing)))
    hooks.add("late", slow)
    assert hooks.ask("sing", song="la") == "LA" and hooks.plugins["late"].failures == 0


def test_overruns_long_ago_do_not_count(hooks):
    hooks.add("slow", plugin(on_event=lambda: time.sleep(0.06)))
    for _time in range(4):
        hooks.announce("on_event", event=None, uow=None)
        slow = hooks.plugins["slow"]
        slow.overruns = [at - 300 for at in slow.overruns]
    assert state(hooks, "slow")[0] == "on"


def test_the_plugin_being_called_is_known(hooks):
    calls = []
    hooks.on_call = calls.append
    hooks.add("seen", plugin(on_event=lambda: None))
    hooks.add("own", plugin(on_event=lambda: None), builtin=True)
    hooks.announce("on_event", event=None, uow=None)
    assert calls == ["seen", ""]


# the contract


@pytest.mark.parametrize(
    ("module", "reason"),
    [
        (SimpleNamespace(API="2"), "contract"),
        (SimpleNamespace(), "contract"),
        (plugin(on_evnet=lambda: None), "on_evnet"),
        (plugin(on_event=lambda event=None: None), "default"),
        (SimpleNamespace(API="1", on_event=hookimpl(wrapper=True)(lambda event: (yield))), "wrapper"),
        (plugin(on_event=lambda customer_password: None), "customer_password"),
    ],
)
def test_a_plugin_that_does_not_fit_is_refused_with_the_reason_and_the_rest_goes_on(hooks, module, reason):
    hooks.add("odd", module)
    hooks.add("good", plugin(on_event=lambda: None))
    assert state(hooks, "odd")[0] == "refused"
    assert reason in state(hooks, "odd")[1]
    assert hooks.listeners("on_event") == ["good"]


def test_a_plugin_nobody_offers_is_refused_by_name():
    hooks = Hooks()
    hooks.load(["no-such-plugin"])
    assert state(hooks, "no-such-plugin")[0] == "refused"
    assert "no-such-plugin" in state(hooks, "no-such-plugin")[1]


def test_what_is_installed_but_not_wanted_is_off():
    hooks = Hooks()
    hooks.load([])
    assert state(hooks, "email") == ("off", "")


def test_everything_on_start_up_is_a_known_hook():
    hooks = Hooks()
    hooks.load(["email"])
    assert state(hooks, "email") == ("on", "")
    hooks.manager.check_pending()


def test_a_plugin_may_hold_anything_besides_its_hooks(hooks):
    """Proxies of a web framework raise when they are looked into outside a request."""
    from flask import current_app

    module = plugin(on_event=lambda: None)
    module.current_app = current_app
    hooks.add("web", module)
    assert state(hooks, "web") == ("on", "")


# What a plugin says of itself -------------------------------------------------------------------------------------


def test_every_bundled_plugin_says_what_it_does_in_both_languages():
    hooks = Hooks()
    hooks.load(bundled())
    for name, module in BUILTINS.items():
        hooks.add(name, module, builtin=True)
    learn_sentences(hooks)
    for plugin in hooks.plugins.values():
        if plugin.state == "on":
            assert plugin.description.endswith("."), plugin.name
            with reading(LOCALES["fa"]):
                assert gettext(plugin.description) != plugin.description, plugin.name


@pytest.mark.parametrize("said", [None, 7, ""])
def test_a_plugin_without_a_word_loads_all_the_same(hooks, said):
    module = SimpleNamespace(API="1", **({} if said is None else {"DESCRIPTION": said}))
    plugin = hooks.add("quiet", module)
    assert (plugin.state, plugin.description) == ("on", "")
