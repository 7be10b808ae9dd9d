"""What visitors' pages say over their socket (docs/protocols.md): each event answers with an object, or with a code of
what is wrong.
"""

from __future__ import annotations

from helpdesk.api import accounts, events, intake, live
from helpdesk.api.i18n import reading
from helpdesk.api.work import UnitOfWork

from . import channel, ending, items, proofs, state, visitors
from .languages import reader
from .page import Data, Page, Problem, event, signal
from .saying import answers, delete, edit, message
from .tables import ChatRated, Visitor

COMMENT = 1000  # characters
SCORES = ("yes", "partly", "no")


def connect(uow: UnitOfWork, visit: live.Visit, auth: Data) -> Data:
    """The first word: who the visitor is, and what was said since they were here."""
    account = accounts.get(uow, visit.account_id)
    language = str(auth.get("language") or visit.language)[:10]
    visitor, token = visitors.find(uow, account.id, auth.get("token")), ""
    if visitors.is_blocked(uow, account, visit.address, visitor.address if visitor else ""):
        raise live.Rejected("blocked")
    if visitor is None:
        begun = visitors.begin(uow, account.id, visit.address, reader(language).language)
        if begun is None:
            raise live.Rejected("busy")
        visitor, token = begun
    page = auth.get("page") if isinstance(auth.get("page"), dict) else {}
    visitor = visitors.seen(uow, visitor, {**page, "agent": visit.agent})
    visit.state, visit.language = (visitor.id, visitor.public), language
    visit.person = f"visitor {visitor.id}"
    visit.rooms.add(visitor.public)
    signal(uow, visitor, "online")
    with reading(reader(language)):
        known = {"visitor": visitor.public, "state": state.of(uow, account, visitor)}
        return known | ({"token": token} if token else {}) | items.since(uow, visitor, auth.get("since"))


def disconnect(uow: UnitOfWork, visit: live.Visit) -> None:
    """A page is gone; the agents see it."""
    number, public = visit.state
    visitor = uow.session.get(Visitor, number)
    if visitor and visitor.public == public:
        signal(uow, visitor, "away")


@event
def history(page: Page) -> Data:
    """What was said after an item."""
    return items.since(page.uow, page.visitor, page.data.get("since"))


@event
def typing(page: Page) -> Data:
    """Show the agents that the visitor types."""
    if page.data.get("writing") is True:
        signal(page.uow, page.visitor, "typing")
    return {}


@event
def read(page: Page) -> Data:
    """What was on the visitor's screen: the agents see it at their messages."""
    upto, visitor = page.data.get("seq"), page.visitor
    if type(upto) is not int or not visitor.visitor_read < upto <= items.last(page.uow, visitor):
        return {}
    seen = [item for item, _said in items.unread(page.uow, visitor, visitor.visitor_read) if item.id <= upto]
    visitors.change(page.uow, visitor, visitor_read=upto)
    if seen:
        ids = [item.key.partition(":")[2] for item in seen[-100:]]
        intake.take(page.uow, visitor.account_id, channel.raw_message(visitor, f"read.{upto}", "read", ids=ids))
    return {}


@event
def here(page: Page) -> Data:
    """A sign of life."""
    given = page.data.get("page") if isinstance(page.data.get("page"), dict) else None
    page.visitor = visitors.seen(page.uow, page.visitor, {**given, "agent": page.visit.agent} if given else None)
    return {"seq": items.last(page.uow, page.visitor), **page.state()}


# Who it is ------------------------------------------------------------------------------------------------------------


@event
def email(page: Page) -> Data:
    """Go on by e-mail: mail a code and a link to this address."""
    if page.visitor.ticket_id is None and page.visitor.phase == "new" and not items.last(page.uow, page.visitor):
        raise Problem("not_now")
    refusal = proofs.ask(page.uow, page.visitor, page.data.get("address"))
    if refusal:
        raise Problem(refusal, after=600 if refusal == "slow_down" else 0)
    page.visitor = visitors.by_id(page.uow, page.visitor.id)
    return page.tell_state()


@event
def prove(page: Page) -> Data:
    """The code of that mail."""
    if not proofs.prove(page.uow, page.visitor, page.data.get("code")):
        raise Problem("code")
    page.visitor = visitors.by_id(page.uow, page.visitor.id)
    return page.tell_state()


@event
def transcript(page: Page) -> Data:
    """Mail what was said to the proven address."""
    if not page.visitor.proven or page.visitor.ticket_id is None:
        raise Problem("not_now")
    proofs.mail_transcript(page.uow, page.visitor)
    return page.state()


@event
def identify(page: Page) -> Data:
    """Be a user of the site, with its proof; id and token are new from now on."""
    user, name = page.data.get("user"), str(page.data.get("name") or "")
    secret = visitors.secret_of(page.uow, page.account.id)
    if (
        not isinstance(user, str)
        or not 0 < len(user) <= 200
        or not visitors.is_proved(secret, user, page.data.get("hash"))
    ):
        raise Problem("identity")
    if page.visitor.site_user == user:
        return {"visitor": page.visitor.public, **page.state()}
    left = page.visitor if page.visitor.site_user or page.visitor.proven else None  # nothing of theirs goes over
    if left:
        page.visitor = _another(page)
    page.visit.rooms.clear()
    page.visit.settle()  # the other pages are told that they are out, this one is not
    if left:
        visitors.forget(page.uow, left)
    page.visitor, token = visitors.identify(page.uow, page.visitor, user, name)
    page.visit.state = (page.visitor.id, page.visitor.public)
    page.visit.person = f"visitor {page.visitor.id}"
    page.visit.rooms.add(page.visitor.public)
    return {"visitor": page.visitor.public, "token": token, **page.state()}


def _another(page: Page) -> Visitor:
    begun = visitors.begin(page.uow, page.account.id, page.visit.address, page.visitor.language)
    if begun is None:
        raise Problem("slow_down", after=60)
    return begun[0]


@event
def forget(page: Page) -> Data:
    """This browser is no longer this visitor."""
    visitors.forget(page.uow, page.visitor)
    return {}


# The end --------------------------------------------------------------------------------------------------------------


@event
def end(page: Page) -> Data:
    """The visitor ends the chat."""
    page.visitor = ending.end(page.uow, page.visitor, "visitor")
    return page.tell_state()


@event
def rate(page: Page) -> Data:
    """Whether the question was solved, once a chat."""
    score, comment = page.data.get("score"), page.data.get("comment") or ""
    visitor = page.visitor
    if score not in SCORES or not isinstance(comment, str) or len(comment) > COMMENT:
        raise Problem("refused")
    if visitor.phase != "ended" or visitor.rated or visitor.ticket_id is None:
        raise Problem("not_now")
    page.visitor = visitors.change(page.uow, visitor, rated=score)
    events.record(page.uow, ChatRated(ticket_id=visitor.ticket_id, score=score))
    if comment.strip():
        ending.keep_comment(page.uow, visitor, comment.strip())
    return page.tell_state()


EVENTS = {
    function.__name__: function
    for function in (
        message, answers, edit, delete, history, typing, read, here,
        email, prove, transcript, identify, forget, end, rate,
    )
}  # fmt: skip
SOCKETS = live.PublicSockets("/chat/socket.io", "chat", connect, EVENTS, disconnect, last=("rotated",))
