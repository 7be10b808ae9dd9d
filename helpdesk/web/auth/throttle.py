"""How often somebody may try a password: ten times in a quarter of an hour for an address, and as often from one place.

A device on which somebody has signed in before counts for itself: neither strangers nor a whole office shut its owner
out.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from flask import Flask, current_app, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from itsdangerous import BadSignature, URLSafeSerializer
from limits import RateLimitItem, parse
from werkzeug.exceptions import TooManyRequests

from helpdesk.core.database.engine import is_transient
from helpdesk.core.network import place
from helpdesk.core.people import tries
from helpdesk.web import runtime, uow

TRIES = parse("10 per 15 minutes")
DEVICE = "device"  # the cookie by which a person's own device is known again
A_YEAR = 365 * 24 * 3600

log = logging.getLogger("hamdel.web")


def take(address: str) -> None:
    """Count a try before the password is looked at, so that many at once count as many; TooManyRequests when used
    up.
    """
    if not _count(_keys(address)):
        raise TooManyRequests(retry_after=int(TRIES.get_expiry()))


def give_back(address: str) -> None:
    """The password was right: this try counts for nobody."""
    _count(_keys(address), cost=-1)


def remember_device(response, address: str):
    """Remember this device: attempts of others with an address do not lock out its owner's own devices."""
    stamp = _signer().dumps(address)
    response.set_cookie(
        DEVICE, stamp, max_age=A_YEAR, httponly=True, samesite="Lax", secure=current_app.config["SESSION_COOKIE_SECURE"]
    )
    return response


def _keys(address: str) -> list[str]:
    if _is_own_device(address):
        return [f"own device {address}"]
    return [f"any device {address}", f"from {place(request.remote_addr)}"]


def _is_own_device(address: str) -> bool:
    try:
        return _signer().loads(request.cookies.get(DEVICE, "")) == address
    except BadSignature:
        return False


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer([*runtime().older_secrets, runtime().secret], salt="device")


def _count(keys: list[str], cost: int = 1) -> bool:
    """Count a try for these keys in Redis or, without it, in rows; False when one of them is used up."""
    if not runtime().config.redis_url:
        try:
            return tries.count(uow(), keys, timedelta(seconds=TRIES.get_expiry()), cost) <= TRIES.amount
        except Exception as error:
            if not is_transient(error):
                raise
            log.warning("tries to sign in cannot be written down; they are counted in this process")
    left = [hit(TRIES, key, cost) for key in keys]  # each is counted, also when one before is used up
    return all(left)


def hit(limit: RateLimitItem, key: str, cost: int = 1) -> bool:
    """Count for this key; False when its limit is used up."""
    shared, own = current_app.extensions["throttle"]
    try:
        return shared.hit(limit, key, cost=cost)
    except Exception:  # whatever the shared memory's client raises: losing it loses nothing
        log.warning("the shared counter of tries cannot be reached")
        return own.hit(limit, key, cost=cost)


def register(app: Flask) -> None:
    """Count in Redis where there is one, else and meanwhile in this process."""
    addresses = [app.extensions["runtime"].config.redis_url or "memory://", "memory://"]
    app.extensions["throttle"] = [
        Limiter(get_remote_address, app=app, storage_uri=address).limiter for address in addresses
    ]
