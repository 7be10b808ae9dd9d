"""What the plugin adds to the desk besides the channel: the check of its port, and people who write from a
subaddress.
"""

import socket
from contextlib import closing

import pytest
from servers import free_port

from helpdesk.core.channels.address_types import Address
from helpdesk.core.channels.channel_events import Inbound
from helpdesk.core.people.models import Customer, Identity
from helpdesk.testing import small_runtime
from plugins.email import listener, plugin


@pytest.fixture
def port(monkeypatch):
    found = free_port()
    monkeypatch.setenv(listener.PORT, str(found))
    return found


def test_the_check_of_the_port_says_when_another_program_has_it(port):
    assert listener.check() is None, "nothing runs here"
    with closing(socket.create_server(("127.0.0.1", port))), pytest.MonkeyPatch.context() as patched:
        patched.setattr(listener, "GREETING", 0.2)
        problem = listener.check()
    assert problem is None or listener.PORT in str(problem)


def test_the_check_knows_a_foreign_greeting_from_ours(port):
    stop = listener.listen(list, lambda account_id, mail: None)
    try:
        assert listener.check() is None
    finally:
        stop()
    import threading

    with closing(socket.create_server(("127.0.0.1", port))) as other:
        threading.Thread(
            target=lambda: other.accept()[0].sendall(b"220 mx.example ESMTP Other\r\n"), daemon=True
        ).start()
        problem = listener.check()
    assert str(port) in str(problem) and listener.PORT in str(problem)


def test_a_subaddress_is_its_owners(tmp_path):
    runtime = small_runtime(tmp_path, plugins="email")
    with runtime.uow() as uow:
        with uow.writing() as session:
            mina = Customer(name="Mina")
            session.add(mina)
            session.flush()
            session.add(Identity(customer_id=mina.id, kind="email", address="mina@customer.example"))
        whose = lambda address: plugin.identify_customer(Inbound(Address("email", address)), uow.session)
        assert whose("mina+shop@customer.example") == mina.id
        for other in ("mina@customer.example", "+shop@customer.example", "ali+shop@customer.example", "mina+@", ""):
            assert whose(other) is None
    runtime.engine.dispose()
