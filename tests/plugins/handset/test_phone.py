"""A newcomer plays the customer on their phone, in a browser before a desk at work; and what its networks refuse."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from aio_kavenegar import AIOKavenegarAPI, APIException, HTTPException

from helpdesk.api.channels import AccountView, Address, Outbound
from helpdesk.api.errors import Invalid, Misconfigured, Refused, TryAgain
from helpdesk.app import build_runtime
from helpdesk.config import from_environment
from helpdesk.core.accounts import accounts
from helpdesk.core.outbox import replies
from helpdesk.core.people import teams, users
from helpdesk.core.settings import demo as marker
from helpdesk.core.tickets.message_models import Message
from helpdesk.core.tickets.models import Ticket
from helpdesk.security import http, passwords
from helpdesk.testing import small_runtime
from helpdesk.testing.databases import upgrade
from helpdesk.testing.processes import Served, free_port
from plugins.handset import networks
from plugins.handset.standins.sms import Kavenegar
from plugins.handset.store import Store
from plugins.sms import opting_out
from plugins.sms.channel import Sms

PASSWORD = "a long enough password"
ANSWER = "بستهٔ شما فردا می‌رسد."


class Demo:
    """A desk at work with the accounts that the phone offers for a demo; ``page`` is an agent's browser."""

    def __init__(self, folder, browser):
        port = free_port()
        environment = {
            "HELPDESK_DATA_DIR": str(folder),
            "HELPDESK_PLUGINS": "handset,phone,sms,social",
            "HELPDESK_PORT": str(port),
        }
        self.runtime = build_runtime(from_environment(environment))
        upgrade(self.runtime)
        marker.mark(folder)
        with self.runtime.uow() as uow:
            agent = users.add(uow, "james@desk.example", "James", "agent", passwords.hash_password(PASSWORD), "en")
            queue = teams.add_queue(uow, "Orders", [teams.add_team(uow, "Orders", [agent.id]).id])
            for _plugin, account in self.runtime.hooks.gather("register_demo", runtime=self.runtime):
                accounts.create(uow, **account, queue_id=queue.id)
        del environment["HELPDESK_DATA_DIR"]
        self.served = Served(folder, "run", **environment)
        self.url = f"http://127.0.0.1:{port}"
        self.page = browser.new_context(viewport={"width": 390, "height": 800}).new_page()
        self.page.goto(f"{self.url}/sign-in")
        self.page.fill("[name=email]", "james@desk.example")
        self.page.fill("[name=password]", PASSWORD)
        self.page.press("[name=password]", "Enter")
        self.page.wait_for_url(lambda url: "sign-in" not in url)

    def close(self):
        self.served.stop()
        self.runtime.parser.close()
        self.runtime.engine.dispose()

    def open(self, app, number):
        """The phone with this number at one of its apps."""
        self.page.goto(f"{self.url}/x/handset/{app}?number={number}")

    def first(self, channel):
        """(ticket's id, text) of the first message of a channel, waited for."""
        found = []

        def look():
            with self.runtime.uow() as uow:
                found.extend(uow.session.query(Message.ticket_id, Message.text).join(Ticket).filter_by(channel=channel))
            return found

        self.served.until(look)
        return tuple(found[0])

    def reply(self, ticket_id, **more):
        with self.runtime.uow() as uow:
            replies.reply(uow, ticket_id, ANSWER, **more)


@pytest.fixture(scope="module")
def demo(tmp_path_factory, browser):
    desk = Demo(tmp_path_factory.mktemp("demo"), browser)
    yield desk
    desk.close()


@pytest.mark.e2e
@pytest.mark.parametrize(("app", "channel", "text"), [("sms", "sms", "Where is order 48213?"), ("messenger", "telegram", "سفارش من کجاست؟")])  # fmt: skip
def test_what_the_customer_sends_is_a_ticket_and_the_answer_arrives_by_itself(demo, app, channel, text):
    demo.open(app, "0912 000 11 22")
    demo.page.fill(".handset-pen [name=text]", text)
    demo.page.click(".handset-pen button")
    assert demo.page.text_content(".handset-line:not(.came) p") == text
    ticket_id, said = demo.first(channel)
    assert said == text
    demo.reply(ticket_id, buttons=["باشد", "نه"] if app == "messenger" else [])
    demo.page.wait_for_selector(f".handset-line.came p:text-is('{ANSWER}')")  # nobody reloads
    if app == "messenger":
        demo.page.click(".handset-line button:has-text('باشد')")
        assert demo.page.text_content(".handset-line:not(.came) >> nth=-1").strip().startswith("باشد")
    assert demo.page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.e2e
def test_a_call_nobody_takes_is_a_ticket(demo):
    demo.open("call", "0912 000 33 44")
    demo.page.click("text=Call the shop")
    demo.page.click("text=Give up")
    demo.page.wait_for_selector("text=Nobody answered")
    assert demo.first("phone")[0]


def test_another_server_of_this_machine_stays_out_of_reach(tmp_path):
    """The phone opens the ports of its own networks, not the machine."""
    with_network = Kavenegar()
    try:
        http.allow_own([with_network.server.server_port])
        assert http.fetch("GET", with_network.url).status == 404
        with pytest.raises(Invalid):
            http.fetch("GET", f"http://127.0.0.1:{free_port()}/")
        with pytest.raises(Invalid):  # nor for an address that a stranger wrote
            http.fetch("GET", with_network.url, private=False)
    finally:
        http.allow_own([])
        with_network.close()


@pytest.fixture
def runtime(tmp_path):
    """A desk whose channel of text messages remembers who wants none."""
    runtime = small_runtime(tmp_path, Sms, plugins="sms")
    opting_out.Base.metadata.create_all(runtime.engine)
    yield runtime
    runtime.engine.dispose()


@pytest.fixture
def gateway(tmp_path, runtime):
    """The stand-in of the gateway and a channel on the demo's own account of it."""
    store = Store(tmp_path)
    settings = next(one["settings"] for one in networks.demo_accounts(store) if one["channel"] == "sms")
    known = store.known
    stand_in = Kavenegar(known["secrets"]["gateway"], port=known["ports"]["sms"])
    http.allow_own([known["ports"]["sms"]])

    def channel(**other):
        return Sms(AccountView(1, "x", Sms.Settings().load(settings | other)))

    yield stand_in, channel
    http.allow_own([])
    stand_in.close()


def outbound(to="+989120001122", text="Hello"):
    return Outbound("m-1", [Address("phone", to)], text=text)


def test_a_text_is_taken_with_an_id_the_report_names(gateway):
    stand_in, channel = gateway
    sent = channel().send(outbound())
    assert [(one["receptor"], one["message"]) for one in stand_in.taken] == [("09120001122", "Hello")]
    assert sent.external_ids == (str(stand_in.taken[0]["messageid"]),)


@pytest.mark.parametrize(
    ("to", "other", "fault"),
    [
        ("+989120001122", {"key": "another"}, Misconfigured),  # 403
        ("+442079460000", {}, Refused),  # 411
        ("+989120001122", {"number": "3000"}, Refused),  # 412
        ("+989120001122", {"send_body": "receptor={to}&message="}, Refused),  # 413
        ("+989120001122", {"send_body": "message={text}"}, Refused),  # 406
    ],
)
def test_what_the_gateway_refuses_is_told(gateway, to, other, fault):
    stand_in, channel = gateway
    with pytest.raises(fault):
        channel(**other).send(outbound(to))
    assert stand_in.taken == []


def test_what_is_to_be_tried_later_is_not_refused(gateway):
    stand_in, channel = gateway
    stand_in.fail = "busy"
    with pytest.raises(TryAgain, match="409"):
        channel().send(outbound())
    with pytest.raises(Refused, match="409"):
        channel(later_is="").send(outbound())


def test_a_library_of_the_gateway_sends_and_knows_its_refusals(gateway, monkeypatch):
    stand_in, _channel = gateway
    monkeypatch.setattr(AIOKavenegarAPI, "base_url", stand_in.url)
    said = {"receptor": "09120001122", "message": "سلام"}

    def sent(key=stand_in.key, **more):
        with ThreadPoolExecutor(1) as apart:  # a browser of another test may have a loop in this thread
            return apart.submit(lambda: asyncio.run(AIOKavenegarAPI(key).sms_send(said | more))).result()

    (entry,) = sent()
    assert (entry["messageid"], entry["receptor"]) == (stand_in.taken[0]["messageid"], "09120001122")
    for given, status in (({"key": "another"}, 403), ({"receptor": "+442079460000"}, 411), ({"sender": "3000"}, 412)):
        with pytest.raises((APIException, HTTPException), match=str(status)):
            sent(**given)
    stand_in.fail = "busy"
    with pytest.raises((APIException, HTTPException), match="409"):
        sent()


def test_a_phone_forgets_whom_the_desk_erases(tmp_path):
    store = Store(tmp_path)
    store.make()
    for number in ("09120001122", "09120003344"):
        store.keep("sms", number, "Hello", came=False)
    store.forget({"09120001122"})
    assert [line.number for line in store.of({"09120001122", "09120003344"})] == ["09120003344"]
    assert (tmp_path / "handset/networks").stat().st_mode & 0o077 == 0
