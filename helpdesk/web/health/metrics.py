"""The figures this process counts, and those it asks the database for when somebody looks."""

from __future__ import annotations

import time
from functools import partial

from flask import Flask, current_app, g, request
from prometheus_client import REGISTRY, Counter, Gauge, Histogram, generate_latest
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from helpdesk.core.accounts.models import Account
from helpdesk.core.intake.models import RawMessage
from helpdesk.core.jobs.models import Job
from helpdesk.core.jobs.queue import oldest_due
from helpdesk.core.journal import journal
from helpdesk.core.journal.models import Event
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.tickets import simulated
from helpdesk.core.tickets.message_models import Delivery
from helpdesk.core.waiting import entries
from helpdesk.ops.ages import last_beat, oldest_delivery, oldest_raw_message
from helpdesk.web import runtime

METHODS = frozenset(
    {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
)  # an unknown value makes no new series
BUCKETS = (0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

REQUESTS = Histogram(
    "hamdel_request_seconds", "Time to answer a request", ["feature", "method", "status"], buckets=BUCKETS
)
SOCKETS = Gauge("hamdel_sockets", "Consoles connected to this process")
EMITS = Counter("hamdel_emits", "Changes told to consoles", ["event"])
EVENTS = Counter("hamdel_events", "What happened at the desk since this process was first asked", ["kind"])
REFUSED = Counter("hamdel_socket_refusals", "Connections and frames of sockets that were refused", ["why"])
BROADCASTING = Histogram(
    "hamdel_broadcast_seconds", "From the moment something happened until consoles are told", buckets=BUCKETS
)
RAW_MESSAGES = Gauge("hamdel_raw_messages", "RawMessages that wait or are in quarantine", ["state"])
DELIVERIES = Gauge("hamdel_deliveries", "Deliveries that have not left", ["state"])
JOBS = Gauge("hamdel_jobs", "Jobs that wait, run or have failed", ["state"])
DATABASE = Gauge(
    "hamdel_database_up",
    "1 when the database answered; the figures that are asked of it are those of the last time it did",
)
ACCOUNTS = Gauge("hamdel_accounts_failing", "Accounts that are on and do not work")
AGES = Gauge(
    "hamdel_age_seconds",
    "Since when: the oldest raw message, the most overdue delivery, the most overdue job, the last beat of "
    "the background work",
    ["of"],
)

WAITING = Gauge("hamdel_waiting", "People who wait to be served at once", ["kind"])
LONGEST = Gauge("hamdel_longest_wait_seconds", "For how long the first of them has waited", ["kind"])

PLUGINS: dict[str, Gauge] = {}  # made when they are first asked for


def render() -> bytes:
    """Everything in Prometheus' text form, also while the database is away: that is when somebody looks."""
    try:
        _ask()
        DATABASE.set(1)
    except SQLAlchemyError:
        DATABASE.set(0)
    return generate_latest(REGISTRY)


def _ask() -> None:
    """What only the database knows."""
    with runtime().uow() as uow:
        not_real = simulated.accounts(uow)
        received, sent = RawMessage.account_id.not_in(not_real), Delivery.account_id.not_in(not_real)
        _count(uow, RAW_MESSAGES, RawMessage, ("new", "quarantined"), received)
        _count(uow, DELIVERIES, Delivery, ("queued", "sending", "failed", "uncertain"), sent)
        _count(uow, JOBS, Job, ("queued", "running", "failed"))
        real = select(Account).where(Account.enabled, Account.id.not_in(not_real))
        ill = [account for account in uow.session.scalars(real) if account.health.get("error")]
        ACCOUNTS.set(len(ill))
        for name, age in {
            "raw_message": oldest_raw_message(uow),
            "delivery": oldest_delivery(uow),
            "worker": last_beat(uow),
            "job": _overdue(uow),
        }.items():
            AGES.labels(name).set(age.total_seconds() if age else 0)
        for kind, (number, longest) in entries.standing(uow).items():
            WAITING.labels(kind).set(number)
            LONGEST.labels(kind).set(longest)
        _count_events(uow)
        _ask_plugins(uow)


def _count_events(uow: UnitOfWork) -> None:
    """What was written into the journal since the last look, by kind."""
    newest = journal.last(uow)
    seen = current_app.extensions.setdefault("events_counted", newest)
    for kind, count in journal.counts(uow, seen, newest, simulated.is_real(Event.ticket_id)).items():
        EVENTS.labels(kind).inc(count)
    current_app.extensions["events_counted"] = newest


def _ask_plugins(uow: UnitOfWork) -> None:
    """The figures of plugins; one that fails keeps its last values."""
    for (plugin, name), metric in uow.runtime.metrics.items():
        key = f"hamdel_{plugin}_{name}"
        gauge = PLUGINS.get(key) or PLUGINS.setdefault(key, Gauge(key, metric.help, metric.labels))
        for labels, value in (
            uow.runtime.hooks.guarded(plugin, f"metric {name}", partial(metric.read, uow)) or {}
        ).items():
            (gauge.labels(*labels) if metric.labels else gauge).set(value)


def _overdue(uow: UnitOfWork):
    since = oldest_due(uow, uow.runtime.jobs)
    return uow.clock() - since if since else None


def _count(uow: UnitOfWork, gauge: Gauge, model, states: tuple[str, ...], *where) -> None:
    counted = dict(
        uow.session.execute(
            select(model.state, func.count()).where(model.state.in_(states), *where).group_by(model.state)
        ).all()
    )
    for state in states:
        gauge.labels(state).set(counted.get(state, 0))


def register(app: Flask) -> None:
    """Measure every request of this application, by feature."""

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()

    @app.after_request
    def end(response):
        if "began" in g:
            method = request.method if request.method in METHODS else "other"
            status = f"{response.status_code // 100}xx"
            REQUESTS.labels(request.blueprint or "none", method, status).observe(time.perf_counter() - g.began)
        return response
