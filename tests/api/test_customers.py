"""A customer's record as a whole: exported, erased and merged, with what plugins know."""

import os

import pytest
from sqlalchemy import text

from helpdesk.api import customers, hookimpl, messages
from helpdesk.api.errors import Forbidden, NotFound
from helpdesk.core.channels.address_types import File
from helpdesk.core.intake import intake, raw_worker
from helpdesk.core.jobs import runner
from helpdesk.core.people.models import Customer, Identity
from helpdesk.core.tickets.message_models import Attachment
from helpdesk.core.tickets.models import Ticket
from helpdesk.testing import letter


@pytest.fixture
def mina(shop):
    """The customer of the desk's ticket, who was answered with a file."""
    messages.reply(
        shop.as_agent, shop.ticket_id, "Tomorrow, Mina.", files=[File("invoice.txt", "text/plain", content=b"for Mina")]
    )
    return shop.uow.session.get(Ticket, shop.ticket_id).customer_id


def old(shop):
    """Make every file old enough to be removed."""
    for path in shop.runtime.blobs.folder.glob("??/*"):
        os.utime(path, (1, 1))


def run(shop):
    states = []
    while (job_id := runner.claim(shop.uow)) is not None:
        states.append(runner.run(shop.uow, job_id))
    shop.uow.session.rollback()
    return states


def everything(shop):
    """Every text of every table, and of every file."""
    with shop.runtime.engine.connect() as connection:
        tables = [
            name
            for (name,) in connection.execute(
                text("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
            )
        ]
        rows = [
            str([bytes(v) if isinstance(v, memoryview) else v for v in row])
            for table in tables
            for row in connection.execute(text(f'SELECT * FROM "{table}"'))
        ]
    return "\n".join(rows) + "\n".join(str(path.read_bytes()) for path in shop.runtime.blobs.folder.glob("??/*"))


def test_an_export_has_everything_and_what_plugins_know(shop, mina):
    messages.note(shop.as_agent, shop.ticket_id, "Our own word.")
    shop.plugin(export_customer=hookimpl(lambda customer_id, uow: {"orders": [customer_id]}))
    reported = customers.export(shop.uow, mina)
    assert [m["text"] for m in reported["tickets"][0]["messages"]] == ["Where is it?", "Tomorrow, Mina."]
    assert reported["tickets"][0]["messages"][1]["files"][0]["name"] == "invoice.txt"
    assert reported["plugins"] == {"shop": {"orders": [mina]}} and reported["identities"]
    assert "Our own word." not in str(reported)


def test_an_erasure_leaves_no_word_address_or_file(shop, mina):
    address = shop.uow.session.query(Identity).filter_by(customer_id=mina).one().address
    old(shop)
    erased = []
    shop.plugin(erase_customer=hookimpl(lambda customer_id, uow: erased.append(customer_id)))
    customers.erase(shop.uow, mina)
    assert run(shop) == ["done"]
    left = everything(shop)
    assert [
        word for word in (address, "Where is it?", "Tomorrow", "for Mina", "My order", "Mina") if word in left
    ] == []
    assert erased == [mina] and shop.events("customer.erased")


def test_a_plugin_that_fails_is_asked_again_before_anything_is_erased(shop, mina):
    shop.plugin(erase_customer=hookimpl(lambda customer_id, uow: 1 / 0))
    customers.erase(shop.uow, mina)
    assert run(shop) == ["queued"]
    assert messages.of_ticket(shop.uow, shop.ticket_id)[0].text == "Where is it?"


def test_a_fault_that_was_saved_meanwhile_brings_the_job_back_too(shop, mina):
    def erase_customer(customer_id, uow):
        shop.faults().clear()  # as the sweep does when it saves them
        raise ValueError("not yet")

    shop.plugin(erase_customer=hookimpl(erase_customer))
    shop.faults().append(("on_event", "an older fault"))
    customers.erase(shop.uow, mina)
    assert run(shop) == ["queued"]
    assert messages.of_ticket(shop.uow, shop.ticket_id)[0].text == "Where is it?"


def test_a_file_that_another_customer_has_too_stays(shop, mina):
    intake.accept(shop.uow, shop.account, letter("Me too", sender="ali@post.example"))
    raw_worker.drain(shop.uow)
    other = shop.uow.session.query(Ticket).filter(Ticket.id != shop.ticket_id).one()
    messages.reply(shop.uow, other.id, "Here.", files=[File("same.txt", "text/plain", content=b"for Mina")])
    old(shop)
    customers.erase(shop.uow, mina)
    run(shop)
    (kept,) = shop.uow.session.query(Attachment).all()
    assert shop.runtime.blobs.get(kept.sha256) == b"for Mina"


def test_bytes_that_are_stored_again_meanwhile_stay(shop):
    sha256 = shop.runtime.blobs.put(b"once")
    shop.runtime.blobs.remove(sha256)
    assert shop.runtime.blobs.get(sha256) == b"once", "they are fresh"
    os.utime(shop.runtime.blobs.path(sha256), (1, 1))
    assert shop.runtime.blobs.put(b"once") == sha256
    shop.runtime.blobs.remove(sha256)
    assert shop.runtime.blobs.get(sha256) == b"once", "they were stored again"
    os.utime(shop.runtime.blobs.path(sha256), (1, 1))
    shop.runtime.blobs.remove(sha256)
    with pytest.raises(FileNotFoundError):
        shop.runtime.blobs.get(sha256)


def test_a_merge_moves_everything_and_plugins_hear_of_it(shop, mina):
    intake.accept(shop.uow, shop.account, letter("It is me, from work", sender="mina@work.example"))
    raw_worker.drain(shop.uow)
    other = shop.uow.session.query(Ticket).filter(Ticket.id != shop.ticket_id).one().customer_id
    received = []
    shop.plugin(on_customers_merged=hookimpl(lambda source_id, target_id, uow: received.append((source_id, target_id))))
    shop.hear()
    customers.merge(shop.as_agent, other, mina)
    shop.hear()
    shop.uow.session.rollback()
    shop.uow.session.expire_all()
    assert {ticket.customer_id for ticket in shop.uow.session.query(Ticket)} == {mina}
    assert shop.uow.session.get(Customer, other) is None and received == [(other, mina)]


def test_who_may(shop, mina):
    for act in (customers.export, customers.erase):
        with pytest.raises(Forbidden):
            act(shop.as_agent, mina)
    with pytest.raises(NotFound):
        customers.erase(shop.uow, 999)
    stranger = shop.uow.session.query(Customer).count() + 5
    with pytest.raises(NotFound):
        customers.merge(shop.as_agent, stranger, mina)
