"""Telling what somebody wrote now from the history and the signature below it, in linear time and many languages."""

from __future__ import annotations

import re

MAX_LONG = 400  # characters; a longer line is nobody's attribution, header or separator
MAX_SIGNATURE = 25  # lines

# The words each program puts before the old message's fields, by what they mean.
_FIELD_WORDS = {
    "from": "from|von|de|da|van|od|från|fra|от|от кого|kimden|gönderen|expéditeur|remitente|mittente|remetente|afzender|отправитель|"
    "nadawca|از|از طرف|فرستنده|من",
    "sent": "sent|gesendet|envoyé|envoyé le|enviado|enviado el|enviada|enviada em|enviado em|inviato|verzonden|отправлено|"
    "gönderilme tarihi|gönderildi|gönderme tarihi|wysłano|wysłane|skickat|sendt|ارسال|ارسال شده|تاریخ ارسال|تاریخ الإرسال|ارسالشده|ارسال شده در|زمان ارسال|"
    "فرستاده شده|فرستادهشده|تم الإرسال",
    "date": "date|datum|fecha|data|дата|tarih|dato|تاریخ|التاریخ",
    "to": "to|an|à|a|para|aan|do|till|til|кому|kime|alıcı|destinatario|به|گیرنده|إلى|الى",
    "cc": "cc|kopie|copie|kopia|copia|kopi|копия|bilgi|رونوشت|نسخة",
    "subject": "subject|betreff|objet|asunto|assunto|oggetto|onderwerp|тема|konu|temat|ämne|emne|موضوع|الموضوع",
}
_FIELDS = {word: kind for kind, words in _FIELD_WORDS.items() for word in words.split("|")}
_ORIGINAL = set(
    "original message|original mail|ursprüngliche nachricht|originalnachricht|message d'origine|message original|"
    "mensaje original|messaggio originale|oorspronkelijk bericht|oorspronkelijke bericht|mensagem original|исходное сообщение|"
    "original meddelande|ursprungligt meddelande|oprindelig meddelelse|opprinnelig melding|orijinal mesaj|özgün ileti|"
    "oryginalna wiadomość|wiadomość oryginalna|reply message|reply above this line|پیام اصلی|پیغام اصلی|متن اصلی|نامه اصلی|"
    "الرسالة الأصلیة".split("|")
)
_FORWARDED = set(
    "forwarded message|begin forwarded message|forwarded mail|weitergeleitete nachricht|anfang der weitergeleiteten nachricht|"
    "anfang der weitergeleiteten e-mail|message transféré|début du message transféré|début du message réexpédié|"
    "mensaje reenviado|inicio del mensaje reenviado|messaggio inoltrato|inizio messaggio inoltrato|doorgestuurd bericht|"
    "begin doorgestuurd bericht|mensagem encaminhada|início da mensagem encaminhada|пересылаемое сообщение|"
    "пересылаемое письмо|начало переадресованного сообщения|iletilmiş mesaj|iletilen mesaj|yönlendirilen ileti|"
    "przekazana wiadomość|treść przekazanej wiadomości|vidarebefordrat meddelande|videresendt meddelelse|پیام هدایت شده|"
    "پیام هدایتشده|پیام بازفرستاده|پیام بازفرستاده شده|پیام بازارسال شده|پیام بازارسالشده|پیام ارجاع شده|پیام ارجاعشده|"
    "پیام فوروارد شده|رسالة معاد توجیهها".split("|")
)
_WROTE = re.compile(
    r"\b(?:wrote|writes|schrieb|schreibt|geschrieben|a écrit|écrivait|escribió|escribio|ha scritto|scrive|schreef|"
    r"escreveu|написала?|написал\(а\)|пишет|писала?|yazdı|yazmış|napisał|napisała|napisał\(a\)|pisze|skrev|kirjoitti)\b|"
    r"نوشته ?است|نوشتند|نوشته|نوشت|کتب"
)
_DAYS = "mon|tue|wed|thu|fri|sat|sun|mo|di|mi|do|fr|sa|so|lun|mar|mer|jeu|ven|sam|dim|пн|вт|ср|чт|пт|сб|вс"
_OPENING = re.compile(
    r"(?:on|am|le|el|il|il giorno|op|em|a|dnia|w dniu|den|pe|pada|в|во|le jour|در|به|بتاریخ|فی|"
    rf"(?:{_DAYS})\w*[.,]?|\d{{1,4}}[./-])(?=[\s\d]|$)"
)
_DEVICE = re.compile(
    r"(?:sent (?:from|with|via|using)|gesendet (?:von|mit)|von meine[mr].{1,30} gesendet|envoyé (?:de|depuis|à partir)|"
    r"enviado (?:desde|do|de|a partir)|inviato da|(?:verzonden|verstuurd) (?:vanaf|met|vanuit)|отправлено (?:с|из)|"
    r".{2,30}'?[dt][ae]n gönderildi|wysłan[eo] z|skickat från|sendt fra|(?:ارسال ?شده|فرستاده ?شده) (?:از|با|توسط)|"
    r"از .{2,30} (?:من )?(?:ارسال|فرستاده) ?شده? ?(?:است)?$|أُ?رسلت من|"
    r"(?:get|download|holen sie sich|obtenir|obtenez|télécharge[rz]|obtener|obtén|descargar?|ottieni|scarica|obter o|baixar o|"
    r"verkrijg|получит[ьe]|получите|скача(?:ть|йте)|pobierz(?: aplikację)?|hämta|skaffa|دریافت|دانلود|الحصول علی) outlook\b|"
    r"outlook (?:für|voor) \w{3,7} (?:beziehen|holen|downloaden)|\w{3,7} için outlook\b)"
)
_INVISIBLE = dict.fromkeys([*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF])
_COMPARABLE = _INVISIBLE | {ord("ي"): "ی", ord("ى"): "ی", ord("ك"): "ک", ord("*"): None, ord("\xa0"): " "}
_DIGITS = re.compile(r"\d")


def fold(text: str) -> tuple[str, str]:
    """Part a text into what was written now and what is only quoted or a signature (both stripped of blank ends)."""
    lines = text.split("\n")
    folded = mark(lines)
    own = "\n".join(line for line, old in zip(lines, folded) if not old)
    old = "\n".join(line for line, old in zip(lines, folded) if old)
    return own.strip("\n\r \t"), old.strip("\n")


def mark(lines: list[str]) -> list[bool]:
    """Say of every line whether it is history or signature. When nothing else would be left, nothing is folded.

    Old lines below are folded, and old lines above when the answer stands below them. Where answers stand between quoted
    lines the quotes are needed to understand them and stay. A forwarded message is what the sender wants read: it stays.
    """
    page = _Page(lines)
    tail = page.signature(page.history())
    blocks = page.blocks(tail)
    if blocks and page.blank(blocks[-1][1], tail):
        tail = page.signature(blocks.pop()[0])
    tail = page.device(tail)
    folded = [False] * tail + [True] * (len(lines) - tail)
    if len(blocks) == 1 and page.blank(0, blocks[0][0]):
        folded[: blocks[0][1]] = [True] * blocks[0][1]
    if not any(text and not old for text, old in zip(page.plain, folded)):
        return [False] * len(lines)
    return folded


class _Page:
    """The lines of one text, prepared for comparison: ``plain`` lines are folded to one spelling, quoted ones known."""

    def __init__(self, lines: list[str]):
        self.plain = [_comparable(line) for line in lines]
        self.quoted = [line.startswith(">") for line in self.plain]

    def blank(self, start: int, end: int) -> bool:
        return not any(self.plain[start:end])

    def next(self, index: int) -> int:
        """The first line with something in it from ``index`` on."""
        while index < len(self.plain) and not self.plain[index]:
            index += 1
        return index

    def history(self) -> int:
        """Where everything that follows is history without quote marks; the end when there is none."""
        index, total = 0, len(self.plain)
        while index < total:
            line = self.plain[index]
            if not line or self.quoted[index] or len(line) > MAX_LONG:
                index += 1
            elif _title(line) in _FORWARDED:
                return total
            elif self._starts_history(index):
                return index
            else:
                index += 1
        return total

    def _starts_history(self, index: int) -> bool:
        line = self.plain[index]
        if line[0] in "-_=" and (_title(line) in _ORIGINAL or (len(line) >= 10 and set(line) <= set("-_="))):
            after = self.next(index + 1)
            return _title(line) in _ORIGINAL or (after < len(self.plain) and self._fields(after))
        if ":" in line and self._fields(index):
            return True
        end = self._attribution(index)
        return bool(end) and (self.next(end) >= len(self.plain) or not self.quoted[self.next(end)])

    def _fields(self, index: int) -> bool:
        """True when the fields of an old message ("From: … Sent: … To: …") begin here."""
        kinds, first, address = set(), "", False
        for line in self.plain[index : index + 9]:
            kind = _FIELDS.get(line.partition(":")[0].strip()) if ":" in line[:40] else None
            if not first and not kind:
                return False
            first = first or kind
            kinds.add(kind)
            address = address or ("@" in line and kind is not None)
        kinds.discard(None)
        if len(kinds) < 3 or "from" not in kinds or first == "cc":
            return False
        return "sent" in kinds or ("date" in kinds and ("subject" in kinds or address))

    def _attribution(self, index: int) -> int:
        """The line after an attribution that begins here ("On … somebody wrote:"), else 0; it may go over four lines."""
        joined = ""
        for end in range(index, min(index + 4, len(self.plain))):
            line = self.plain[end]
            if not line or self.quoted[end] or len(line) > MAX_LONG:
                return 0
            joined = f"{joined} {line}" if joined else line
            if line.endswith(":"):
                return end + 1 if self._attributes(joined, end + 1) else 0
            if end == index and not (_OPENING.match(joined) or "@" in joined):
                return 0
        return 0

    def _attributes(self, joined: str, after: int) -> bool:
        dated, wrote = _DIGITS.search(joined), _WROTE.search(joined)
        if wrote and dated and (_OPENING.match(joined) or "@" in joined):
            return True
        following = self.next(after)
        quote_follows = following < len(self.plain) and self.quoted[following]
        return quote_follows and bool(wrote or (dated and ("@" in joined or _OPENING.match(joined))))

    def signature(self, tail: int) -> int:
        """Where the signature above ``tail`` begins (a line of two dashes), or ``tail``."""
        for index in range(tail - 1, max(tail - 1 - MAX_SIGNATURE, -1), -1):
            if self.plain[index] in ("--", "—"):
                return index
            if self.quoted[index]:
                break
        return tail

    def blocks(self, tail: int) -> list[tuple[int, int]]:
        """Runs of quoted lines before ``tail`` as (start, end), each with the attribution above it."""
        blocks: list[tuple[int, int]] = []
        index = 0
        while index < tail:
            if not self.quoted[index]:
                index += 1
                continue
            start = index
            while index < tail and (self.quoted[index] or (not self.plain[index] and self._quote_next(index, tail))):
                index += 1
            blocks.append((self._with_attribution(start), index))
        return blocks

    def _quote_next(self, index: int, tail: int) -> bool:
        return index + 1 < tail and (self.quoted[index + 1] or (index + 2 < tail and self.quoted[index + 2]))

    def _with_attribution(self, start: int) -> int:
        last = start - 1
        while last >= 0 and start - last < 4 and not self.plain[last]:
            last -= 1
        if last < 0 or not self.plain[last].endswith(":"):
            return start
        for first in range(last, max(last - 4, -1), -1):
            if self._attribution(first) == last + 1:
                start = first
        return start

    def device(self, tail: int) -> int:
        """Where "Sent from my phone" stands above ``tail``, or ``tail``."""
        index = tail - 1
        while index > 0 and not self.plain[index]:
            index -= 1
        if index > 0 and len(self.plain[index]) < 120 and _DEVICE.match(self.plain[index]):
            return index
        return tail


def _comparable(line: str) -> str:
    """A line in one spelling: no invisible characters or emphasis, Persian letters only, lower case, no blank ends."""
    if len(line) > 2 * MAX_LONG:
        line = line[: 2 * MAX_LONG]
    if not line.isascii():
        line = line.translate(_COMPARABLE).replace("：", ":").replace("’", "'")
    elif "*" in line:
        line = line.replace("*", "")
    return line.strip().lower()


def _title(line: str) -> str:
    """The words of a separator line without its dashes and colon."""
    return line.strip("-–—_=: \t").strip()
