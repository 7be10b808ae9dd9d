"""A thousand letters as customers write them, always the same ones: plain, HTML, Persian, quoted-printable, with
files, a third replies.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from .loader import ENGLISH, PERSIAN

BEGAN = datetime(2026, 3, 1, 7, tzinfo=UTC)
FILE = 50_000  # bytes, of one in ten
QUOTED = {"fa": "{name} در تاریخ {day} نوشت:", "en": "On {day}, {name} wrote:"}
PAGE = (
    '<html><head><style>p {{ margin: 0 0 1em }}</style></head><body dir="{dir}"><div '
    'class="letter">{text}</div>{quoted}</body></html>'
)


def write(folder: Path, count: int) -> int:
    """Write so many ``.eml`` files into a folder; returns their bytes altogether."""
    folder.mkdir(parents=True)
    writer, size = Letters(count), 0
    for number in range(count):
        raw = writer.letter(number)
        (folder / f"{number:05}.eml").write_bytes(raw)
        size += len(raw)
    return size


class Letters:
    """``letter(n)`` is the n-th; a reply answers one before it."""

    def __init__(self, count: int):
        self.random = random.Random(1405)
        self.subjects: list[str] = []
        self.senders = max(3, count // 3)

    def letter(self, number: int) -> bytes:
        """The bytes of a letter as a server received it."""
        answers = self.random.randrange(number) if number % 3 == 2 else None
        language = "fa" if number % 2 else "en"
        subject = f"Re: {self.subjects[answers]}" if answers is not None else self._sentence(language, 4)
        self.subjects.append(subject.removeprefix("Re: "))
        message = self._head(number, answers, subject)
        self._body(message, number, language, answers)
        if number % 10 == 0:
            message.add_attachment(
                self.random.randbytes(FILE),
                maintype="application",
                subtype="pdf",
                filename="رسید.pdf" if number % 20 else "receipt.pdf",
            )
        return message.as_bytes()

    def _head(self, number: int, answers: int | None, subject: str) -> EmailMessage:
        message, sender = EmailMessage(), number % self.senders
        at = format_datetime(BEGAN + timedelta(minutes=number))
        for hop in range(3):
            message["Received"] = (
                f"from relay{hop}.customer.example (relay{hop}.customer.example [192.0.2.{hop}]) by "
                f"mx{hop}.desk.example with ESMTPS id {number:08x}; {at}"
            )
        message["DKIM-Signature"] = (
            f"v=1; a=rsa-sha256; d=customer.example; s=mail; h=from:to:subject:date; bh={'q' * 44}; b={'Z' * 172}"
        )
        message["From"] = f"{'مینا' if sender % 2 else 'Mina'} {sender} <c{sender}@customer.example>"
        message["To"] = "Support <support@desk.example>"
        message["Subject"] = subject
        message["Date"] = at
        message["Message-ID"] = f"<{number}.letter@customer.example>"
        message["User-Agent"] = "Mail 16.0"
        if answers is not None:
            message["In-Reply-To"] = message["References"] = f"<{answers}.letter@customer.example>"
        return message

    def _body(self, message: EmailMessage, number: int, language: str, answers: int | None) -> None:
        paragraphs = [
            self._sentence(language, self.random.randint(10, 60)) for _paragraph in range(self.random.randint(1, 5))
        ]
        quoted = [self._sentence(language, 20) for _line in range(4)] if answers is not None else []
        attribution = QUOTED[language].format(name="Support", day="1 March 2026") if quoted else ""
        text = "\n\n".join(paragraphs) + (
            f"\n\n{attribution}\n" + "".join(f"> {line}\n" for line in quoted) if quoted else "\n"
        )
        coding = ("quoted-printable", "base64", "8bit", "quoted-printable")[number % 4]
        message.set_content(text, cte=coding)
        if number % 5 < 2:
            behind = f"<blockquote>{''.join(f'<p>{line}</p>' for line in quoted)}</blockquote>" if quoted else ""
            page = PAGE.format(
                dir="rtl" if language == "fa" else "ltr",
                text="".join(f"<p>{each}</p>" for each in paragraphs),
                quoted=behind,
            )
            message.add_alternative(page, subtype="html", cte="quoted-printable")

    def _sentence(self, language: str, words: int) -> str:
        known = PERSIAN if language == "fa" else ENGLISH
        return " ".join(self.random.choice(known) for _word in range(words)) + "."
