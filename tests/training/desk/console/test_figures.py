"""No figure of the desk knows a practice ticket: each is asked before and after a whole run, then after a real letter."""

import pytest
from sqlalchemy import select

from helpdesk.api import sla
from helpdesk.app import create_app
from helpdesk.core.intake import intake
from helpdesk.core.outbox.models import AutomaticSend
from helpdesk.core.tickets import changes, counters, saved_views, search, ticket_lists
from helpdesk.core.tickets import tickets as core
from helpdesk.core.tickets.message_models import Delivery
from helpdesk.core.waiting import entries
from helpdesk.testing import Letters, front_desk, letter, small_runtime
from helpdesk.testing.databases import make_tables
from helpdesk.web.health import metrics
from helpdesk.web.queue import palette
from plugins.sla import models as sla_tables
from plugins.webhook import calls, endpoints
from plugins.webhook import tables as webhook_tables
from training.tables import Base

from .conftest import answer, begun, passes

WORD = "Sadr"  # in the scenario and in the letter
OTHERS = ("mine", "unassigned", "waiting", "all", "snoozed", "solved")
OURS = ("hamdel_raw", "hamdel_deliveries", "hamdel_accounts", "hamdel_age", "hamdel_waiting", "hamdel_longest",
        "hamdel_events_total", "hamdel_sla", "hamdel_webhook")  # fmt: skip


@pytest.fixture(params=["sqlite", "postgresql"])
def runtime(request, tmp_path):
    url = request.getfixturevalue("postgres_tables") if request.param == "postgresql" else ""
    runtime = small_runtime(tmp_path, Letters, plugins="training,webhook,sla", database_url=url)
    for metadata in (Base.metadata, webhook_tables.Base.metadata, sla_tables.Base.metadata):
        make_tables(runtime.engine, metadata=metadata)
    yield runtime
    runtime.engine.dispose()


def figures(desk, app, view, endpoint):
    """Every figure, list and count of the desk, for those who would see the ticket."""
    found = {}
    for name in ("sara", "negar"):
        uow = desk.as_(name)
        found |= {f"{name} counts": ticket_lists.counts(uow), f"{name} tags": core.tags_in_use(uow)}
        found |= {f"{name} {each}": _ids(ticket_lists.page(uow, each)) for each in OTHERS}
        found |= {f"{name} queue {queue}": _ids(ticket_lists.page(uow, "queue", queue)) for queue in uow.actor.queues}
        found[f"{name} saved"] = _ids(saved_views.page(uow, view))
        found[f"{name} rest"] = (
            _ids(ticket_lists.listed(uow)),
            _ids(ticket_lists.listed(uow, assignee=uow.actor.user_id)),
        )
        found[f"{name} search"] = _ids(search.find(uow, WORD)), palette.answers(uow, WORD)
        found[f"{name} events"] = [entry.kind for entry in changes.page(uow, 0)[0]]
        found[f"{name} line"] = entries.count_waiting(uow)
    desk.uow.session.rollback()
    found["counters"] = [tuple(row) for row in desk.uow.session.execute(select(*counters.KEPT)) if row.active]
    desk.uow.session.rollback()
    found["wrong"] = counters.wrong(desk.uow.session)
    found["clocks"] = sla.count_under_way(desk.uow), sla.count_overdue(desk.uow)
    found["waiting"] = entries.standing(desk.uow)
    found["calls"] = calls.count(desk.uow, endpoint, webhook_tables.WAITING)
    found["automatic"] = len(desk.uow.session.scalars(select(AutomaticSend.id)).all())
    found["posted"] = len(Letters.posted)
    with app.app_context():
        lines = metrics.render().decode().splitlines()
    found["metrics"] = sorted(line for line in lines if line.startswith(OURS) and 'of="worker"' not in line)
    return found


def _ids(page):
    return [row["id"] for row in page.items]


def test_no_figure_knows_a_practice_ticket(desk, hash_):
    Letters.posted.clear()
    front = front_desk(desk.uow, "letters")
    desk.uow.session.rollback()
    endpoint, _secret = endpoints.add(
        desk.uow,
        {
            "name": "all",
            "url": "http://127.0.0.1:9/",
            "patterns": ["ticket.*", "message.*", "reply.*"],
            "words": True,
            "active": True,
        },
    )
    view = saved_views.create(
        desk.uow, "Everything", {"all": [{"condition": "status", "value": ["open", "waiting", "solved"]}]}, True
    ).id
    begun(desk, hash_)  # the account, its queue and team are there
    app = create_app(runtime=desk.runtime)
    figures(desk, app, view, endpoint)  # the counter of events begins here
    before = figures(desk, app, view, endpoint)
    console = begun(desk, hash_, lang="fa")
    during = figures(desk, app, view, endpoint)
    for text in ("سلام، متوجه شدم. برای چه کاری بود؟", "خودم یک نسخهٔ نو برایتان می‌فرستم.", "امر دیگری هست؟"):
        answer(desk, console, text)
    core.change(desk.as_("sara"), console.ticket_id, status="solved", more_tags=["seen"])
    passes(desk, 300)
    after = figures(desk, app, view, endpoint)
    assert during == before and after == before
    assert desk.uow.session.scalars(select(Delivery)).all()
    intake.accept(desk.uow, front, letter(f"From {WORD}: a real question", "r-1"))
    passes(desk)
    real = figures(desk, app, view, endpoint)
    seen = {name for name in before if real[name] != before[name]}
    assert {"counters", "clocks", "calls", "metrics"} <= seen and not real["wrong"], sorted(seen)
