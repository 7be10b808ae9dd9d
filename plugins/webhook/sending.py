"""Sending calls: one try of one call, and what follows from its answer."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, select

from helpdesk.api import http, settings, tables
from helpdesk.api.errors import HelpdeskError, Refused, _, dump_message
from helpdesk.api.tickets import Step, apply
from helpdesk.api.work import UnitOfWork

from . import endpoints, payload
from .signature import HEADER, sign
from .tables import FAILED, SENT, WAITING, Call, Endpoint

PATIENCE = 10.0  # seconds for a whole answer
LEASE = timedelta(seconds=90)  # after which a call whose sender died is due again
WAITS = (30, 120, 600, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 24 * 3600, 24 * 3600)  # seconds before each further try
PAUSE, LONGEST_PAUSE = 5, 300  # seconds an endpoint that failed is left alone: doubled with each failure in a row
LONGEST_WISH = 3600  # seconds of a Retry-After
KEPT = 500  # characters of an answer
GONE = 410


@dataclass(frozen=True)
class Answer:
    """What came of one try; ``status`` is None where there was no answer, and ``wish`` its Retry-After in seconds."""

    status: int | None
    ms: int
    text: str = ""
    reason: HelpdeskError | None = None
    wish: int = 0


def due_endpoints(uow: UnitOfWork) -> list[int]:
    """The endpoints that have something to be told now."""
    now = uow.clock()
    due = exists().where(Call.endpoint_id == Endpoint.id, Call.state == WAITING, Call.due_at <= now)
    return list(uow.session.scalars(select(Endpoint.id).where(Endpoint.active, Endpoint.due_at <= now, due)))


def work(uow: UnitOfWork, endpoint_id: int) -> bool:
    """Send the next call of an endpoint; False when none is due or the endpoint did not take it."""
    endpoint = uow.session.get(Endpoint, endpoint_id, populate_existing=True)
    if endpoint is None or not endpoint.active or endpoint.due_at > uow.clock():
        return False
    call = _claim(uow, endpoint_id)
    if call is None:
        return False
    answer = _try(uow, endpoint, call)
    if answer.status is not None and 200 <= answer.status < 300:
        _taken(uow, endpoint, call, answer)
        return True
    _not_taken(uow, endpoint, call, answer)
    return False


def _claim(uow: UnitOfWork, endpoint_id: int) -> Call | None:
    """The call that is due longest, as ours until the lease is over."""
    now = uow.clock()
    query = select(Call).where(Call.endpoint_id == endpoint_id, Call.state == WAITING, Call.due_at <= now)
    query = query.order_by(Call.due_at, Call.id).limit(1).execution_options(populate_existing=True)
    call = uow.session.scalar(query)
    if call is None:
        return None
    ours = (Call.id == call.id, Call.state == WAITING, Call.due_at == call.due_at)
    return call if tables.update(uow, Call, *ours, due_at=now + LEASE) else None


def _try(uow: UnitOfWork, endpoint: Endpoint, call: Call) -> Answer:
    """One request. No transaction is open while the other side thinks."""
    began, status, text, wish = time.monotonic(), None, b"", ""
    reason: HelpdeskError | None = None
    try:
        url, headers, body = _request(uow, endpoint, call)
        uow.session.rollback()
        options = {"seconds": PATIENCE, "redirects": 0, "headers": headers, "content": body}
        with http.stream("POST", url, **options) as answer:
            status, wish = answer.status, answer.headers.get("retry-after", "")
            text = next(answer.chunks, b"")
    except HelpdeskError as error:  # once there is a status, the rest of a body that breaks off does not matter
        reason = error if status is None else None
    ms = round((time.monotonic() - began) * 1000)
    seconds = min(int(wish), LONGEST_WISH) if wish.isascii() and wish.isdecimal() and len(wish) < 9 else 0
    return Answer(status, ms, _printable(text), reason or _reason(status), seconds)


def _request(uow: UnitOfWork, endpoint: Endpoint, call: Call) -> tuple[str, dict[str, str], bytes]:
    body = payload.body(uow, call, endpoint.words)
    signature = sign(settings.reveal(uow, endpoint.secret), body, int(uow.clock().timestamp()))
    headers = {
        "Content-Type": "application/json",
        "Accept-Encoding": "identity",
        "User-Agent": "Hamdel-Webhook/1",
        "X-Hamdel-Event": call.kind,
        "X-Hamdel-Delivery": str(call.id),
        HEADER: signature,
    }
    return endpoint.url, headers, body


def _printable(text: bytes) -> str:
    said = text[: KEPT * 4].decode("utf-8", "replace")[:KEPT]
    return " ".join("".join(letter if letter.isprintable() else " " for letter in said).split())


def _reason(status: int | None) -> HelpdeskError | None:
    if status is None or 200 <= status < 300:
        return None
    if 300 <= status < 400:
        return Refused(_("It answered %(status)s and sends elsewhere; please enter the final address."), status=status)
    return Refused(_("It answered %(status)s."), status=status)


def _taken(uow: UnitOfWork, endpoint: Endpoint, call: Call, answer: Answer) -> None:
    steps = [_kept(uow, call, answer, state=SENT)]
    if endpoint.failures:
        well = {"failures": 0, "failing_since": None}
        steps.append(Step(tables.update, Endpoint, Endpoint.id == endpoint.id, **well))
    apply(uow, steps)


def _not_taken(uow: UnitOfWork, endpoint: Endpoint, call: Call, answer: Answer) -> None:
    now, failures = uow.clock(), endpoint.failures + 1
    since = endpoint.failing_since or now
    pause = max(answer.wish, min(PAUSE * 2 ** min(failures - 1, 10), LONGEST_PAUSE))
    failing = {"failures": failures, "failing_since": since, "due_at": now + timedelta(seconds=pause)}
    apply(
        uow,
        [
            _kept(uow, call, answer, **_next(call, now, answer.wish)),
            Step(tables.update, Endpoint, Endpoint.id == endpoint.id, **failing),
        ],
    )
    if answer.status == GONE:
        sentence = _("The webhook “%(name)s” was switched off: %(host)s says that it is gone for good.")
        endpoints.switch_off(uow, endpoint, Refused(sentence, name=endpoint.name, host=endpoint.host))
    elif now - since >= endpoints.WEEK:
        sentence = _("The webhook “%(name)s” was switched off: %(host)s has failed for a week.")
        endpoints.switch_off(uow, endpoint, Refused(sentence, name=endpoint.name, host=endpoint.host))


def _next(call: Call, now: datetime, wish: int) -> dict:
    """When it is tried again; given up after the last of ``WAITS``."""
    if call.tries >= len(WAITS):
        return {"state": FAILED}
    return {"due_at": now + timedelta(seconds=max(wish, WAITS[call.tries]))}


def _kept(uow: UnitOfWork, call: Call, answer: Answer, **more) -> Step:
    said = {"status": answer.status, "ms": answer.ms, "answer": answer.text}
    said |= {"reason": dump_message(answer.reason) if answer.reason else "", "tried_at": uow.clock()}
    return Step(tables.update, Call, Call.id == call.id, **said, tries=call.tries + 1, **more)
