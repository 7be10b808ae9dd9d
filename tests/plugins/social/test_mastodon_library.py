"""The stand-in of a Mastodon server is what Mastodon.py takes for it, and the payloads of our tests are its types."""

import json

import pytest
from mastodon import Mastodon as Client
from mastodon import MastodonAPIError, MastodonNotFoundError, MastodonUnauthorizedError
from mastodon.return_types import Notification
from mastodon.types_base import try_cast_recurse

from plugins.handset.standins.mastodon import PICTURE
from plugins.handset.standins.mastodon import Mastodon as StandIn
from plugins.social.contracts.mastodon import TOKEN, MastodonContract

MINA = "mina@social.example"


@pytest.fixture
def stand_in():
    made = StandIn(TOKEN)
    yield made
    made.close()


def client(stand_in, token=TOKEN):
    return Client(access_token=token, api_base_url=stand_in.url, ratelimit_method="throw")


def test_a_library_reads_mentions_and_answers_them(stand_in):
    library = client(stand_in)
    asked = stand_in.mention(MINA, "سلام", media_attachments=[stand_in.picture()])
    (note,) = library.notifications(types=["mention"], min_id=0)
    assert note.status.id == asked["id"] and note.account.acct == MINA and note.status.media_attachments[0].url
    media = library.media_post(PICTURE, mime_type="image/png", file_name="a.png")
    posted = library.status_post(
        "@mina درود", in_reply_to_id=asked["id"], visibility="direct", media_ids=[media], idempotency_key="k"
    )
    again = library.status_post("@mina درود", visibility="direct", idempotency_key="k")
    assert posted.id == again.id and len(stand_in.taken) == 1
    assert library.status_update(posted, "@mina درود بر شما").edited_at
    library.status_delete(posted)
    with pytest.raises(MastodonNotFoundError):
        library.status(posted)
    assert library.me().acct == "shop"


def test_a_library_knows_its_refusals(stand_in):
    with pytest.raises(MastodonUnauthorizedError):
        client(stand_in, token="other").notifications()
    with pytest.raises(MastodonAPIError, match="500"):
        client(stand_in).status_post("x" * 501)


def test_the_payloads_of_our_tests_are_the_librarys_types():
    for raw in [*MastodonContract.samples, MastodonContract().edited("1", "x")]:
        note = try_cast_recurse(Notification, json.loads(raw))
        assert (
            isinstance(note, Notification) and note.status.account.acct == MINA and note.status.created_at.year == 2026
        )
