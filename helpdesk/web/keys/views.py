"""Changing one's own keys."""

from __future__ import annotations

from flask import Blueprint, g, jsonify, request

from helpdesk.core.people import users
from helpdesk.web import current_user, uow

from . import keys

blueprint = Blueprint("keys", __name__)


@blueprint.post("/me/keys")
def rebind():
    """Bind ``id`` to the physical key ``code``, to the desk's own with an empty one; without an id all go back.
    Answers all keys.
    """
    key_id = request.form.get("id", "")
    own = keys.rebound(key_id, request.form.get("code", "")) if key_id else {}
    users.prefer(uow(), current_user().id, keys=own)
    g.pop("keys", None)
    return jsonify(keys.page_keys())
