"""The stand-in of Messenger and Instagram is what fbmessenger takes for it, which also reads the payloads of our tests."""

import json

import pytest
from fbmessenger import BaseMessenger, MessengerClient
from fbmessenger.attachments import Image
from fbmessenger.elements import Text
from fbmessenger.quick_replies import QuickReplies, QuickReply

from plugins.handset.standins.meta import Meta
from plugins.social.contracts.messenger import APP_SECRET, MINA, TOKEN, InstagramContract, MessengerContract


@pytest.fixture
def standing():
    made = []

    def stand(platform):
        made.append(Meta(platform, TOKEN, APP_SECRET))
        made[0].last_word[MINA] = made[0].clock()
        return made[0]

    yield stand
    for one in made:
        one.close()


def client(stand_in, token=TOKEN):
    made = MessengerClient(token)
    made.graph_url = f"{stand_in.url}/v23.0"
    return made


@pytest.mark.clock
@pytest.mark.parametrize("platform", ["page", "instagram"])
def test_a_library_sends_words_files_and_quick_replies_and_knows_its_refusals(standing, platform):
    stand_in = standing(platform)
    theirs = client(stand_in)
    taps = QuickReplies([QuickReply(title="بله", payload="y"), QuickReply(title="نه", payload="n")])
    said = theirs.send(Text("رسید؟", quick_replies=taps).to_dict(), MINA)
    kept = theirs.upload_attachment(Image(url="https://shop.example/a.png"))
    by_id = {"attachment": {"type": "image", "payload": {"attachment_id": kept["attachment_id"]}}}
    assert theirs.send(by_id, MINA)["message_id"] and theirs.send_action("typing_on", MINA)["recipient_id"] == MINA
    assert theirs.subscribe_app_to_page() == {"success": True} and stand_in.subscribed
    assert said == {"recipient_id": MINA, "message_id": stand_in.taken[0]["ids"][0]}
    assert [(t["text"], t["file"], t["buttons"]) for t in stand_in.taken] == [
        ("رسید؟", "", ["بله", "نه"]),
        ("", "https://shop.example/a.png", []),
    ]
    long = QuickReplies([QuickReply(title="x", payload="y")])
    long.quick_replies *= 14  # the library itself stops at eleven, as the service once did
    for refused in (Text("x" * 2001), Text("x", quick_replies=long)):
        assert theirs.send(refused.to_dict(), MINA)["error"]["code"] == 100
    assert ("error" in theirs.send(Text("س" * 501).to_dict(), MINA)) == (platform == "instagram")
    stand_in.pass_time(25 * 3600)
    assert theirs.send(Text("late").to_dict(), MINA)["error"]["error_subcode"] == 2018278
    assert theirs.send(Text("hello").to_dict(), "5")["error"]["error_subcode"] == 2018001
    assert client(stand_in, "other").send(Text("hello").to_dict(), MINA)["error"]["code"] == 190
    stand_in.fail = "busy"
    assert theirs.send(Text("hello").to_dict(), MINA)["error"]["code"] == 4


class Reader(BaseMessenger):
    """Notes by which of its names the library tells of an event."""

    def __init__(self):
        super().__init__(TOKEN)
        self.told = []

    def _tell(name):
        return lambda self, event: self.told.append((name, self.get_user_id()))

    account_linking, optin = _tell("account_linking"), _tell("optin")
    message, delivery, postback, read = _tell("message"), _tell("delivery"), _tell("postback"), _tell("read")


@pytest.mark.clock
@pytest.mark.parametrize("contract", [MessengerContract, InstagramContract])
def test_a_library_reads_the_payloads_of_our_tests(contract, standing):
    """Edits and reactions came to the service after the library, which passes over what it does not know."""
    stand_in, proofs, reader = standing(contract.channel.platform), contract(), Reader()
    given = [*contract.samples[:3], proofs.message("سلام", "m_9", ["m_8"]), proofs.deleted("m_1")]
    for raw in [*given, proofs.reported("m_1", "delivered"), proofs.reported("m_1", "read"), proofs.edited("m_1", "x")]:
        body, _headers = stand_in.signed(
            {"object": stand_in.platform, "entry": [{"id": "1", "messaging": [json.loads(raw)]}]}
        )
        reader.handle(json.loads(body))
    names = ["message", "message", "postback", "message", "message", "delivery", "read"]
    assert reader.told == [(name, MINA) for name in names]
