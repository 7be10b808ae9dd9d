"""Alive, ready, figures. Strangers learn yes or no; the cause is for the machine itself and for admins' tokens."""

from __future__ import annotations

import hashlib
import time

from flask import Blueprint, Response, abort, current_app, jsonify, request
from sqlalchemy.exc import SQLAlchemyError

from helpdesk.core.people import api_tokens
from helpdesk.core.people.actors import actor_for
from helpdesk.i18n import render_message
from helpdesk.ops.health import Finding, findings
from helpdesk.web import db, runtime

from . import metrics

KEPT = 5.0  # seconds an examination holds, so that asking often costs nothing

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def alive() -> Response:
    """This process answers. It says nothing of what it depends on."""
    return jsonify(status="alive")


@blueprint.get("/readyz")
def ready():
    """200 when everything the desk needs works, else 503; with an admin's token each part and what is wrong with it."""
    found = _examined()
    well = all(finding.well for finding in found)
    answer = {"status": "ready" if well else "not ready"}
    if _is_admin():
        answer["parts"] = _parts(found)
    response = jsonify(answer)
    response.headers["Cache-Control"] = "no-store"
    return response, 200 if well else 503


@blueprint.get("/metrics", endpoint="metrics")
def figures() -> Response:
    """Prometheus' text, for who asks from this very machine or with an admin's token."""
    if not (_is_admin() or _is_local()):
        abort(404)
    return Response(metrics.render(), mimetype="text/plain; version=0.0.4")


def _parts(found: list[Finding]) -> dict[str, dict]:
    """{part: {ok, causes}}; a part may have several causes."""
    parts: dict[str, dict] = {}
    for finding in found:
        part = parts.setdefault(finding.part, {"ok": True, "causes": []})
        if not finding.well:
            part["ok"] = False
            part["causes"].append(render_message(finding.sentence, **finding.values))
    return parts


def _examined() -> list[Finding]:
    at, found = current_app.extensions.get("condition", (float("-inf"), []))
    if time.monotonic() - at > KEPT:
        found = findings(runtime())
        current_app.extensions["condition"] = (time.monotonic(), found)
    return found


def _is_admin() -> bool:
    """By bearer token. While the database is away, a token verified earlier is accepted for this page."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return False
    known = current_app.extensions.setdefault("admins' tokens", set())
    digest = hashlib.sha256(token.strip().encode()).digest()
    try:
        bearer = api_tokens.by_token(db.session, token.strip())
        admin = bearer is not None and actor_for(db.session, bearer.user, scopes=bearer.token.scopes).may("settings")
    except SQLAlchemyError:
        return digest in known
    (known.add if admin else known.discard)(digest)
    return admin


def _is_local() -> bool:
    """From this machine, and not handed on by a proxy on it."""
    forwarded = any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP"))
    return request.remote_addr in ("127.0.0.1", "::1") and not forwarded
