"""The chats of the demo desk: one waits, one is open, two ended with a rating; played by a job, as visitors would."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from helpdesk.api import accounts, events, intake, jobs, messages, people, waiting
from helpdesk.api.i18n import _
from helpdesk.api.tickets import Step
from helpdesk.api.work import UnitOfWork, plugin_actor, work

from . import channel, ending, items, state, visitors
from .tables import ChatRated, Visitor

SOON = timedelta(seconds=1)
PATIENCE = 120  # looks for the ticket of what was said
SHOP = "Kashaneh | کاشانه"


@dataclass(frozen=True)
class Story:
    """A chat: ``said`` are (who, text), "v" the visitor, "a" the agent of this name. One without an end goes on."""

    language: str
    name: str
    page: str
    said: tuple[tuple[str, str], ...]
    agent: str = ""
    rated: str = ""
    comment: str = ""


STORIES = (
    Story(
        "fa",
        "رضا شکیبا",
        "سفارش من",
        (("v", "سلام، سفارش ۴۵۱۸۰ هنوز راه نیفتاده. می‌شود نشانی را عوض کنید؟"),),
    ),
    Story(
        "fa",
        "سمیرا طاهری",
        "ست فنجان سرامیکی",
        (
            ("v", "سلام، لعاب این فنجان‌ها سرب ندارد؟ برای بچه می‌خواهم."),
            ("a", "سلام خانم طاهری، بله، بدون سرب و کادمیوم است. برگهٔ آزمایش را هم می‌توانم بفرستم."),
            ("v", "خیلی ممنون، لطفاً بفرستید."),
        ),
        "سارا محمدی",
    ),
    Story(
        "en",
        "Emma Clarke",
        "Reading lamp",
        (
            ("v", "Hello! Does the reading lamp come with a bulb?"),
            ("a", "Hello Emma, James here. Yes, with a warm white LED bulb that you can change yourself."),
            ("v", "Perfect, thank you!"),
        ),
        "James Carter",
        "yes",
        "Quick and friendly.",
    ),
    Story(
        "fa",
        "بهار نوری",
        "روتختی دونفره",
        (
            ("v", "روتختی را رنگ سبز هم دارید؟"),
            ("a", "سلام، اکنون تمام شده و سه‌شنبه می‌رسد. می‌خواهید خبرتان کنیم؟"),
            ("v", "نه، ممنون."),
        ),
        "سارا محمدی",
        "partly",
    ),
)


def make(url: str) -> list[dict[str, Any]]:
    """The shop's account; its visitors come once the desk runs."""
    origins = f"{url} {url.replace('127.0.0.1', 'localhost')}"
    with work(plugin_actor("chat")) as uow:
        for number in range(len(STORIES)):
            jobs.add(uow, PLAY, {"story": number}, key=f"demo-{number}")
    return [{"channel": "chat", "name": SHOP, "settings": {"origins": origins, "idle": 24 * 60}}]


def _play(uow: UnitOfWork, job: Any) -> None:
    """Say the next thing of a story, once what was said before is in its ticket."""
    story, at = STORIES[job.args["story"]], job.args.get("at", 0)
    account = next(iter(accounts.of_channel(uow, channel.Chat.name)), None)
    if account is None:
        return
    visitor = _visitor(uow, account, story, job.args.get("visitor"))
    tries = job.args.get("tries", 0)
    if at and visitor.ticket_id is None:
        if tries < PATIENCE:
            _go_on(uow, {**job.args, "tries": tries + 1})
        return
    if at < len(story.said):
        who, text = story.said[at]
        _speak(uow, visitor, f"demo-{at}", text) if who == "v" else _answer(uow, visitor, story, text)
        _go_on(uow, {"story": job.args["story"], "visitor": visitor.id, "at": at + 1})
    elif story.rated:
        _rate(uow, visitor, story)
    elif not story.agent and visitor.ticket_id:
        waiting.join(uow, state.KIND, visitor.ticket_id, label=visitors.name_of(visitor), data={})


def _go_on(uow: UnitOfWork, args: dict[str, Any]) -> None:
    key = "-".join(str(args.get(name, 0)) for name in ("story", "at", "tries"))
    jobs.add(uow, PLAY, args, key=f"demo-{key}", at=uow.clock() + SOON)


def _visitor(uow: UnitOfWork, account: accounts.Account, story: Story, known: int | None) -> Visitor:
    if known:
        return visitors.by_id(uow, known)
    begun = visitors.begin(uow, account.id, "", story.language)
    assert begun is not None
    url = account.settings["origins"].split()[0]
    page = {"url": f"{url}/p/shop/", "title": story.page, "referrer": ""}
    return visitors.change(uow, begun[0], answers={"name": story.name}, page=page)


def _speak(uow: UnitOfWork, visitor: Visitor, client_id: str, text: str) -> None:
    raw = channel.raw_message(visitor, client_id, "message", text=text)
    author = {"name": str(visitor.answers.get("name", "")), "picture": ""}
    data = {"client_id": client_id, "from": "visitor", "author": author, "text": text, "html": "", "files": []}
    items.add(uow, visitor, f"v:{client_id}", "message", data, before=Step(intake.take, visitor.account_id, raw))


def _answer(uow: UnitOfWork, visitor: Visitor, story: Story, text: str) -> None:
    """As the colleague of this name, or whoever is there; they take the chat from the line first."""
    everybody = people.colleagues(uow)
    user_id = next((number for number, name in everybody if name == story.agent), everybody[0][0])
    acting = uow.acting(people.actor(uow, user_id))
    ticket = visitor.ticket_id or 0
    waiting.join(uow, state.KIND, ticket, label=visitors.name_of(visitor), data={})
    entry = state.entry_of(uow, visitor)
    if entry:
        waiting.accept(acting, entry.id)
    messages.reply(acting, ticket, text)


def _rate(uow: UnitOfWork, visitor: Visitor, story: Story) -> None:
    visitor = ending.end(uow, visitor, "visitor")
    visitors.change(uow, visitor, rated=story.rated)
    events.record(uow, ChatRated(ticket_id=visitor.ticket_id, score=story.rated))
    if story.comment:
        ending.keep_comment(uow, visitor, story.comment)


PLAY = jobs.JobKind("chat.demo", _play, _("Let the demo's visitors chat"))
