"""A kept secret is never sent to a place it was not entered for: whoever moves the server enters it again, to save and to test."""

import socket
import threading

import pytest
from marshmallow import Schema, fields

from helpdesk.core.accounts import accounts
from helpdesk.core.channels.kept_secrets import ENTER_AGAIN
from helpdesk.core.channels.types import Secret
from helpdesk.core.errors import Invalid
from helpdesk.core.settings import registry
from helpdesk.core.settings.registry import SettingsGroup

HERE = {"address": "a@desk.example", "smtp_host": "smtp.desk.example", "imap_host": "imap.desk.example"}
SECRETS = {"smtp_password": "hush", "imap_password": "hush too"}
BY_OAUTH = HERE | {
    "oauth_token_url": "https://login.example.com/token",
    "oauth_refresh_token": "hush",
    "oauth_client_id": "x",
}


@pytest.fixture
def account(runtime):
    with runtime.uow() as uow:
        return accounts.create(uow, "email", "kept", HERE | SECRETS, 1).id


@pytest.fixture
def thief():
    """The port of a server of somebody else's, and who came."""
    server, heard = socket.create_server(("127.0.0.1", 0)), []

    def listen():
        while True:
            try:
                heard.append(server.accept()[1])
            except OSError:
                return

    threading.Thread(target=listen, daemon=True).start()
    yield server.getsockname()[1], heard
    server.close()


@pytest.mark.parametrize(
    ("moved", "secret"),
    [
        ({"smtp_host": "smtp.thief.example"}, "smtp_password"),
        ({"smtp_port": 2525}, "smtp_password"),
        ({"smtp_security": "none"}, "smtp_password"),
        ({"imap_host": "imap.thief.example"}, "imap_password"),
        ({"imap_port": 1430}, "imap_password"),
    ],
)
def test_a_moved_server_asks_for_its_secret_again(runtime, account, moved, secret):
    with runtime.uow() as uow:
        before = accounts.get(uow, account).settings
        for act in (
            lambda: accounts.update(uow, account, settings=HERE | moved),
            lambda: accounts.check(uow, "email", HERE | moved, account),
        ):
            with pytest.raises(Invalid) as caught:
                act()
            assert caught.value.fields == {secret: ENTER_AGAIN}
        assert accounts.get(uow, account).settings == before
        accounts.update(uow, account, settings=HERE | moved | {secret: "typed again"})
        assert accounts.view(uow, accounts.get(uow, account)).settings[secret] == "typed again"


def test_the_thiefs_server_hears_nothing_of_the_test_button(runtime, account, thief):
    port, heard = thief
    place = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "none"}
    with runtime.uow() as uow, pytest.raises(Invalid):
        accounts.check(uow, "email", HERE | place, account)
    assert heard == []


def test_what_names_no_place_keeps_the_secret(runtime, account):
    with runtime.uow() as uow:
        accounts.update(uow, account, settings=HERE | {"display_name": "Support", "smtp_user": "someone", "timeout": 9})
        assert accounts.view(uow, accounts.get(uow, account)).settings["smtp_password"] == "hush"


@pytest.mark.parametrize("moved", [{"oauth_token_url": "https://thief.example/token"}, {"imap_host": "thief.example"}])
def test_a_refresh_token_goes_neither_to_another_issuer_nor_its_tokens_to_another_server(runtime, moved):
    with runtime.uow() as uow:
        row = accounts.create(uow, "email", "by oauth", BY_OAUTH, 1).id
        kept = {name: value for name, value in BY_OAUTH.items() if name != "oauth_refresh_token"}
        with pytest.raises(Invalid) as caught:
            accounts.update(uow, row, settings=kept | moved)
        assert "oauth_refresh_token" in caught.value.fields


class Board(Schema):
    """Settings that do not say where the key is sent: any text may."""

    url = fields.String(load_default="https://board.example")
    size = fields.Integer(load_default=3)
    key = Secret(load_default="")


def test_settings_of_a_plugin_keep_to_it_too(runtime):
    runtime.settings.register("board", [SettingsGroup("board", "Board", Board)])
    with runtime.uow() as uow:
        registry.write(uow, "board", {"key": "hush"})
        registry.write(uow, "board", {"size": 4, "key": ""})
        with pytest.raises(Invalid) as caught:
            registry.write(uow, "board", {"url": "https://thief.example"})
        assert caught.value.fields == {"key": ENTER_AGAIN}
        assert registry.read(uow, "board") == {"url": "https://board.example", "size": 4, "key": "hush"}
        registry.write(uow, "board", {"url": "https://new.example", "key": "typed again"})
        assert registry.read(uow, "board")["key"] == "typed again"
