"""Accounts as plugins see them: found by id, public key and channel, never with a secret."""

import pytest

from helpdesk.api import accounts
from helpdesk.api.errors import NotFound
from helpdesk.core.accounts import accounts as core


def test_an_account_is_found_by_id_public_key_and_channel(shop):
    found = accounts.get(shop.uow, shop.account)
    assert found.channel == "letters" and found.queue_id == shop.queue_id and found.active
    assert accounts.by_key(shop.uow, found.public_key) == found
    assert accounts.of_channel(shop.uow, "letters") == [found] and accounts.of_channel(shop.uow, "pigeon") == []
    core.update(shop.uow, shop.account, enabled=False)
    assert not accounts.get(shop.uow, shop.account).active
    for name in ("", "unknown", str(shop.account)):
        with pytest.raises(NotFound):
            accounts.by_key(shop.uow, name)


def test_secrets_are_left_out_also_while_the_channel_is_off(shop):
    core.update(shop.uow, shop.account, settings={"address": "box 1", "seal": "s3cret"})
    assert accounts.get(shop.uow, shop.account).settings == {"address": "box 1"}
    del shop.runtime.channels["letters"]
    assert accounts.get(shop.uow, shop.account).settings == {}
