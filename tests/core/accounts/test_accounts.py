"""A secret that the other side exchanges for another is the account's from then on, and never anybody else's."""

import pytest

from helpdesk.core import accounts
from helpdesk.testing import Letters, front_desk, small_house


@pytest.fixture
def desk(tmp_path):
    house = small_house(tmp_path, Letters)
    with house.desk() as desk:
        yield desk
    house.engine.dispose()


def kept(desk, account_id):
    desk.session.rollback()
    account = accounts.get(desk, account_id)
    assert account.settings["seal"].startswith("sealed:")
    return accounts.view(desk, account)


def test_an_exchanged_secret_is_stored_sealed(desk):
    front = front_desk(desk, "letters", seal="first")
    woken = []
    desk.house.wake = woken.append
    kept(desk, front).keep("seal", "second")
    assert kept(desk, front).settings["seal"] == "second"
    assert woken == ["accounts"], "who fetches begins anew with it"


def test_whoever_exchanges_second_changes_nothing(desk):
    """Nor does one whose account an admin has mended meanwhile."""
    front = front_desk(desk, "letters", seal="first")
    view = kept(desk, front)
    accounts.update(desk, front, settings={"seal": "typed by an admin"})
    view.keep("seal", "second")
    assert kept(desk, front).settings["seal"] == "typed by an admin"


def test_a_secret_kept_elsewhere_stays_there(desk, monkeypatch):
    monkeypatch.setenv("SEAL", "first")
    front = front_desk(desk, "letters", seal="$env:SEAL")
    kept(desk, front).keep("seal", "second")
    monkeypatch.setenv("SEAL", "by hand")
    assert kept(desk, front).settings["seal"] == "by hand"


def test_only_a_secret_is_kept(desk):
    front = front_desk(desk, "letters", seal="first")
    with pytest.raises(KeyError):
        kept(desk, front).keep("address", "box 2")
    assert kept(desk, front).settings["address"] == "box 1"


def test_a_view_without_secrets_keeps_nothing(desk):
    front = front_desk(desk, "letters", seal="first")
    view = accounts.view(desk, accounts.get(desk, front), secrets=False)
    view.keep("seal", "second")
    assert "seal" not in view.settings and kept(desk, front).settings["seal"] == "first"
