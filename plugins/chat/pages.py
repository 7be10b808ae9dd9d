"""The public addresses of chat: the widget's script, its configuration, messages with files, a proof's page."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from flask import Response, abort, make_response, render_template, request, send_file

from helpdesk.api import accounts, people
from helpdesk.api.accounts import Account
from helpdesk.api.channels import File
from helpdesk.api.errors import NotFound
from helpdesk.api.i18n import named, reading
from helpdesk.api.live import Visit, allows
from helpdesk.api.web import PublicPages, open_link
from helpdesk.api.work import UnitOfWork, plugin_actor

from . import channel, config, items, proofs, saying, state, visitors, widget_files
from .languages import reader
from .page import Page, Problem
from .tables import Item, Visitor

A_MINUTE = 60
STATUS = {"blocked": 403, "questions": 409, "slow_down": 429, "too_large": 413, "unavailable": 503}
LARGEST = channel.TOGETHER + 100_000  # bytes of one request with files

public = PublicPages("chat", __name__, embedded=True, short=True, limit="600 per minute")
upload = PublicPages("chat_files", __name__, embedded=True, short=True, limit="60 per minute", largest=LARGEST)
proof = PublicPages("chat_proof", __name__, short=True, limit="30 per minute")


def account_of(uow: UnitOfWork, key: str) -> Account:
    """The chat account of this public key that is on; NotFound for another."""
    account = accounts.by_key(uow, key)
    if account.channel != "chat" or not account.active:
        raise NotFound()
    return account


def _answer(account: Account, data: Any, status: int = 200, **headers: str) -> Response:
    """JSON for the pages of the account's sites, and for nobody else's."""
    response = make_response(json.dumps(data, ensure_ascii=False), status)
    response.mimetype = "application/json"
    return _shared(account, response, headers)


def _shared(account: Account, response: Response, headers: dict[str, str] | None = None) -> Response:
    origin = request.headers.get("Origin", "")
    origins = str(account.settings.get("origins", ""))
    first = origins.replace(",", " ").split()[0].rstrip("/")
    good = allows(origins, origin) and origin != "null"  # "null" is the origin of every sandboxed frame
    response.headers["Access-Control-Allow-Origin"] = origin if good else first
    response.vary.add("Origin")
    for name, value in (headers or {}).items():
        response.headers[name.replace("_", "-")] = value
    return response


def _refused(account: Account, code: str, status: int, **more: Any) -> Response:
    retry = {"Retry_After": str(more["after"])} if more.get("after") else {}
    return _answer(account, {"error": code, **more}, status, **retry)


def _is_foreign(account: Account) -> bool:
    """True for a page of another site; what is no page has no origin."""
    origin = request.headers.get("Origin", "")
    return bool(origin) and not allows(account.settings.get("origins", ""), origin)


# The widget -----------------------------------------------------------------------------------------------------------


@public.get("/<key>/widget.js")
def widget(key: str, uow: UnitOfWork) -> Response:
    """The script of the host page."""
    account_of(uow, key)
    return _script(widget_files.loader(), f"public, max-age={5 * A_MINUTE}")


@public.get("/<key>/widget-<version>/<name>")
def part(key: str, version: str, name: str, uow: UnitOfWork) -> Response:
    """What the script fetches; its address names the version, so it is kept for ever."""
    account_of(uow, key)
    scripts = widget_files.scripts()
    if name not in scripts:
        raise NotFound()
    kept = version == widget_files.version()
    return _script(scripts[name], "public, max-age=31536000, immutable" if kept else "no-cache")


def _script(content: bytes, kept: str) -> Response:
    packed = "gzip" in request.headers.get("Accept-Encoding", "")
    response = make_response(widget_files.packed(content) if packed else content)
    response.mimetype = "text/javascript"
    response.headers["Cache-Control"] = kept
    response.vary.add("Accept-Encoding")
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    response.set_etag(_hash(content) + ("-gzip" if packed else ""))
    return response.make_conditional(request)


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:20]


@public.get("/<key>/config")
def configuration(key: str, uow: UnitOfWork) -> Response:
    """What a client shows before anybody writes."""
    uow = uow.acting(plugin_actor("chat"))
    account = account_of(uow, key)
    if _is_foreign(account):
        return _refused(account, "origin", 403)
    wanted = reader(request.args.get("language") or request.headers.get("Accept-Language", ""))
    with reading(wanted):
        response = _answer(account, config.document(uow, account, wanted))
    response.headers["Cache-Control"] = f"public, max-age={A_MINUTE}"
    response.vary.add("Accept-Language")
    response.set_etag(_hash(response.get_data()))
    return response.make_conditional(request)


@public.get("/<key>/pictures/<digest>")
def picture(key: str, digest: str, uow: UnitOfWork) -> Response:
    """The picture of somebody who answers; its address changes with it."""
    uow = uow.acting(plugin_actor("chat"))
    account_of(uow, key)
    response = make_response(people.picture(uow, digest))
    response.mimetype = "image/webp"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


# Messages with files --------------------------------------------------------------------------------------------------


@upload.route("/<key>/messages", endpoint="may_send", methods=["OPTIONS"])
@upload.route("/<key>/files/<int:seq>/<int:number>", endpoint="may_read", methods=["OPTIONS"])
def preflight(key: str, uow: UnitOfWork, seq: int = 0, number: int = 0) -> Response:
    """What a page of the account's sites may send."""
    allowed = {"Allow_Methods": "GET, POST", "Allow_Headers": "Authorization, Content-Type", "Max_Age": "600"}
    headers = {f"Access_Control_{name}": value for name, value in allowed.items()}
    account = account_of(uow, key)
    return _refused(account, "origin", 403) if _is_foreign(account) else _answer(account, {}, 200, **headers)


def _visitor(uow: UnitOfWork, account: Account) -> Visitor | None:
    kind, _space, token = request.headers.get("Authorization", "").partition(" ")
    return visitors.find(uow, account.id, token.strip()) if kind.lower() == "bearer" else None


@upload.post("/<key>/messages")
def message(key: str, uow: UnitOfWork) -> Response:
    """Keep a message with files; answered when it is committed, and the same when it is repeated."""
    uow = uow.acting(plugin_actor("chat"))
    account = account_of(uow, key)
    visitor = _visitor(uow, account)
    if _is_foreign(account):
        return _refused(account, "origin", 403)
    if visitor is None:
        return _refused(account, "token", 401)
    files = [File(f.filename or "file", f.mimetype, f.read()) for f in request.files.getlist("files")]
    allowed = channel.FILES
    if len(files) > allowed.count or any(not allowed.takes(file.type) for file in files):
        return _refused(account, "files", 400)
    if any(len(file.content) > allowed.size for file in files):
        return _refused(account, "too_large", 413)
    language = visitor.language
    visit = Visit("", account.id, visitor.network, "", "", language, lambda event, data: None)
    page = Page(uow, visit, visitor, account, {})
    with reading(reader(language)):
        try:
            said = saying.said(page, request.form.get("client_id"), request.form.get("text", ""), files)
        except Problem as problem:
            told = problem.told()
            return _refused(account, told.pop("error"), STATUS.get(problem.code, 400), **told)
    return _answer(account, said, 201)


@upload.get("/<key>/files/<int:seq>/<int:number>")
def file(key: str, seq: int, number: int, uow: UnitOfWork) -> Response:
    """A file of a message of the visitor's chat."""
    account = account_of(uow, key)
    visitor = _visitor(uow, account)
    if _is_foreign(account):
        return _refused(account, "origin", 403)
    if visitor is None:
        return _refused(account, "token", 401)
    item = uow.session.query(Item).filter(Item.id == seq, Item.visitor_id == visitor.id).one_or_none()
    files = item.data.get("files", []) if item and not _is_deleted(uow, visitor, item) else []
    found = next((one for one in files if one["number"] == number), None)
    path = uow.blobs.path(found["sha256"]) if found else None
    if found is None or path is None or not path.is_file():
        return _refused(account, "unknown", 404)
    response = send_file(
        path, mimetype="application/octet-stream", as_attachment=True, download_name=found["name"], etag=found["sha256"]
    )
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, max-age=3600"
    return _shared(account, response)


def _is_deleted(uow: UnitOfWork, visitor: Visitor, item: Item) -> bool:
    return items.last(uow, visitor, Item.about == item.id, Item.kind == "deleted") > 0


# The proof of an address ----------------------------------------------------------------------------------------------


@proof.route("/<key>/proof/<path:signed>", methods=["GET", "POST"])
def prove(key: str, signed: str, uow: UnitOfWork) -> str:
    """The page behind the link in a proving mail: its button proves, since programs open links."""
    uow = uow.acting(plugin_actor("chat"))
    account = account_of(uow, key)
    known = open_link(uow, signed, proofs.PURPOSE)
    visitor = uow.session.get(Visitor, known["visitor"], populate_existing=True)
    if visitor is None or visitor.account_id != account.id or visitor.email != known.get("email"):
        raise NotFound()
    done = visitor.proven
    if not done and visitor.code.get("nonce") != known["nonce"]:
        abort(404)
    if request.method == "POST" and not done:
        if not proofs.prove_by_mail(uow, visitor, known["email"]):
            abort(404)
        state.tell(uow, account, visitors.by_id(uow, visitor.id))
        done = True
    name = named(account.settings.get("title") or account.name)
    return render_template("chat/proof.html", address=visitor.email, done=done, name=name)
