"""A desk with a contact form, its mail account, and a clock that tests move."""

import re
from datetime import timedelta

import pytest

from helpdesk.app import build_runtime, create_app
from helpdesk.config import Config
from helpdesk.core.accounts import accounts
from helpdesk.core.database.base import utcnow
from helpdesk.core.intake import raw_worker
from helpdesk.core.people import teams, users
from helpdesk.core.tickets.message_models import Message
from helpdesk.runtime.worker import Worker
from helpdesk.testing import ReadHere
from helpdesk.testing.databases import make_tables
from plugins.form import demo, guard, tables

ADDRESS = "mina@customer.example"


class Desk:
    """The desk, and a visitor's browser without script before it."""

    def __init__(self, runtime, monkeypatch):
        self.runtime, self.monkeypatch = runtime, monkeypatch
        with runtime.uow() as uow:
            self.agent = users.add(uow, "agent@desk.example", "Sara", "agent")
            team = teams.add_team(uow, "Support", [self.agent.id])
            queue = teams.add_queue(uow, "Support", [team.id]).id
            self.other_queue = teams.add_queue(uow, "Billing", [team.id]).id
            accounts.create(uow, "email", "support", {"address": "support@desk.example"}, queue_id=queue)
            account = accounts.create(uow, "form", "contact", {"difficulty": 22}, queue_id=queue)
            self.account, self.key = account.id, account.public_key
        demo.make(runtime)
        self.app = create_app(runtime.config, runtime)
        self.client = self.app.test_client()
        self.worker = Worker(runtime, runtime.notifier)
        self.filed()  # it hears of what happens from now on

    def opened(self, topic="other", **query):
        """The page of a form."""
        return self.client.get(f"/p/form/{self.key}/{topic}", query_string=query)

    def sent(self, topic="other", waited=10, client=None, **said):
        """What came of filling a form in and sending it after so many seconds."""
        page = self.opened(topic, lang="en").text
        begin = re.search(r'name="begin" value="([^"]+)"', page)[1]
        now = utcnow() + timedelta(seconds=waited)
        with self.monkeypatch.context() as patch:
            patch.setattr(guard, "now_of", lambda uow: now.timestamp())
            form = {
                "begin": begin,
                "lang": "en",
                "field-your_email": ADDRESS,
                "field-your_message": "Where is it?",
                **said,
            }
            return self.client.post(f"/p/form/{self.key}/{topic}", data=form, content_type="multipart/form-data")

    def filed(self):
        """Everything that waits is filed and heard of; the messages there are, oldest first."""
        with self.runtime.uow() as uow:
            raw_worker.drain(uow)
            while self.worker._announce(uow, "form"):
                pass
            uow.session.rollback()
            return list(uow.session.query(Message).order_by(Message.id))

    def link_in(self, text):
        """The path of a request's page in a page or a mail."""
        return re.search(r"/p/form/ticket/[\w.%~-]+", text)[0]

    def uow(self):
        return self.runtime.uow()


@pytest.fixture
def desk(tmp_path, monkeypatch):
    url = f"sqlite:///{tmp_path / 'hamdel.db'}"
    runtime = build_runtime(Config(data_dir=tmp_path, database_url=url, secret_key="k" * 40, plugins=("email", "form")))
    runtime.parser = ReadHere(runtime)
    make_tables(runtime.engine)
    tables.Base.metadata.create_all(runtime.engine)
    yield Desk(runtime, monkeypatch)
    runtime.engine.dispose()
