"""One answer to many: asked about, sent by a job as its writer, each by its own way and rule, the rest with a reason."""

import re

import pytest

from helpdesk.app import build_runtime, create_app
from helpdesk.config import Config
from helpdesk.core.accounts import accounts
from helpdesk.core.channels.types import RawMessage
from helpdesk.core.database.base import utcnow
from helpdesk.core.intake import intake, raw_worker
from helpdesk.core.jobs import queue, runner
from helpdesk.core.outbox import replies
from helpdesk.core.people import teams, users
from helpdesk.core.tickets.message_models import Message
from helpdesk.security import passwords
from helpdesk.testing.databases import upgrade
from plugins.social import many
from plugins.social.contracts import mastodon, telegram

PASSWORD = "a long enough password"


class Desk:
    """Two public tickets, one of a messenger, one in a queue of other people, and an agent's browser."""

    def __init__(self, folder):
        url = f"sqlite:///{folder / 'hamdel.db'}"
        self.runtime = build_runtime(
            Config(data_dir=folder, database_url=url, secret_key="k" * 40, plugins=("social",))
        )
        upgrade(self.runtime)
        passwords.weaken()
        with self.runtime.uow() as uow:
            agent = users.add(uow, "agent@desk.example", "Sara", "agent", passwords.hash_password(PASSWORD), "en")
            self.agent = agent.id
            ours = teams.add_queue(uow, "Support", [teams.add_team(uow, "Support", [agent.id]).id]).id
            theirs = teams.add_queue(uow, "Billing", [teams.add_team(uow, "Billing").id]).id
            kinds = (("mastodon", mastodon.MastodonContract, ours), ("telegram", telegram.TelegramContract, ours))
            ids = {
                kind: accounts.create(uow, kind, kind.title(), its.settings, queue_id=q).id for kind, its, q in kinds
            }
            hidden = accounts.create(uow, "telegram", "Hidden", telegram.TelegramContract.settings, queue_id=theirs).id
            posts = [mastodon.note("mention", mastodon.status("When do you open?", str(n))) for n in (500, 501)]
            for number, raw in enumerate(posts):
                intake.accept(uow, ids["mastodon"], RawMessage(f"m{number}", raw, utcnow()))
            said = telegram.update(message=telegram.message("Where is it?", 9))
            intake.accept(uow, ids["telegram"], RawMessage("t", said, utcnow()))
            intake.accept(uow, hidden, RawMessage("h", said, utcnow()))
            raw_worker.drain(uow)
            inbound = uow.session.query(Message).order_by(Message.id)
            by = {kind: [m.ticket_id for m in inbound if m.account_id == known] for kind, known in ids.items()}
            self.public, self.private = by["mastodon"], by["telegram"]
            self.hidden = [m.ticket_id for m in inbound if m.account_id == hidden]
        self.client = create_app(self.runtime.config, self.runtime).test_client()
        self.client.post(
            "/sign-in", data={"email": "agent@desk.example", "password": PASSWORD, "csrf_token": self.token}
        )

    @property
    def token(self):
        return re.search(r'name="csrf-token" content="([^"]+)', self.client.get("/me", follow_redirects=True).text)[1]

    def ask(self, ids, text="", **more):
        given = {"tickets": ",".join(map(str, ids)), "text": text, "csrf_token": self.token, **more}
        return self.client.post("/x/social/many", data=given).text

    def work(self):
        with self.runtime.uow() as uow:
            while (job := runner.claim(uow)) is not None:
                runner.run(uow, job)

    def sent(self):
        with self.runtime.uow() as uow:
            out = uow.session.query(Message).filter_by(kind="out").order_by(Message.ticket_id)
            return [(m.ticket_id, m.text, m.visibility, m.user_id) for m in out]


@pytest.fixture
def desk(tmp_path):
    made = Desk(tmp_path)
    yield made
    made.runtime.parser.close()
    made.runtime.engine.dispose()


def progress(desk, page):
    return desk.client.get(re.search(r'hx-get="([^"]+)"', page)[1].replace("&amp;", "&")).text


@pytest.mark.clock
def test_each_ticket_is_answered_its_own_way_and_what_is_left_out_is_named(desk):
    ids = [*desk.public, *desk.private, *desk.hidden, 9999]
    sheet = desk.client.get(f"/x/social/many?tickets={','.join(map(str, ids))}").text
    assert "One answer to 5 tickets" in sheet and "2 tickets are left out" in sheet and "up to 460" in sheet
    asked = desk.ask(ids, "We open at nine.")
    assert "Send to the other 3" in asked and desk.sent() == []
    page = desk.ask(ids, "We open at nine.", sure="1")
    assert "0 of 3 answered" in page
    with desk.runtime.uow() as uow:  # somebody else answers meanwhile
        replies.reply(uow, desk.public[1], "At nine.")
    assert "still on its way" in desk.ask(desk.private, "Once more", sure="1")
    desk.work()
    done = progress(desk, page)
    assert "2 tickets answered" in done and "1 ticket is left out" in done and "hx-get" not in done
    ours = [one for one in desk.sent() if one[3] == desk.agent]
    assert ours == [
        (desk.public[0], "We open at nine.", "public", desk.agent),
        (desk.private[0], "We open at nine.", "private", desk.agent),
    ]
    desk.work()
    assert len([one for one in desk.sent() if one[3] == desk.agent]) == 2, "a second run sends nothing"


@pytest.mark.clock
def test_what_is_too_long_or_personal_is_asked_about_first(desk):
    ids = [*desk.public, *desk.private]
    assert "2 tickets are left out" in desk.ask(ids, "x" * 461)
    asked = desk.ask(ids, "Call us, 0912 123 4567.")
    assert "a telephone number" in asked and "Continue in private" in asked and desk.sent() == []
    desk.ask(ids, "Call us, 0912 123 4567.", private="1")
    desk.work()
    assert {visibility for _ticket, _text, visibility, _user in desk.sent()} == {"private"} and len(desk.sent()) == 3


@pytest.mark.clock
def test_who_lost_the_ticket_or_the_job_meanwhile_sends_nothing(desk):
    desk.ask(desk.public, "We open at nine.", sure="1")
    with desk.runtime.uow() as uow:
        users.change(uow, desk.agent, active=False)
    desk.work()
    assert desk.sent() == []
    with desk.runtime.uow() as uow:
        assert {row.state for row in uow.session.query(many.ManyTicket)} == {many.LEFT}


@pytest.mark.clock
def test_none_and_too_many_are_refused_and_anothers_is_unknown(desk):
    assert desk.client.get("/x/social/many?tickets=").status_code == 422
    assert desk.client.get(f"/x/social/many?tickets={','.join(map(str, range(1, 103)))}").status_code == 422
    with desk.runtime.uow() as uow, uow.writing() as session:
        session.add(many.Many(id=5, user_id=99, text="x", private=False, created_at=utcnow()))
    assert desk.client.get("/x/social/many/5").status_code == 404


@pytest.mark.clock
def test_who_dies_while_it_begins_leaves_nothing_that_waits_for_ever(desk, monkeypatch):
    class Killed(BaseException):
        pass

    def die(*_given, **_named):
        raise Killed

    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(queue, "insert_or_not", die)  # nothing of it is there without its job
        desk.ask(desk.private, "We open at nine.", sure="1")
    assert "answered" in desk.ask(desk.private, "We open at nine.", sure="1")
    desk.work()
    assert len(desk.sent()) == 1
