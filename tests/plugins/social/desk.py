"""A desk with an account of a social channel, its pages served on loopback, so that a stand-in's pushes reach it."""

from contextlib import contextmanager
from dataclasses import replace
from threading import Thread
from types import SimpleNamespace

from werkzeug.serving import make_server

from helpdesk.app import create_app
from helpdesk.core.accounts import accounts, activation
from helpdesk.core.intake import raw_worker
from helpdesk.core.jobs import runner
from helpdesk.core.outbox import message_events, outbox, replies
from helpdesk.core.tickets.message_models import Attachment, Delivery, Message
from helpdesk.testing import front_desk, small_runtime
from helpdesk.testing.contract_parts import LONG_AGO


class Desk(SimpleNamespace):
    """``uow``, ``runtime``, ``account`` (a row) and what a test does with them."""

    def drain(self):
        """File what came and fetch its files."""
        self.uow.session.rollback()
        raw_worker.drain(self.uow)
        while (job := runner.claim(self.uow)) is not None:
            runner.run(self.uow, job)
        message_events.enter_waiting(self.uow)
        self.uow.session.expire_all()

    def messages(self, kind="in"):
        self.drain()
        return self.uow.session.query(Message).filter_by(kind=kind).order_by(Message.id).all()

    def files(self):
        return self.uow.session.query(Attachment).order_by(Attachment.id).all()

    def reply(self, text, **how):
        """Answer the newest message; the delivery after one try."""
        ticket = self.messages()[-1].ticket_id
        message = replies.reply(self.uow, ticket, text, **how)
        return self.tried(message.id)

    def tried(self, message_id):
        self.uow.session.query(Delivery).filter_by(state="queued").update({"due_at": self.long_ago})
        self.uow.session.commit()
        outbox.work(self.uow)
        self.uow.session.expire_all()
        return self.uow.session.query(Delivery).filter_by(message_id=message_id).one()


@contextmanager
def open_desk(folder, channel, **settings):
    """A desk with one active account; ``url`` is where it listens."""
    runtime = small_runtime(folder, channel)
    with runtime.uow() as uow:
        account = accounts.get(uow, front_desk(uow, channel.name, **settings))
        server = make_server("127.0.0.1", 0, create_app(runtime=runtime), threaded=True)
        runtime.config = replace(runtime.config, url=f"http://127.0.0.1:{server.server_port}")
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            assert activation.follow(uow, account), account.fault
            yield Desk(uow=uow, runtime=runtime, account=account, long_ago=LONG_AGO)
        finally:
            server.shutdown()
            runtime.engine.dispose()
