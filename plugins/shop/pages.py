"""The shop's page, public and in both languages: products, the way of an order, help, and every way to the desk."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, make_response, render_template, request

from helpdesk.api import accounts
from helpdesk.api.errors import NotFound
from helpdesk.api.i18n import LOCALES, current, reading
from helpdesk.api.settings import is_demo
from helpdesk.api.text import digits
from helpdesk.api.web import PublicPages
from helpdesk.api.work import UnitOfWork

from . import goods

POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
WAYS = {  # by channel: the public address of an account, as its own plugin gives it
    "chat": "/chat/{key}/widget.js",
    "form": "/p/form/{key}/",
    "phone": "/p/phone/{key}/",
    "frontdesk": "/p/frontdesk/{key}/kiosk",
    "email": "mailto:{address}",
}

pages = PublicPages("shop", __name__)


@dataclass(frozen=True)
class Language:
    """A language the page can be read in."""

    name: str
    code: str


LANGUAGES = (Language("English", "en"), Language("فارسی", "fa"))


@pages.get("/")
def home(uow: UnitOfWork) -> Response:
    """The whole shop; ``?language=`` chooses another language than the browser's, ``?order=`` asks where one is."""
    if not is_demo(uow.runtime):
        raise NotFound()
    with reading(LOCALES.get(request.args.get("language", ""), current.get())) as reader:
        asked = digits(request.args.get("order", "")[:20], "en").strip()
        page = render_template(
            "shop/shop.html",
            reader=reader,
            languages=LANGUAGES,
            products=[(one, one.price(reader.language)) for one in goods.PRODUCTS],
            steps=goods.STEPS,
            order=asked,
            step=goods.step_of(asked),
            ways=ways(uow),
        )
    response = make_response(page)
    response.headers["Content-Security-Policy"] = POLICY
    return response


def ways(uow: UnitOfWork) -> dict[str, str]:
    """The address behind each channel that is on and has an account that is."""
    found = {}
    for channel, address in WAYS.items():
        on = [one for one in accounts.of_channel(uow, channel) if one.active] if channel in uow.runtime.channels else []
        if on:
            found[channel] = address.format(key=on[0].public_key, address=on[0].address)
    return found
