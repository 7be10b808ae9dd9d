"""The page kit: pages, parts of the console and links as a plugin declares them. The desk mounts them
(``helpdesk.web.kit``).

Templates stand in the plugin's ``templates/<plugin>/`` and extend ``kit/page.html`` (signed-in people) or
``kit/public.html`` (customers). Files of its ``static/`` have the address ``static_url("x/<plugin>/<file>")``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import wraps
from inspect import signature
from typing import Any
from urllib.parse import quote

from flask import Blueprint, current_app, request
from itsdangerous import BadData, URLSafeSerializer

from helpdesk.core.errors import NotFound, _
from helpdesk.core.journal.unit_of_work import UnitOfWork, code_of
from helpdesk.core.network import place

READ = "tickets.read"
CUSTOMERS = "/p"  # public pages are at /p/<plugin>/
AGENTS = "/x"  # pages of signed-in people at /x/<plugin>/
RESOURCE = re.compile(r"[a-z][a-z_]{1,38}[a-z]")  # more than one letter: "x" is where plugins are by themselves
OVER = _("This link is not valid any more. Please ask for a new one.")


class Pages(Blueprint):
    """A blueprint of the plugin whose name its own begins with. Its views are given ``uow``, the request's unit of
    work, when they name it.
    """

    def add_url_rule(
        self,
        rule: str,
        endpoint: str | None = None,
        view_func: Callable[..., Any] | None = None,
        provide_automatic_options: bool | None = None,
        **options: Any,
    ) -> None:
        """As Flask's, for a view that may name ``uow``."""
        view = as_plugin(self.name.partition("_")[0], view_func) if view_func else None
        super().add_url_rule(rule, endpoint, view, provide_automatic_options, **options)


def current_uow() -> UnitOfWork:
    """The unit of work of the request that is being answered."""
    uow: UnitOfWork = current_app.extensions["uow"]()
    return uow


def network_place() -> str:
    """Where the request that is being answered comes from: its network address, of IPv6 the part one household has."""
    return place(request.remote_addr)


def as_plugin(plugin: str, view: Callable[..., Any]) -> Callable[..., Any]:
    """A view as code of a plugin, given ``uow`` when it names it."""
    wants = "uow" in signature(view).parameters

    @wraps(view)
    def called(*given: Any, **named: Any) -> Any:
        more = {"uow": current_uow()} if wants else {}
        with code_of(plugin):
            return view(*given, **more, **named)

    return called


class DeskPages(Pages):
    """Pages at ``/x/<plugin>/`` for signed-in people who hold ``permission`` ("": for all of them); forms carry the
    macro ``csrf``.
    """

    def __init__(self, name: str, import_name: str, *, permission: str = READ, **options: Any):
        super().__init__(name, import_name, **options)
        self.permission = permission


class PublicPages(Pages):
    """Pages at ``/p/<plugin>/`` for everybody. They act for nobody: no session counts there, so a proof stands in the
    address.

    ``embedded`` lets any site frame them and read their answers, unless a view sets ``Access-Control-Allow-Origin``
    itself. ``limit`` and ``bytes_limit`` (of all bodies together) are per network address and blueprint, ``largest``
    is bytes of a body. ``short`` puts them at
    ``/<plugin>/``, for addresses that stand in other people's pages. A view may set ``Cache-Control``.
    """

    def __init__(
        self,
        name: str,
        import_name: str,
        *,
        embedded: bool = False,
        limit: str = "120 per minute",
        bytes_limit: str = "",
        largest: int = 65_536,
        short: bool = False,
        **options: Any,
    ):
        super().__init__(name, import_name, **options)
        self.embedded, self.limit, self.largest = embedded, limit, largest
        self.bytes_limit, self.short = bytes_limit, short


@dataclass(frozen=True, kw_only=True)
class Part:
    """What all parts of the console have. ``title`` is a message of the plugin's catalogue, ``script`` and ``style``
    are files of ``static/``.

    ``permission`` is what a person needs besides that to read tickets.
    """

    name: str
    title: str
    icon: str = "plug"
    permission: str = ""
    script: str = ""
    style: str = ""


@dataclass(frozen=True, kw_only=True)
class Panel(Part):
    """A part beside the conversation. ``load(uow, ticket_id)`` returns what ``template`` shows, None for no panel on
    this ticket.
    """

    template: str
    load: Callable[..., Mapping[str, Any] | None]


@dataclass(frozen=True, kw_only=True)
class Column(Part):
    """What a row of a list shows besides, to everybody who sees the ticket.

    ``load(uow, ticket_ids)`` returns plain JSON values by ticket id, in one query for all of them; ``template`` writes
    a ``value`` into a row and is left out where there is none.
    """

    template: str
    load: Callable[..., Mapping[int, Any]]

    def __post_init__(self) -> None:
        if self.permission:
            raise ValueError("a column is for everybody who sees the ticket")


@dataclass(frozen=True, kw_only=True)
class ComposerTool(Part):
    """A button of the composer. Its script listens for ``composer:tool`` with {tool: "<plugin>.<name>", ticket, mode,
    insert(text)}.

    ``modes`` are those it is shown in: reply, note, and ticket for a line of the ticket's menu.
    """

    permission: str = "tickets.write"
    modes: Collection[str] = ("reply", "note")


@dataclass(frozen=True)
class Link:
    """A line of the navigation. ``go`` is the physical key ("KeyM") that leads there after G; a person may choose
    another one.
    """

    label: str
    url: str
    icon: str = "plug"
    key: str = ""
    go: str = ""


@dataclass(frozen=True)
class Endpoint:
    """One operation of a REST resource, as ``Rest.endpoint`` describes it."""

    method: str
    rule: str
    title: str
    gives: Any
    function: Callable[..., Any]
    permission: str
    status: int = 200
    query: Any = None
    body: Any = None


class Rest:
    """Resources at ``/api/v1/x/<plugin>/`` for bearer tokens, described in the API's document; the caller needs
    ``permission``. With ``name`` they are at ``/api/v1/<name>`` instead, a documented name that outside tools rely on;
    the desk refuses one that is taken.
    """

    def __init__(self, *, permission: str = READ, name: str = ""):
        if name and not RESOURCE.fullmatch(name):
            raise ValueError("a resource is named in small letters, more than one of them")
        self.permission, self.name = permission, name
        self.endpoints: list[Endpoint] = []

    def endpoint(
        self, method: str, rule: str, title: str, gives: Any = None, *, permission: str = "", **described: Any
    ) -> Callable[..., Any]:
        """Make an operation of a function that returns plain data and may name ``uow``.

        ``gives`` is the marshmallow schema of what it returns, ``query`` and ``body`` those of what it is given first;
        ``status`` of success.
        """

        def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
            permitted = permission or self.permission
            self.endpoints.append(Endpoint(method, rule, title, gives, function, permitted, **described))
            return function

        return decorate


def signed_link(uow: UnitOfWork, path: str, purpose: str, valid: timedelta, **values: Any) -> str:
    """The whole address of a public page that is opened without sign-in: ``path`` ("/p/<plugin>/…/") with a key behind
    it.

    The key holds ``values`` (plain JSON, readable by whoever has it), fits this ``purpose`` alone and is over after
    ``valid``.
    """
    until = int((uow.clock() + valid).timestamp())
    return f"{uow.runtime.config.url}{path.rstrip('/')}/{quote(_signer(uow, purpose).dumps([until, values]))}"


def open_link(uow: UnitOfWork, key: str, purpose: str) -> dict[str, Any]:
    """The values in the key of a ``signed_link``; NotFound with a sentence when it is forged, over or of another
    purpose.
    """
    values: dict[str, Any]
    try:
        until, values = _signer(uow, purpose).loads(key)
    except BadData:
        raise NotFound(OVER) from None
    if datetime.fromtimestamp(until, UTC) < uow.clock():
        raise NotFound(OVER)
    return values


def _signer(uow: UnitOfWork, purpose: str) -> URLSafeSerializer:
    return URLSafeSerializer(uow.secrets, salt=f"link:{purpose}")
