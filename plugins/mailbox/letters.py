"""What a customer sends: a new mail or an answer, composed as mail programs do and handed to the desk's own
listener.
"""

from __future__ import annotations

import os
import re
import smtplib
from email.message import EmailMessage
from email.utils import format_datetime, formataddr, localtime, make_msgid, parseaddr
from html.parser import HTMLParser

from helpdesk.api.errors import Invalid, Unavailable, _

from .store import header

SUPPORT = "support@desk.example"
PERSIAN = re.compile("[\u0600-\u06ff]")
WIDEST = 200  # characters of a name or subject


def compose(name: str, address: str, subject: str, text: str, html: str = "", files=()) -> EmailMessage:
    """A mail to the desk. ``files`` are (name, type, bytes). Invalid when the address is none."""
    name, address, subject = (" ".join(value.split())[:WIDEST] for value in (name, address, subject))
    if not re.fullmatch(r"[^\s@<>\",;:()\[\]\\]+@[^\s@<>\",;:()\[\]\\]+", address) or not address.isascii():
        raise Invalid(_("Please check the customer's address."), {"address": _("Write it like name@example.com.")})
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = formataddr((name, address)), SUPPORT, subject
    mail["Date"], mail["Message-ID"] = format_datetime(localtime()), make_msgid(domain=address.rpartition("@")[2])
    mail.set_content((html_as_text(html) if html and not text.strip() else text).replace("\r\n", "\n"))
    if html:
        mail.add_alternative(html, subtype="html")
    for file, kind, content in files:
        main, _slash, sub = (kind if kind.count("/") == 1 else "application/octet-stream").partition("/")
        if main in ("text", "message", "multipart"):
            main, sub = "application", "octet-stream"
        mail.add_attachment(content, maintype=main, subtype=sub, filename=file)
    return mail


def answer(to: EmailMessage, text: str, files=()) -> EmailMessage:
    """An answer to a mail of the desk: to where it asks for it, threaded (RFC 5322 §3.6.4), the old text quoted
    below.
    """
    name, address = parseaddr(header(to, "To"))
    subject = header(to, "Subject")
    again = subject if re.match(r"(?i)(re|پاسخ)\s*:", subject) else f"Re: {subject}"
    mail = compose(name, address, again, f"{text.strip()}\n\n{quoted(to, text)}", files=files)
    del mail["To"]
    mail["To"] = header(to, "Reply-To") or header(to, "From")
    mail["In-Reply-To"] = header(to, "Message-ID")
    mail["References"] = " ".join(f"{header(to, 'References')} {header(to, 'Message-ID')}".split())
    return mail


def quoted(mail: EmailMessage, answer: str) -> str:
    """The old text below an answer, introduced in the language of the answer."""
    name, address = parseaddr(header(mail, "From"))
    when = mail["Date"].datetime.strftime("%Y-%m-%d, %H:%M") if mail["Date"] and mail["Date"].datetime else ""
    opening = (
        "در تاریخ {when}، {name} <{address}> نوشت:"
        if PERSIAN.search(answer)
        else "On {when}, {name} <{address}> wrote:"
    )
    lines = "\n".join(f"> {line}".rstrip() for line in plain_text(mail).splitlines())
    return f"{opening.format(when=when, name=name, address=address)}\n\n{lines}"


def plain_text(mail: EmailMessage) -> str:
    """What a program without HTML shows of a mail."""
    part = mail.get_body(("plain", "html"))
    if part is None:
        return ""
    text = part.get_content()
    return html_as_text(text) if part.get_content_subtype() == "html" else text


class _Words(HTMLParser):
    """The words of a page, its blocks on lines of their own."""

    def __init__(self):
        super().__init__()
        self.out: list[str] = []

    def handle_starttag(self, tag, attributes):
        if tag in ("p", "div", "br", "li", "tr", "h1", "h2", "h3", "blockquote"):
            self.out.append("\n")

    def handle_data(self, data):
        self.out.append(data)


def html_as_text(html: str) -> str:
    """The words of an HTML text."""
    reader = _Words()
    reader.feed(html)
    return "\n".join(line.strip() for line in "".join(reader.out).splitlines() if line.strip())


def send(mail: EmailMessage) -> bytes:
    """Hand a mail to the desk's listener as the customer's own mail server would; returns its bytes. Unavailable
    when nobody answers.
    """
    port, raw = int(os.environ.get("HELPDESK_SMTP_PORT", "2525")), mail.as_bytes()
    try:
        with smtplib.SMTP("127.0.0.1", port, timeout=10) as server:
            server.send_message(mail)
    except smtplib.SMTPException as error:
        raise Unavailable(_("The desk did not take the mail: %(answer)s"), answer=str(error)) from None
    except OSError:
        raise Unavailable(
            _("Nobody answers on port %(port)s, where the desk takes mail. Does “helpdesk run” run?"), port=str(port)
        ) from None
    return raw
