"""Visitors: who they are by the proof they hold, how that changes when they identify, and who is blocked."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
import secrets
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from helpdesk.api import accounts, customers, tables
from helpdesk.api.accounts import Account
from helpdesk.api.errors import HelpdeskError
from helpdesk.api.i18n import current, gettext, reading
from helpdesk.api.text import digits
from helpdesk.api.work import UnitOfWork

from . import items
from .languages import reader
from .settings import EMAIL, networks
from .tables import Blocked, Visitor

TOKEN = re.compile(r"[0-9a-f]{32}\.[A-Za-z0-9_-]{43}")
KEPT = timedelta(days=90)  # a proof is good so long after it was last used
NEW_AT_ONCE, WITHIN = 3000, timedelta(hours=1)  # new visitors of one network
SEEN_AGAIN, PAGE_AGAIN = timedelta(seconds=20), timedelta(seconds=5)  # between two writings
GONE = timedelta(seconds=70)  # without a sign of life
IDENTITY = "site_user"  # the kind of address that a site's own id is


def find(uow: UnitOfWork, account_id: int, token: Any) -> Visitor | None:
    """The visitor whose proof this is; None for one that is forged, over, or of another account."""
    if not isinstance(token, str) or not TOKEN.fullmatch(token):
        return None
    public, _dot, secret = token.partition(".")
    row = uow.session.scalar(select(Visitor).where(Visitor.public == public, Visitor.account_id == account_id))
    if row is None or not hmac.compare_digest(row.secret, _hashed(secret)) or row.seen_at < uow.clock() - KEPT:
        return None
    return row


def begin(uow: UnitOfWork, account_id: int, network: str, language: str) -> tuple[Visitor, str] | None:
    """A new visitor and their proof; None when too many began from this network lately."""
    recent = select(func.count()).where(Visitor.network == network, Visitor.created_at > uow.clock() - WITHIN)
    if (uow.session.scalar(recent) or 0) >= NEW_AT_ONCE:
        return None
    public, secret = secrets.token_hex(16), secrets.token_urlsafe(32)
    now = uow.clock()
    number = tables.insert(
        uow,
        Visitor,
        account_id=account_id,
        public=public,
        secret=_hashed(secret),
        address=f"visitor-{secrets.token_hex(8)}",
        network=network,
        language=language,
        customer_id=None,
        ticket_id=None,
        seen_at=now,
        created_at=now,
    )
    return by_id(uow, number), f"{public}.{secret}"


def by_id(uow: UnitOfWork, number: int) -> Visitor:
    """The visitor as they are now."""
    return uow.session.get_one(Visitor, number, populate_existing=True)


def by_address(uow: UnitOfWork, address: str) -> Visitor | None:
    """The visitor the desk knows by this address, or None."""
    return uow.session.scalar(select(Visitor).where(Visitor.address == address[:40]))


def of_ticket(uow: UnitOfWork, ticket_id: int) -> Visitor | None:
    """The visitor whose chat a ticket is, the newest; None for other tickets."""
    return uow.session.scalar(
        select(Visitor).where(Visitor.ticket_id == ticket_id).order_by(Visitor.id.desc()).limit(1)
    )


def change(uow: UnitOfWork, visitor: Visitor, **values: Any) -> Visitor:
    """Change a visitor; returns them as they are now."""
    tables.update(uow, Visitor, Visitor.id == visitor.id, **values)
    return by_id(uow, visitor.id)


def seen(uow: UnitOfWork, visitor: Visitor, page: Any = None) -> Visitor:
    """A sign of life, written down at most every twenty seconds, with another page every five."""
    known = clean_page(page) or visitor.page
    apart = SEEN_AGAIN if known == visitor.page else PAGE_AGAIN
    if (visitor.page or not known) and visitor.seen_at > uow.clock() - apart:
        return visitor
    return change(uow, visitor, seen_at=uow.clock(), page=known)


def is_gone(uow: UnitOfWork, visitor: Visitor) -> bool:
    """True when they gave no sign of life lately."""
    return visitor.seen_at < uow.clock() - GONE


def clean_page(page: Any) -> dict[str, str]:
    """The page a visitor is on, within bounds; addresses are http only."""
    if not isinstance(page, dict):
        return {}
    taken = {name: str(page.get(name) or "")[:500] for name in ("url", "title", "referrer")}
    for name in ("url", "referrer"):
        if not taken[name].startswith(("https://", "http://")):
            taken[name] = ""
    agent = {"agent": str(page["agent"])[:300]} if page.get("agent") else {}
    return taken | agent


# Who they are -----------------------------------------------------------------------------------------------------


def is_proved(secret: str, user: str, proof: Any) -> bool:
    """True when the site signed this id of its own: hex HMAC-SHA256 of it under the account's secret."""
    wanted = hmac.new(secret.encode(), user.encode(), hashlib.sha256).hexdigest()
    return bool(secret) and isinstance(proof, str) and hmac.compare_digest(wanted.encode(), proof.lower().encode())


def identify(uow: UnitOfWork, visitor: Visitor, user: str, name: str) -> tuple[Visitor, str]:
    """Let a visitor be this user of the site: their id and proof are new, the old ones are void (TRUST A21)."""
    public, secret = secrets.token_hex(16), secrets.token_urlsafe(32)
    answers = {**visitor.answers, **({"name": name[:200]} if name else {})}
    before, values = (
        visitor.public,
        {"public": public, "secret": _hashed(secret), "site_user": user, "answers": answers},
    )
    if EMAIL.fullmatch(user):
        values |= {"email": user.lower(), "proven": True}
    visitor = change(uow, visitor, **values)
    items.live.emit_public(uow, items.PLUGIN, "rotated", {}, [before])
    if visitor.customer_id:
        join_customer(uow, visitor, IDENTITY, user_key(visitor))
        if visitor.proven:
            join_customer(uow, by_id(uow, visitor.id), "email", visitor.email)
    return by_id(uow, visitor.id), f"{public}.{secret}"


def name_of(visitor: Visitor) -> str:
    """What agents call a visitor: the name they gave, else one that tells them apart."""
    with reading(reader(visitor.language)):
        number = digits(str(visitor.id), current.get().digits)
        return str(visitor.answers.get("name") or "") or gettext("Visitor %(number)s", number=number)


def secret_of(uow: UnitOfWork, account_id: int) -> str:
    """The account's secret for signed-in visitors, "" where it has none."""
    return str(accounts.channel(uow, account_id).account.settings.get("secret") or "")


def user_key(visitor: Visitor) -> str:
    """The address that the site's own id of them is."""
    return f"{visitor.account_id}:{visitor.site_user}"[:254]


def join_customer(uow: UnitOfWork, visitor: Visitor, kind: str, address: str) -> None:
    """Make the visitor's customer and whoever has this proved address one."""
    mine, owner = visitor.customer_id, customers.owner_of(uow.session, kind, address)
    if mine is None or owner == mine:
        return
    try:
        if owner is None:
            customers.add_identity(uow, mine, kind, address)
        else:
            customers.merge(uow, mine, owner)
            change(uow, visitor, customer_id=owner)
    except HelpdeskError:  # somebody changed one of the two meanwhile; an agent can still merge them by hand
        return


def forget(uow: UnitOfWork, visitor: Visitor) -> None:
    """Void the proof."""
    before = visitor.public
    change(uow, visitor, public=secrets.token_hex(16), secret=_hashed(secrets.token_urlsafe(32)))
    items.live.emit_public(uow, items.PLUGIN, "rotated", {}, [before])


# Blocking ---------------------------------------------------------------------------------------------------------


def is_blocked(uow: UnitOfWork, account: Account, network: str, address: str = "") -> bool:
    """True for a blocked visitor, and for a blocked network."""
    row = select(Blocked.what).where(Blocked.account_id == account.id, Blocked.what.in_([network, address]))
    if uow.session.scalar(row.limit(1)) is not None:
        return True
    try:
        place = ipaddress.ip_network(network)
        return any(
            place.version == one.version and place.subnet_of(one)
            for one in networks(account.settings.get("blocked", ""))
        )
    except ValueError:
        return False


def block(uow: UnitOfWork, visitor: Visitor, network: bool = False) -> None:
    """Block a visitor, and their network where asked; they are disconnected."""
    for what in [visitor.address, *([visitor.network] if network and visitor.network else [])]:
        tables.insert_new(uow, Blocked, account_id=visitor.account_id, what=what[:60])
    items.live.emit_public(uow, items.PLUGIN, "rotated", {}, [visitor.public])


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
