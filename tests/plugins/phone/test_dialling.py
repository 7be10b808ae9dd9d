"""Dialling by a link, by click-to-call and by Asterisk, each against its stand-in, and what these refuse."""

import pytest

from helpdesk.api.errors import Invalid, Misconfigured, Refused, TryAgain
from helpdesk.core.accounts import accounts
from helpdesk.core.people import users
from helpdesk.core.people.actors import actor_for
from plugins.handset.standins import asterisk_ari, clicktocall
from plugins.phone import dialling
from plugins.phone.contract import MINA

CLICK = {"dial": "http", "dial_key": clicktocall.KEY}
ASTERISK = {"dial": "asterisk", "dial_user": asterisk_ari.USER, "dial_key": asterisk_ari.KEY}


@pytest.fixture(params=[clicktocall.ClickToCall, asterisk_ari.AsteriskAri], ids=["click", "asterisk"])
def stand_in(request, own_machine):
    made = request.param()
    yield made
    made.close()


@pytest.fixture
def sara(uow, line):
    user = users.add(uow, "sara@desk.example", "Sara", "agent")
    return uow.acting(actor_for(uow.session, user, uow.runtime.permissions))


def settle(uow, line, stand_in, **more):
    """The line dials by this stand-in."""
    asterisk = isinstance(stand_in, asterisk_ari.AsteriskAri)
    given = {
        **(ASTERISK if asterisk else CLICK),
        "dial_url": stand_in.url + (asterisk_ari.PREFIX if asterisk else "/call"),
    }
    accounts.update(uow, line.id, settings={**line.settings, "secret": "s", **given, **more})


def test_the_agents_device_is_rung_first(uow, line, sara, stand_in):
    settle(uow, line, stand_in)
    with pytest.raises(Invalid):
        dialling.dial(sara, line.id, MINA, "hamdel-2")
    for wrong in ("", "12 34", "x" * 61, "۱۲"):
        with pytest.raises(Invalid):
            dialling.keep_device(sara, wrong)
    dialling.keep_device(sara, "204")
    assert dialling.dial(sara, line.id, f"{MINA};ext=12", "hamdel-1") == "hamdel-1"
    (taken,) = stand_in.taken
    given = {"agent": "204", "to": MINA, "call": "hamdel-1"}
    assert taken == given or (taken["endpoint"], taken["extension"], taken["channelId"]) == (
        "PJSIP/204",
        MINA,
        "hamdel-1",
    )


def test_what_the_telephone_system_refuses_is_said(uow, line, sara, stand_in):
    dialling.keep_device(sara, "204")
    settle(uow, line, stand_in, dial_key="another")
    with pytest.raises(Misconfigured):
        dialling.dial(sara, line.id, MINA, "hamdel-2")
    settle(uow, line, stand_in)
    stand_in.fail = "busy"
    with pytest.raises(TryAgain):
        dialling.dial(sara, line.id, MINA, "hamdel-2")
    stand_in.fail = "down"
    with pytest.raises(TryAgain):
        dialling.dial(sara, line.id, MINA, "hamdel-2")
    stand_in.fail = ""
    with pytest.raises((Refused, TryAgain)):
        settle(uow, line, stand_in, dial_body="to={agent}", dial_endpoint="PJSIP/nobody")
        dialling.dial(sara, line.id, MINA, "hamdel-2")
    assert not stand_in.taken


def test_a_link_needs_no_telephone_system():
    assert dialling.link({"dial": "tel"}, MINA) == f"tel:{MINA}"
    assert dialling.link({"dial": "sip"}, f"{MINA};ext=12") == f"sip:{MINA}"
    assert dialling.link({"dial": "http"}, MINA) == ""
