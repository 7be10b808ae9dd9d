"""A secret that the other side exchanges for another is the account's from then on, and never anybody else's."""

import pytest

from helpdesk.core.accounts import accounts
from helpdesk.testing import Letters, front_desk, small_runtime


@pytest.fixture
def uow(tmp_path):
    runtime = small_runtime(tmp_path, Letters)
    with runtime.uow() as uow:
        yield uow
    runtime.engine.dispose()


def kept(uow, account_id):
    uow.session.rollback()
    account = accounts.get(uow, account_id)
    assert account.settings["seal"].startswith("sealed:")
    return accounts.view(uow, account)


def test_an_exchanged_secret_is_stored_sealed(uow):
    front = front_desk(uow, "letters", seal="first")
    woken = []
    uow.runtime.wake = woken.append
    kept(uow, front).keep("seal", "second")
    assert kept(uow, front).settings["seal"] == "second"
    assert woken == ["accounts"], "who fetches begins anew with it"


def test_whoever_exchanges_second_changes_nothing(uow):
    """Nor does one whose account an admin has mended meanwhile."""
    front = front_desk(uow, "letters", seal="first")
    view = kept(uow, front)
    accounts.update(uow, front, settings={"seal": "typed by an admin"})
    view.keep("seal", "second")
    assert kept(uow, front).settings["seal"] == "typed by an admin"


def test_a_secret_kept_elsewhere_stays_there(uow, monkeypatch):
    monkeypatch.setenv("SEAL", "first")
    front = front_desk(uow, "letters", seal="$env:SEAL")
    kept(uow, front).keep("seal", "second")
    monkeypatch.setenv("SEAL", "by hand")
    assert kept(uow, front).settings["seal"] == "by hand"


def test_only_a_secret_is_kept(uow):
    front = front_desk(uow, "letters", seal="first")
    with pytest.raises(KeyError):
        kept(uow, front).keep("address", "box 2")
    assert kept(uow, front).settings["address"] == "box 1"


def test_a_view_without_secrets_keeps_nothing(uow):
    front = front_desk(uow, "letters", seal="first")
    view = accounts.view(uow, accounts.get(uow, front), secrets=False)
    view.keep("seal", "second")
    assert "seal" not in view.settings and kept(uow, front).settings["seal"] == "first"
