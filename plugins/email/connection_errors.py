"""Why a mail server could not be reached, in a sentence: a wrong name, port or certificate is the admin's, the rest
may pass.
"""

from __future__ import annotations

import socket
import ssl

from helpdesk.api.errors import ChannelError, Misconfigured, TryAgain, _

from .encode_headers import one_line

BROKE_OFF = _("The connection to %(host)s broke off.")


def unreachable(error: Exception, host: str, port: int) -> ChannelError:
    """The error to raise instead of what a socket raised."""
    if isinstance(error, socket.gaierror) and error.errno == socket.EAI_NONAME:
        return Misconfigured(_("There is no server named %(host)s."), host=host)
    if isinstance(error, ssl.SSLCertVerificationError):
        reason = one_line(error.verify_message)
        return Misconfigured(_("The certificate of %(host)s is not trusted: %(reason)s"), host=host, reason=reason)
    if isinstance(error, ssl.SSLError) and not isinstance(error, (ssl.SSLEOFError, ssl.SSLZeroReturnError)):
        return Misconfigured(
            _("%(host)s does not speak TLS on port %(port)s. Please check port and security."),
            host=host,
            port=str(port),
        )
    if isinstance(error, ConnectionRefusedError):
        return TryAgain(_("%(host)s does not answer on port %(port)s."), host=host, port=str(port))
    if isinstance(error, TimeoutError):
        return TryAgain(_("%(host)s took too long to answer."), host=host)
    return TryAgain(BROKE_OFF, host=host)
