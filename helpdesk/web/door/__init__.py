"""The webhook door: what the outside world pushes is verified by its channel, stored, and only then acknowledged."""

from __future__ import annotations

from flask import Blueprint, jsonify, request

from helpdesk.core import accounts, intake
from helpdesk.core.channels import Webhook
from helpdesk.core.errors import NotFound
from helpdesk.web import desk

LARGEST = 10 * 1024 * 1024  # bytes of one request

blueprint = Blueprint("door", __name__)


@blueprint.route("/in/<int:account_id>", methods=["GET", "POST"])
def receive(account_id: int):
    """Hand a request to the account's channel. 200 after the commit, 403 when the signature is wrong, 404 for no such door."""
    request.max_content_length = LARGEST
    account = accounts.get(desk(), account_id)
    kind = desk().house.channels.get(account.channel)
    if kind is None or not kind.has("receive") or not account.enabled:
        raise NotFound()
    channel = accounts.channel(desk(), account)
    webhook = Webhook(request.method, dict(request.headers), request.args.to_dict(), request.get_data())
    accepted = intake.accept_many(desk(), account_id, list(channel.receive(webhook)))
    return jsonify({"taken": len(accepted)})


def register(app) -> None:
    """Open the door."""
    app.register_blueprint(blueprint)
