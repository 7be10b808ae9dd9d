"""The webhook endpoint: what the outside world pushes is verified by its channel, stored, and only then
acknowledged.
"""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request
from werkzeug.datastructures import Headers

from helpdesk.core import bounded_json
from helpdesk.core.accounts import accounts
from helpdesk.core.channels.types import Webhook
from helpdesk.core.errors import NotFound
from helpdesk.core.intake import together
from helpdesk.core.tickets import signals
from helpdesk.web import uow
from helpdesk.web.http.bounds import Bounds, allow, take_body

ALLOWED = Bounds(10 * 1024**2, 0, 0)  # raw bytes, parsed by nobody here

ITEMS = 50_000  # names and values of JSON

blueprint = Blueprint("webhooks", __name__)


@blueprint.route("/in/<name>", methods=["GET", "POST"])
def receive(name: str):
    """Hand a request to the account's channel. 200 after the commit, 403 when the signature is wrong, 404 for no
    such account.

    ``name`` is the account's public key, or its id.
    """
    allow(ALLOWED)
    account = accounts.pushed_to(uow(), name)
    kind = uow().runtime.channels.get(account.channel)
    if kind is None or not kind.has("receive") or not account.enabled:
        raise NotFound()
    take_body()
    if request.is_json:
        bounded_json.check(request.get_data(), ITEMS)
    channel = accounts.channel(uow(), account)
    webhook = Webhook(request.method, Headers(request.headers), request.args.to_dict(), request.get_data())
    received = channel.receive(webhook)
    accepted = together.accept(uow(), account.id, received.raw_messages) if received.raw_messages else []
    for signal in received.signals:
        signals.show(uow(), account.id, signal.thread, signal.kind)
    if received.answer is None:
        return jsonify({"taken": len(accepted)})
    return Response(received.answer.body, received.answer.status, dict(received.answer.headers))


def register(app) -> None:
    """Add the endpoint."""
    app.register_blueprint(blueprint)
