"""Known providers fill the form of an account: what was typed stays, secrets never come back, nothing is saved."""

import re

import pytest

from helpdesk.core.accounts.models import Account
from plugins.email.channel import Email


@pytest.fixture
def admin(signed_in):
    return signed_in("admin")


def value_of(page: str, name: str) -> str:
    return re.search(rf'value="([^"]*)"[^>]*name="set-{name}"', page)[1]


def test_a_preset_fills_the_form_and_keeps_what_was_typed(admin, runtime):
    form = {"csrf_token": admin.csrf, "name": "Help", "set-address": "help@shop.example", "set-smtp_host": "mine"}
    page = admin.post(
        "/settings/accounts/new/email/preset", data={**form, "set-imap_password": "canary", "preset": "fastmail"}
    ).text
    assert page.lstrip().startswith("<form") and 'value="Help"' in page
    assert value_of(page, "address") == "help@shop.example"
    assert (value_of(page, "smtp_host"), value_of(page, "imap_port")) == ("smtp.fastmail.com", "993")
    assert "canary" not in page
    with runtime.uow() as uow:
        assert [account.name for account in uow.session.query(Account)] == ["support"]


def test_every_preset_is_offered_where_there_are_any(admin):
    for page in (admin.get("/settings/accounts/new/email").text, admin.get("/settings/accounts/1").text):
        assert all(f'value="{preset.name}"' in page for preset in Email.presets())
    wrong = {"csrf_token": admin.csrf, "preset": "nobody"}
    assert admin.post("/settings/accounts/1/preset", data=wrong).status_code == 404


def test_the_page_of_an_account_that_is_pushed_to_shows_where(admin, runtime):
    from helpdesk.core.accounts import accounts
    from plugins.social.contracts.whatsapp import WhatsAppContract
    from plugins.social.whatsapp import WhatsApp

    runtime.channels["whatsapp"] = WhatsApp
    with runtime.uow() as uow:
        account = accounts.create(uow, "whatsapp", "Shop", WhatsAppContract.settings, 1)
        number, where = account.id, f"/in/{account.public_key}"
    assert where in admin.get(f"/settings/accounts/{number}").text
    assert "/in/" not in admin.get("/settings/accounts/1").text, "mail is not pushed"
