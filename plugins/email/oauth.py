"""Signing in without a password: access tokens of OAuth 2.0 (RFC 6749), got at a token address and kept until they
expire.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from helpdesk.api import http
from helpdesk.api.channels import AccountView
from helpdesk.api.errors import ChannelError, Invalid, Misconfigured, TryAgain, Unavailable, _

from .encode_headers import one_line

AHEAD = 60.0  # seconds before its end a token is not used any more
USUAL = 3600.0  # seconds a token lives where the answer does not say
LONGEST = 100_000  # bytes of an answer that are read

_kept: dict[tuple, tuple[str, float]] = {}  # access token, and when on the monotonic clock it ends


def wanted(settings: Mapping[str, Any]) -> bool:
    """True when the account signs in this way."""
    return bool(settings.get("oauth_token_url"))


def words(account: AccountView, user: str) -> str:
    """What a mail server wants to hear (XOAUTH2). Raises Misconfigured or TryAgain when there is no token to be had."""
    return f"user={user or account.settings.get('address', '')}\1auth=Bearer {_token(account)}\1\1"


def forget(account: AccountView) -> None:
    """A mail server refused the token: the next one is a new one."""
    _kept.pop(_key(account.settings), None)


def _token(account: AccountView) -> str:
    now = time.monotonic()
    token, ends = _kept.get(_key(account.settings), ("", 0.0))
    if not token or now >= ends:
        for key in [key for key, (_token, ends) in _kept.items() if now >= ends]:
            _kept.pop(key, None)
        granted = _asked(account.settings)
        token = str(granted["access_token"])
        _keep(account, granted, (token, now + _seconds(granted.get("expires_in")) - AHEAD))
    return token


def _keep(account: AccountView, granted: dict, token: tuple[str, float]) -> None:
    """Remember the access token. Where its refresh token was exchanged for another (RFC 6749 §6), that is the
    account's from now on.
    """
    _kept[_key(account.settings)] = token
    before, after = account.settings.get("oauth_refresh_token"), str(granted.get("refresh_token") or "")
    if before and after not in ("", before):
        _kept[_key({**account.settings, "oauth_refresh_token": after})] = token
        account.keep("oauth_refresh_token", after)


def _key(settings: Mapping[str, Any]) -> tuple:
    names = ("oauth_token_url", "oauth_client_id", "oauth_client_secret", "oauth_refresh_token", "oauth_scope")
    return tuple(settings.get(name, "") for name in names)


def _form(settings: Mapping[str, Any]) -> dict[str, str]:
    """By a refresh token (§6), or as an application by itself (§4.4)."""
    refresh = settings.get("oauth_refresh_token")
    grant = (
        {"grant_type": "refresh_token", "refresh_token": refresh} if refresh else {"grant_type": "client_credentials"}
    )
    own = {
        "client_id": settings.get("oauth_client_id"),
        "client_secret": settings.get("oauth_client_secret"),
        "scope": settings.get("oauth_scope"),
    }
    return grant | {name: value for name, value in own.items() if value}


def _asked(settings: Mapping[str, Any]) -> dict:
    """The token endpoint's answer."""
    seconds, headers = float(settings.get("timeout") or 30), {"Accept": "application/json"}
    try:
        answer = http.fetch(
            "POST",
            settings["oauth_token_url"],
            seconds=seconds,
            largest=LONGEST,
            redirects=0,
            headers=headers,
            data=_form(settings),
        )
    except Unavailable as error:
        raise TryAgain(error.sentence, **error.values) from error
    except Invalid as error:
        raise Misconfigured(error.sentence, **error.values) from error
    granted = _read(answer)
    if answer.status != 200 or not granted.get("access_token"):
        raise _refused(answer.status, granted)
    return granted


def _read(answer: http.Response) -> dict:
    try:
        granted = answer.json()
    except Unavailable:
        return {}
    return granted if isinstance(granted, dict) else {}


def _refused(code: int, granted: dict) -> ChannelError:
    reason = one_line(f"{code} {granted.get('error', '')} {granted.get('error_description', '')}")[:300].strip()
    if code >= 500 or code == 429:
        return TryAgain(_("The sign-in service asked us to try again later: %(answer)s"), after=60, answer=reason)
    return Misconfigured(
        _("The sign-in service gave no access token: %(answer)s. Please check client and refresh token."), answer=reason
    )


def _seconds(granted: Any) -> float:
    try:
        return float(granted)
    except (TypeError, ValueError):
        return USUAL
