"""Hands a composed mail to the account's SMTP server and says in the desk's own terms what the server thought of it."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from threading import Timer
from typing import Any

from helpdesk.api.channels import AccountView, Address, Outcome, Sent
from helpdesk.api.errors import ChannelError, Misconfigured, Refused, TryAgain, Undeliverable, _

from . import domains, oauth
from .connection_errors import unreachable
from .encode_headers import one_line

SLOWEST = 20_000  # bytes a second; a server that takes less is given up and tried again later
GREYLISTED = 300.0  # seconds; a polite pause after a server's "later"
SAID = 300  # characters of a server's answer that we repeat


def deliver(account: AccountView, sender: str, recipients: Mapping[str, Address], mail: bytes) -> Sent:
    """Send ``mail`` to all recipients. Raises TryAgain, Refused, Undeliverable or Misconfigured; never sends after
    raising.
    """
    with _errors_as_sentences(account.settings), _connected(account, len(mail)) as server:
        refused = server.sendmail(sender, list(recipients), mail, _options(server, [sender, *recipients]))
    if not refused:
        return Sent()
    return Sent(
        detail=_("Not accepted: %(answers)s"),
        values={"answers": _answers(refused)},
        outcomes=_outcomes(recipients, refused),
    )


def check(account: AccountView) -> None:
    """Sign in and out again; Misconfigured with what to change when that does not work."""
    try:
        with _errors_as_sentences(account.settings), _connected(account, 0) as server:
            server.noop()
    except TryAgain as error:
        raise Misconfigured(error.sentence, **error.values) from error


@contextmanager
def _connected(account: AccountView, size: int):
    """A server, signed in. What happens while saying goodbye changes nothing."""
    settings = account.settings
    timeout = float(settings.get("timeout") or 30)
    server = _client(settings, timeout)
    overdue = Timer(4 * timeout + size / SLOWEST, _cut, [server])
    overdue.daemon = True
    overdue.start()
    try:
        code, answer = server.connect(domains.server(settings["smtp_host"]), int(settings["smtp_port"]))
        if code != 220:
            raise smtplib.SMTPConnectError(code, answer)
        if settings.get("smtp_security") == "starttls":
            server.starttls(context=ssl.create_default_context())
        server.ehlo_or_helo_if_needed()
        _sign_in(server, account)
        yield server
        _goodbye(server)
    finally:
        overdue.cancel()
        server.close()


def _sign_in(server: smtplib.SMTP, account: AccountView) -> None:
    user = account.settings.get("smtp_user", "")
    if oauth.wanted(account.settings):
        words = oauth.words(account, user)
        try:
            server.auth("XOAUTH2", lambda challenge=None: "" if challenge else words)
        except smtplib.SMTPAuthenticationError:
            oauth.forget(account)
            raise
    elif user:
        server.login(user, account.settings.get("smtp_password") or "")


def _client(settings: Mapping[str, Any], timeout: float) -> smtplib.SMTP:
    options = {"local_hostname": _own_domain(settings.get("address", "")), "timeout": timeout}
    if settings.get("smtp_security") == "tls":
        client = smtplib.SMTP_SSL(context=ssl.create_default_context(), **options)
    else:
        client = smtplib.SMTP(**options)
    # The name its certificate must bear; smtplib keeps it only when it connects at once.
    client._host = domains.server(settings["smtp_host"])
    return client


def _own_domain(address: str) -> str:
    """The domain we greet with."""
    try:
        return domains.wire(address.rpartition("@")[2]) or "localhost"
    except ValueError:
        return "localhost"


def _cut(server: smtplib.SMTP) -> None:
    """End a conversation that drips on for ever: each byte renews the socket's own timeout, so that alone is not
    enough.
    """
    try:
        server.sock.shutdown(socket.SHUT_RDWR)
    except (OSError, AttributeError):  # it has ended by itself
        pass


def _goodbye(server: smtplib.SMTP) -> None:
    try:
        server.quit()
    except (smtplib.SMTPException, OSError):
        pass


def _options(server: smtplib.SMTP, addresses: Sequence[str]) -> list[str]:
    if all(address.isascii() for address in addresses):
        return []
    if not server.has_extn("smtputf8"):
        raise Undeliverable(_("The mail server cannot send to addresses with letters other than a to z."))
    return ["SMTPUTF8", "BODY=8BITMIME"]


@contextmanager
def _errors_as_sentences(settings: Mapping[str, Any]):
    """Turn what smtplib raises into an error with a sentence for whoever can act on it."""
    try:
        yield
    except ChannelError:
        raise
    except smtplib.SMTPRecipientsRefused as error:
        raise _no_recipient(error.recipients) from error
    except smtplib.SMTPAuthenticationError as error:
        raise _by_code(
            error, Misconfigured, _("The mail server did not accept the user name or password: %(answer)s")
        ) from error
    except (smtplib.SMTPConnectError, smtplib.SMTPHeloError) as error:
        raise _by_code(error, Misconfigured, _("The mail server does not want to talk to us: %(answer)s")) from error
    except smtplib.SMTPResponseException as error:
        raise _by_code(error, Refused, _("The mail server refused the message: %(answer)s")) from error
    except smtplib.SMTPNotSupportedError as error:
        raise Misconfigured(_NOT_OFFERED, host=settings["smtp_host"]) from error
    except UnicodeEncodeError as error:
        raise Misconfigured(
            _("For sending, user name and password may only have Latin letters, digits and signs.")
        ) from error
    except (smtplib.SMTPException, OSError) as error:
        raise unreachable(error, settings["smtp_host"], settings["smtp_port"]) from error


_NOT_OFFERED = _("%(host)s offers no encryption or sign-in of this kind. Please check port and security.")


def _by_code(error: smtplib.SMTPResponseException, final: type[ChannelError], sentence: str) -> ChannelError:
    answer = _said(error.smtp_code, error.smtp_error)
    if error.smtp_code == 530:
        return Misconfigured(_("The mail server wants a user name and password: %(answer)s"), answer=answer)
    if error.smtp_code >= 500:
        return final(sentence, answer=answer)
    return TryAgain(_("The mail server asked us to try again later: %(answer)s"), after=GREYLISTED, answer=answer)


def _no_recipient(refused: dict[str, tuple[int, bytes]]) -> ChannelError:
    """No recipient was accepted: final only when the server refused each for good."""
    passing = [answer for answer in refused.values() if answer[0] < 500]
    if passing:
        answer = _said(*passing[0])
        return TryAgain(_("The mail server asked us to try again later: %(answer)s"), after=GREYLISTED, answer=answer)
    return Undeliverable(_("The mail server does not take mail for %(answers)s"), answers=_answers(refused))


def _outcomes(recipients: Mapping[str, Address], refused: dict[str, tuple[int, bytes]]) -> tuple[Outcome, ...]:
    """What became of each recipient whom the server did not take."""
    states = {address: "failed" if code >= 500 else "delayed" for address, (code, _text) in refused.items()}
    return tuple(
        Outcome(recipients[address], states[address], "", _said(*answer)) for address, answer in refused.items()
    )


def _answers(refused: dict[str, tuple[int, bytes]]) -> str:
    return "; ".join(f"{address}: {_said(*answer)}" for address, answer in refused.items())


def _said(code: int, text: bytes | str) -> str:
    text = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
    return one_line(f"{code} {text}")[:SAID]
