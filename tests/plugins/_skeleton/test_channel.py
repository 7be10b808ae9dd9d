"""The skeleton channel: the contract every channel passes, its signatures, and a whole round by the desk's door."""

import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from helpdesk.api.channels import Address, Outbound
from helpdesk.api.errors import Refused, TryAgain
from plugins._skeleton.channel import Skeleton
from plugins._skeleton.contract import BODY, SECRET, SkeletonContract, signed


class TestSkeleton(SkeletonContract):
    @pytest.fixture
    def provider(self, uow, service, own_machine):
        service.settings = {"url": f"http://127.0.0.1:{service.server_port}/", "secret": SECRET}
        return service

    def test_a_good_signature_is_taken(self):
        (raw_message,) = self.channel(self.view()).receive(signed(BODY)).raw_messages
        assert (raw_message.external_id, raw_message.raw) == ("m-1", BODY)


class Service(BaseHTTPRequestHandler):
    """The other side: answers with ``status``, or fails as the contract asks, and keeps what it was given."""

    status, taken = 200, []

    def do_POST(self):
        given = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        fail = self.server.fail
        if fail == "down":
            return self.connection.close()
        if fail == "slow":
            time.sleep(0.5)
        status = 429 if fail == "busy" else self.status
        if fail in ("", "lost"):
            self.taken.append(given)
        if fail == "lost":
            return self.connection.close()
        self.send_response(status)
        if status == 429:
            self.send_header("Retry-After", str(self.server.after))
        self.end_headers()

    def log_message(self, *_given):
        """Tests are quiet."""


@pytest.fixture
def service(monkeypatch):
    Service.status, Service.taken = 200, []
    monkeypatch.setattr("plugins._skeleton.channel.PATIENCE", 0.3)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    server.fail, server.after, server.taken, server.loses = "", 90, Service.taken, True
    Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.usefixtures("own_machine")
@pytest.mark.parametrize(("status", "raises"), [(200, None), (400, Refused), (429, TryAgain), (503, TryAgain)])
def test_answers_are_pushed(service, status, raises):
    Service.status = status
    contract = TestSkeleton()
    contract.settings = {"secret": SECRET, "url": f"http://127.0.0.1:{service.server_port}/"}
    channel = Skeleton(contract.view())
    outbound = Outbound(external_id="d-1", to=[Address("skeleton", "mina")], text="درود")
    if raises:
        with pytest.raises(raises):
            channel.send(outbound)
    else:
        assert channel.send(outbound).detail == "HTTP 200"
    assert Service.taken == [{"id": "d-1", "to": "mina", "text": "درود"}]
