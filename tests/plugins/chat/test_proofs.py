"""Proofs of an address, and what becomes of a visitor whose customer is exported, merged or erased; without a socket."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import StatementError

from helpdesk.api import intake, live
from helpdesk.api.channels import Address, File, Outbound
from helpdesk.api.tickets import Step
from helpdesk.api.work import plugin_actor
from helpdesk.core.accounts import accounts
from helpdesk.core.intake import raw_worker
from helpdesk.core.intake.models import RawMessage
from helpdesk.core.jobs.models import Job as QueuedJob
from helpdesk.core.people.models import Identity
from helpdesk.core.tickets.message_models import Delivery, Message
from helpdesk.core.tickets.models import Ticket
from helpdesk.testing import front_desk, small_runtime
from plugins.chat import channel, following, items, page, proofs, saying, sockets, visitors
from plugins.chat.channel import Chat
from plugins.chat.tables import Base, Item, Visitor


@pytest.fixture
def uow(tmp_path):
    runtime = small_runtime(tmp_path, Chat, plugins="email,chat")
    Base.metadata.create_all(runtime.engine)
    with runtime.uow() as uow:
        front_desk(uow, "chat", origins="https://shop.example")
        accounts.create(uow, "email", "support", {"address": "support@desk.example"}, 1, "support@desk.example")
        yield uow.acting(plugin_actor("chat"))
    runtime.engine.dispose()


class Job:
    def __init__(self, **args):
        self.args = args


@pytest.fixture
def mina(uow):
    """A visitor whose first message is in its ticket."""
    visitor, _token = visitors.begin(uow, 1, "192.0.2.1", "en")
    intake.take(uow, 1, channel.raw_message(visitor, "client-id", "message", text="Hello"))
    items.add(uow, visitor, "v:client-id", "message", {"from": "visitor", "author": {"name": ""}, "text": "Hello"})
    raw_worker.work(uow)
    ticket = uow.session.scalars(select(Ticket)).one()
    return visitors.change(uow, visitor, ticket_id=ticket.id, customer_id=ticket.customer_id, phase="waiting")


def mailed(uow):
    query = select(Message.text).join(Delivery, Delivery.message_id == Message.id).order_by(Message.id)
    return list(uow.session.scalars(query))


def test_the_code_of_a_mail_proves_and_nothing_else(uow, mina):
    assert proofs.ask(uow, mina, "no address") == "address" and proofs.ask(uow, mina, "Mina@Example.com") == ""
    mina = visitors.by_id(uow, mina.id)
    proofs._mail_proof(uow, Job(visitor=mina.id, nonce=mina.code["nonce"]))
    code = proofs.digits_of(uow, mina)
    assert len(mailed(uow)) == 1 and code in mailed(uow)[0] and "Hello" not in mailed(uow)[0]
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    assert not any(proofs.prove(uow, visitors.by_id(uow, mina.id), given) for given in (wrong, "", None, 7))
    assert proofs.prove(uow, visitors.by_id(uow, mina.id), code)
    mina = visitors.by_id(uow, mina.id)
    assert mina.proven and not proofs.prove(uow, mina, code), "once"
    owner = uow.session.scalars(select(Identity).where(Identity.address == "mina@example.com")).one().customer_id
    assert owner == mina.customer_id == uow.session.get(Ticket, mina.ticket_id, populate_existing=True).customer_id


def test_a_code_is_guessed_five_times_and_asked_for_three_times(uow, mina):
    for _number in range(3):
        assert proofs.ask(uow, visitors.by_id(uow, mina.id), "mina@example.com") == ""
    assert proofs.ask(uow, visitors.by_id(uow, mina.id), "mina@example.com") == "slow_down"
    code = proofs.digits_of(uow, visitors.by_id(uow, mina.id))
    for _number in range(5):
        assert not proofs.prove(uow, visitors.by_id(uow, mina.id), f"{(int(code) + 1) % 1_000_000:06}")
    assert not proofs.prove(uow, visitors.by_id(uow, mina.id), code)


def test_codes_are_counted_over_all_visitors_of_an_address_and_a_network(uow, mina, monkeypatch):
    monkeypatch.setattr(proofs, "OF_NETWORK", 8)
    others = [visitors.begin(uow, 1, network, "en")[0] for network in ["192.0.2.7"] * 5 + ["192.0.2.8"] * 2]
    asked = [proofs.ask(uow, one, "mina@example.com") for one in others[:5]]
    assert asked == [""] * 5 and proofs.ask(uow, others[5], "MINA@example.com") == "slow_down"
    assert proofs.ask(uow, others[5], "other@example.com") == ""
    assert proofs.ask(uow, visitors.by_id(uow, others[5].id), "mina@example.com") == "slow_down"
    for number in range(3):
        assert proofs.ask(uow, visitors.by_id(uow, others[number].id), f"{number}@example.com") == ""
    assert proofs.ask(uow, visitors.by_id(uow, others[4].id), "4@example.com") == "slow_down", "of the network"
    assert proofs.ask(uow, others[6], "4@example.com") == ""


def test_a_code_that_is_not_mailed_proves_nothing(uow, mina, monkeypatch):
    proofs.ask(uow, mina, "mina@example.com")
    mina = visitors.by_id(uow, mina.id)
    code = proofs.digits_of(uow, mina)
    monkeypatch.setattr(proofs.messages, "write_to", lambda *given, **named: None)
    proofs._mail_proof(uow, Job(visitor=mina.id, nonce=mina.code["nonce"]))
    mina = visitors.by_id(uow, mina.id)
    assert not proofs.prove(uow, mina, code) and len(mina.code["asked"]) == 1


def follow_ups(uow):
    rows = uow.session.query(QueuedJob).filter(QueuedJob.kind == channel.FOLLOW_UP, QueuedJob.key.is_(None))
    return [row.args for row in rows.order_by(QueuedJob.id)]


def test_an_unread_answer_is_mailed_once_the_visitor_is_gone_and_a_mail_may_leave(uow, mina, monkeypatch):
    mina = visitors.change(uow, mina, email="mina@example.com", proven=True)
    items.add(uow, mina, "o:1", "message", {"from": "agent", "author": {"name": "Sara"}, "text": "Yes, it is."})
    proofs._follow_up(uow, Job(visitor=mina.id))
    assert mailed(uow) == [] and follow_ups(uow) == [{"visitor": mina.id, "looked": 1}], "they are there"
    visitors.change(uow, mina, seen_at=mina.seen_at - 2 * visitors.GONE)
    real = proofs.write
    monkeypatch.setattr(proofs, "write", lambda *given: False)
    proofs._follow_up(uow, Job(**follow_ups(uow)[-1]))
    assert len(follow_ups(uow)) == 2, "too many mails at the moment"
    proofs._follow_up(uow, Job(visitor=mina.id, looked=proofs.LOOKS))
    assert len(follow_ups(uow)) == 2, "some day it is enough"
    monkeypatch.setattr(proofs, "write", real)
    proofs._follow_up(uow, Job(**follow_ups(uow)[-1]))
    proofs._follow_up(uow, Job(visitor=mina.id))
    assert len(follow_ups(uow)) == 2 and len(mailed(uow)) == 1 and "Yes, it is." in mailed(uow)[0]


def test_an_answer_is_followed_up_although_the_process_died_after_it(uow, mina, monkeypatch):
    answer, chat = Outbound("o-1", [Address("visitor", mina.address)], text="Yes"), Chat(None)
    with monkeypatch.context() as patch, pytest.raises(TypeError):
        patch.setattr(channel.jobs, "add", None)
        chat.send(answer)
    for _again in range(2):
        chat.send(answer)
    with uow.runtime.uow() as later:
        assert later.session.query(QueuedJob).filter(QueuedJob.kind == channel.FOLLOW_UP).count() == 1


def test_an_erased_customers_chats_are_gone_and_an_export_has_them(uow, mina):
    other, _token = visitors.begin(uow, 1, "192.0.2.2", "fa")
    items.add(uow, other, "v:client-id", "message", {"from": "visitor", "author": {"name": ""}, "text": "Mine"})
    [exported] = following.export(uow, mina.customer_id)
    assert [item["text"] for item in exported["items"]] == ["Hello"] and "secret" not in exported
    following.erase(uow, mina.customer_id)
    assert list(uow.session.scalars(select(Visitor.id))) == [other.id]
    assert [item.data["text"] for item in uow.session.scalars(select(Item))] == ["Mine"]


def test_a_blocked_visitor_and_network_are_known(uow, mina):
    account = following.accounts.get(uow, 1)
    assert not visitors.is_blocked(uow, account, "192.0.2.1", mina.address)
    visitors.block(uow, mina, network=True)
    assert visitors.is_blocked(uow, account, "192.0.2.1") and visitors.is_blocked(uow, account, "x", mina.address)
    account.settings["blocked"] = "198.51.100.0/24 2001:db8::/32"
    assert visitors.is_blocked(uow, account, "198.51.100.7") and visitors.is_blocked(uow, account, "2001:db8::/64")
    assert not visitors.is_blocked(uow, account, "203.0.113.1")


def test_a_message_is_stored_with_its_item_or_not_at_all(uow, monkeypatch):
    """What fails before the answer has kept both or neither, so the page may send again."""
    visitor, _token = visitors.begin(uow, 1, "192.0.2.1", "en")
    raw, woken = channel.raw_message(visitor, "client-id", "message", text="Hello"), []
    monkeypatch.setattr(uow.runtime, "wake", lambda name: woken.append((name, uow.session.info.get("writing"))))
    data = {"from": "visitor", "author": {"name": ""}, "text": "Hello"}
    with pytest.raises(StatementError):
        items.add(uow, visitor, "v:client-id", "message", {**data, "bad": object()}, before=Step(intake.take, 1, raw))
    assert (uow.session.query(RawMessage).count(), uow.session.query(Item).count(), woken) == (0, 0, [])
    for _again in range(2):
        items.add(uow, visitor, "v:client-id", "message", data, before=Step(intake.take, 1, raw))
    assert (uow.session.query(RawMessage).count(), uow.session.query(Item).count()) == (1, 1)
    assert ("interactive", False) in woken, "the reader is woken once it is committed"


def test_who_wrote_while_nobody_was_there_joins_when_somebody_comes(uow, mina, monkeypatch):
    monkeypatch.setattr(following.state, "is_open", lambda uow, account: False)
    following._somebody_came(uow)
    assert following.state.entry_of(uow, mina) is None
    other, _token = visitors.begin(uow, 1, "192.0.2.2", "en")
    visitors.change(uow, other, phase="waiting", ticket_id=mina.ticket_id)
    asked = []
    monkeypatch.setattr(following.state, "is_open", lambda uow, account: asked.append(account.id) or True)
    following._somebody_came(uow)
    assert asked == [1], "once, however many wait"
    assert following.state.entry_of(uow, mina).label == f"Visitor {mina.id}"


def test_everybody_who_waits_is_told_with_one_look_at_the_line(uow, mina, monkeypatch):
    asked = []
    for module, name in ((following.state.presence, "everybody"), (following.state.waiting, "places")):
        real = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *given, real=real, name=name: asked.append(name) or real(*given))
    for number in range(3):
        other, _token = visitors.begin(uow, 1, "192.0.2.2", "en")
        intake.take(uow, 1, channel.raw_message(other, f"client-{number}", "message", text="Hello"))
        raw_worker.work(uow)
        ticket = uow.session.scalars(select(Ticket).order_by(Ticket.id.desc())).first()
        visitors.change(uow, other, ticket_id=ticket.id, customer_id=ticket.customer_id, phase="waiting")
        following.state.waiting.join(uow, "chat", ticket.id, label="", data={})
    asked.clear()
    following._in_line(uow, mina.ticket_id, None)
    assert sorted(asked) == ["everybody", "places"]


def test_the_code_for_one_address_never_proves_another(uow, mina):
    """The link and the code of a mail prove the address they were mailed to, whatever the page says meanwhile."""
    proofs.ask(uow, mina, "mine@example.com")
    mina = proofs.note(uow, visitors.by_id(uow, mina.id), "victim@example.com")
    assert mina.email == "mine@example.com", "what is typed does not take the place of what is proved"
    visitors.change(uow, mina, email="victim@example.com")  # by another page of the visitor, at the same moment
    assert not proofs.prove_by_mail(uow, visitors.by_id(uow, mina.id), "mine@example.com")
    assert not visitors.by_id(uow, mina.id).proven
    assert proofs.prove_by_mail(uow, visitors.by_id(uow, mina.id), "victim@example.com")
    assert not proofs.prove_by_mail(uow, visitors.by_id(uow, mina.id), "victim@example.com"), "once"
    assert proofs.note(uow, visitors.by_id(uow, mina.id), "other@example.com").email == "victim@example.com"


def visit_of(visitor):
    return live.Visit("s", 1, "192.0.2.1", "", "", "en", lambda event, data: None, state=(visitor.id, visitor.public))


def test_words_taken_back_do_not_come_out_again(uow, mina, monkeypatch):
    """Neither in what is repeated to a page, nor in a mail: the words of now, and none of what was deleted."""
    said = {"from": "agent", "author": {"name": "Sara"}, "files": []}
    wrong, _new = items.add(uow, mina, "o:1", "message", {**said, "text": "secret of another"})
    gone, _new = items.add(uow, mina, "o:2", "message", {**said, "text": "secret", "files": [{"name": "secret.pdf"}]})
    items.add(uow, mina, "e:1", "edited", {"text": "secret as well"}, about=wrong.id)
    items.add(uow, mina, "e:2", "edited", {"text": "What I meant"}, about=wrong.id)
    items.add(uow, mina, "e:3", "edited", {"text": "secret, too"}, about=gone.id)
    items.add(uow, mina, "e:4", "deleted", {}, about=gone.id)
    told = items.since(uow, mina, 0)["items"]
    assert (
        "secret" not in str(told)
        and [item["text"] for item in told if item["id"] == f"m{wrong.id}"] == ["What I meant"] * 3
    )
    assert [item["kind"] for item in told if item["id"] == f"m{gone.id}"] == ["message", "edited", "deleted"]
    assert [(item.id, words["text"]) for item, words in items.unread(uow, mina, 0)] == [(wrong.id, "What I meant")]
    mails = []
    monkeypatch.setattr(proofs, "write", lambda uow, visitor, text, subject: mails.append(text))
    proofs.mail_transcript(uow, mina)
    assert "What I meant" in mails[0] and "Hello" in mails[0] and "secret" not in mails[0]


def test_an_account_that_is_off_takes_nothing_from_open_connections(uow, mina):
    visit, said = visit_of(mina), {"client_id": "client-id-2", "text": "more"}
    with uow.runtime.uow() as desk:
        accounts.update(desk, 1, enabled=False)
    with uow.runtime.uow() as later:
        answers = [saying.message(later, visit, said), sockets.here(later, visit, {})]
    assert [answer["error"] for answer in answers] == ["blocked", "blocked"]
    assert items.by_key(uow, mina, "v:client-id-2") is None


def test_a_page_that_changes_all_the_time_is_written_now_and_then(uow, mina, monkeypatch):
    start, written = mina.seen_at, []
    real = visitors.change
    monkeypatch.setattr(visitors, "change", lambda *given, **values: written.append(values) or real(*given, **values))
    for second in range(20):
        uow.clock = lambda second=second: start + timedelta(seconds=second)
        sockets.here(uow, visit_of(mina), {"page": {"url": f"https://shop.example/{second}"}})
        sockets.here(uow, visit_of(mina), {})
    assert [values["page"]["url"][-2:].strip("/") for values in written] == ["0", "5", "10", "15"]


def test_a_large_upload_is_on_disk_before_anything_is_locked(uow, mina, monkeypatch):
    put, real = [], type(uow.blobs).put
    monkeypatch.setattr(
        type(uow.blobs), "put", lambda blobs, raw: put.append(bool(uow.session.info.get("writing"))) or real(blobs, raw)
    )
    files = [File("a.png", "image/png", bytes(70_000))]
    here = page.Page(uow, visit_of(mina), mina, following.accounts.get(uow, 1), {})
    assert saying.said(here, "client-id-2", "look", files)["seq"] and put[0] is False


# Changes ---------------------------------------------------------------------------------------------------------


def opened(uow, visitor, **data):
    visit = live.Visit("", 1, "192.0.2.1", "", "", "en", lambda event, data: None)
    visit.state = (visitor.id, visitor.public)
    return visit, data


def test_two_pages_change_a_message_at_the_same_moment_and_both_count(uow, mina, monkeypatch):
    item = items.by_key(uow, mina, "v:client-id")
    plain = channel.raw_message

    def meanwhile(*given, **named):
        monkeypatch.setattr(saying.channel, "raw_message", plain)
        assert "seq" in saying.edit(uow, *opened(uow, mina, id=f"m{item.id}", text="From the other page"))
        return plain(*given, **named)

    monkeypatch.setattr(saying.channel, "raw_message", meanwhile)
    assert "seq" in saying.edit(uow, *opened(uow, mina, id=f"m{item.id}", text="From this page"))
    said = [one.data["text"] for one in uow.session.query(Item).filter(Item.kind == "edited").order_by(Item.id)]
    assert said == ["From the other page", "From this page"]


def test_who_is_blocked_changes_nothing_they_said(uow, mina):
    item = items.by_key(uow, mina, "v:client-id")
    visitors.block(uow, mina)
    for act, more in ((saying.edit, {"text": "Something ugly"}), (saying.delete, {})):
        assert act(uow, *opened(uow, mina, id=f"m{item.id}", **more))["error"] == "blocked"
    assert uow.session.query(Item).count() == 1
