"""Bounces that tell in words only who was not reached, and why: the words and forms of many mail servers and
languages.
"""

from __future__ import annotations

import re

from helpdesk.api.channels import Address, Outcome

from . import daemons
from .address_fields import Fields, clean
from .addresses import people
from .delivery_status import STATUS
from .domains import one_form

MAX_READ = 20_000  # characters of the text
MAX_LINES = 400
MAX_LINE = 500  # characters of each
MAX_RECIPIENTS = 20

_FAILED = re.compile(
    r"undeliver|unable to (?:deliver|relay|send)|not (?:be |been )?(?:delivered|sent|reach)|(?:was|were|have|"
    r"has)n['’]t (?:been )?(?:delivered|sent)|"
    r"deliver\w*.{0,30}(?:fail|problem|error|impossible|unsuccess)|fail\w*.{0,30}(?:deliver|address|recipient|"
    r"to send)|mail.{0,10}failed|"
    r"delivery status|returned? (?:mail|to sender|message|unsent)|return\w* to (?:the )?sender|mail system error|"
    r"could(?: not|n['’]t).{0,12}(?:deliver|sen[dt]|reach)|"
    r"can(?: ?not|['’]t).{0,12}(?:deliver|be (?:delivered|sent|reached))|was not deliver|trouble deliver|(?:error|"
    r"problem)s? (?:while )?(?:sending|deliver)|"
    r"delivery incomplete|permanent(?:ly)? (?:error|fatal|fail)|transient (?:non-)?fatal|fatal errors|reject(?:ed|"
    r"ion)|bounced?\b|message blocked|"
    r"(?:no such|unknown|invalid|non-?existent) (?:user|recipient|address|mailbox)|user (?:unknown|not found)|"
    r"address (?:not found|rejected|unknown)|"
    r"(?:mailbox|quota).{0,20}(?:full|exceeded)|host (?:unknown|not found)|nondelivery|non-delivery|"
    r"unzustellbar|nicht (?:\w+ )?(?:zugestellt|zustell|übermittelt|erreicht|ausgeliefert)|zustell\w*.{0,30}(?:fehl|"
    r"nicht|unm)|fehler (?:bei der|beim) (?:zustell|vers)|fehlgeschlagen|"
    r"non (?:remis|distribu|délivr)|n['’]a p(?:as|u).{0,20}(?:remis|distribu|délivr|envoy|livr)|"
    r"échec.{0,15}(?:remise|distribu|envoi|livraison)|impossible de (?:remettre|distribuer|livrer)|non-remise|"
    r"no se (?:ha )?(?:p[ou]d|entreg)|no (?:fue|ha sido|pudo ser).{0,15}entreg|error (?:de|en la) entrega|devuelto|"
    r"no entregad|fallo.{0,15}entrega|"
    r"não (?:foi|pôde|p[ôo]de ser|pode ser).{0,15}entreg|falha.{0,15}entrega|devolvid|n[ãa]o entreg|"
    r"mancat[ao] (?:recapito|consegna)|non (?:è stato|può essere|consegnat|recapitat)|impossibile (?:recapitare|"
    r"consegnare)|recapito.{0,20}(?:non|fallit)|"
    r"niet (?:worden )?(?:bezorgd|afgeleverd|besteld)|onbestelbaar|bezorging.{0,20}mislukt|kon niet.{0,20}(?:bezorg|"
    r"aflever)|"
    r"kunne ikke (?:leveres|sendes|afleveres)|ikke (?:blev |ble )?(?:leveret|levert|afleveret)|uleverbar|"
    r"kan(?:de)? (?:inte|ikke) (?:levereras|leveres)|inte (?:levereras|kunde levereras)|"
    r"obeställbar|olevererbar|leveransfel|leveringsfejl|ei voitu toimittaa|perille toimittam|"
    r"не (?:был[оа]? )?(?:доставлен|удалось доставить|может быть доставлен)|недоставлен|ошибка (?:при )?доставк|"
    r"невозможно доставить|недоставк|"
    r"nie (?:można|udało się|został[ao]?).{0,15}dostarcz|niedostarczon|błąd dostarcz|teslim edilem|iletilemedi|"
    r"gönderilemedi|teslimat.{0,20}başarısız|"
    r"nelze doručit|nedoručiteln|nepodařilo (?:se )?doručit|nem kézbesíthető|sikertelen kézbesítés|"
    r"退信|退回|无法投递|無法投遞|无法送达|無法傳遞|未能送达|投递失败|投遞失敗|系统退信|发送失败|"
    r"配信でき|配信不能|送信でき|届きません|届け(?:られ|でき)ません|送信不能|エラー通知|不達|배달(?:되지| ?실패)|전송(?: ?실패|되지)|반송|"
    r"تحویل.{0,15}(?:نشد|داده نشد|ناموفق)|برگشت (?:خورد|داده)|ارسال.{0,10}(?:نشد|ناموفق|با شکست)|نرسید|"
    r"قابل تحویل نیست|تعذر (?:تسليم|توصيل|إرسال)|لم يتم (?:تسليم|توصيل)",
    re.I,
)
_DELAYED = re.compile(
    r"delayed|warning only|still being (?:re)?tri|will (?:be )?(?:retr|keep trying|continue to try)|temporar|"
    r"not yet been delivered|could not be delivered (?:yet|for)|"
    r"verzögert|retard(?:é|ée|ado)|vertraagd|aplazad|отложен|задержан|با تأخیر|تأخیر در",
    re.I,
)
_PERMANENT = re.compile(
    r"permanent|failed permanently|undeliverable|unknown user|user unknown|no such user|does not exist|giving up|gave up",
    re.I,
)
_ADDRESS = re.compile(r"(?<![\w.!#$%&'*+/=?^`{|}~@-])[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_CODE = re.compile(r"(?<![\d.])([45])\d\d(?=[ -])")
_BEGINS = re.compile(
    r"[\s\W]*(?:(?:to|rcpt to|recipients?|address(?:es)?|user|mailbox|final-recipient|original-recipient|an|à|a|"
    r"para|empfänger|destinataires?|"
    r"destinatario|destinatário|ontvanger|modtager|mottagare|получатель|кому|odbiorca|adresat|alıcı|收件人|宛先|受信者|"
    r"گیرنده|به|rfc822|unknown|smtp)"
    r"[\s\W]{1,10}){0,3}$",
    re.I,
)
_HELP = re.compile(
    r"\b(?:help|assist|contact|questions?|support|write to|mailto:|report (?:this|it)|forward this|message-?id|"
    r"reference|hilfe|fragen|kontakt|wenden sie|"
    r"aide|contacte[rz]|ayuda|ajuda|aiuto|assistenza|neem contact|обрат|помощ|pomoc|yardım|if you)\b|联系|お問い合わせ|"
    r"تماس|راهنما",
    re.I,
)
_ORIGINAL = re.compile(
    r"^\W{0,12}(?:original message|(?:below )?this is a copy of|(?:the )?original message (?:follows|headers)|"
    r"message headers? follows?|a copy of the|"
    r"(?:---- )?returned message|unsent message below|included message|"
    r"(?:copy of )?(?:your )?(?:original )?(?:message|mail) (?:header|text)s? follows|original headers|"
    r"header(?:s)? of (?:the )?original|ursprüngliche nachricht|originalnachricht|message d'origine|"
    r"mensaje original|oorspronkelijk)|"
    r"^\W{0,3}(?:received|return-path|mime-version|dkim-signature|message-id|x-[\w-]{2,30}|from|to|date|subject|von|"
    r"betreff):[ \t]*\S.{0,300}\n(?:[ \t].{0,500}\n){0,20}"
    r"\W{0,3}(?:received|return-path|mime-version|dkim-signature|message-id|x-[\w-]{2,30}|content-type|from|to|cc|"
    r"date|subject|reply-to|an|datum|betreff|gesendet|sent):",
    re.I | re.M,
)


def tells(head: Fields, text: str, enclosed: bool) -> bool:
    """True when this mail says in words that something was not delivered; of a sender who may be a person more is
    asked.
    """
    daemon, null = daemons.is_daemon(head), daemons.null_envelope(head)
    if not (daemon or null or daemons.named_like(head) or daemons.submitted(head)):
        return False
    subject, start = head.line("subject"), text[:MAX_READ]
    failing = bool(_FAILED.search(subject))
    if not (failing or _FAILED.search(start) or _DELAYED.search(subject)):
        return daemon and bool(STATUS.search(start) and _ADDRESS.search(start))
    code = bool(STATUS.search(start) or _CODE.search(start))
    if daemon or null:
        return daemon or failing or enclosed or code
    return code and (enclosed or bool(_ORIGINAL.search(start)) or (failing and bool(_named(head, _lines(start)))))


def outcomes(head: Fields, text: str) -> list[Outcome]:
    """An outcome for everybody the words name as not reached."""
    start = text[:MAX_READ]
    failed = _FAILED.search(start)
    original = _ORIGINAL.search(start, failed.end() if failed else 0)
    lines = _lines(start[: original.start()] if original else start)
    reported = "\n".join(lines)
    named = {
        person.value: _lines_with(lines, person.value) for person in people(head.all("x-failed-recipients"))
    } or _named(head, lines)
    subject, only = head.line("subject"), len(named) == 1
    every = sorted({line for places in named.values() for line in places})
    return [
        _outcome(
            address, "\n".join(_about(lines, places, every)) if places else "", reported, subject, only or not places
        )
        for address, places in list(named.items())[:MAX_RECIPIENTS]
    ]


def _named(head: Fields, lines: list[str]) -> dict[str, list[int]]:
    """The addresses that are most plainly named as recipients, each with the lines it stands on."""
    own = {person.value for person in people(head.all("from", "to", "sender", "delivered-to"))}
    graded: dict[str, int] = {}
    places: dict[str, list[int]] = {}
    for index, line in enumerate(lines):
        for found in _ADDRESS.finditer(line):
            address = one_form(found[0].rstrip(".'").lstrip("'=/"))
            grade = _grade(lines, index, found)
            if (
                grade
                and address not in own
                and not re.match(r"(?:mailer-?daemon|post-?master|abuse|bounces?)\b", address)
            ):
                graded[address] = max(grade, graded.get(address, 0))
                places.setdefault(address, []).append(index)
    best = max(graded.values(), default=0)
    return {address: places[address] for address, grade in graded.items() if grade == best}


def _grade(lines: list[str], index: int, found: re.Match) -> int:
    """How plainly an address is a recipient: 3 at the beginning of a line, 2 beside a code or words of failure, 1 in
    other words.
    """
    line = lines[index]
    if _HELP.search(line[: found.start()]):
        return 0
    if _BEGINS.match(line[: found.start()]):
        return 3
    return 2 if STATUS.search(line) or _CODE.search(line) or _FAILED.search(line) else 1


def _lines(text: str) -> list[str]:
    return [line[:MAX_LINE] for line in text.split("\n")[:MAX_LINES]]


def _lines_with(lines: list[str], address: str) -> list[int]:
    return [index for index, line in enumerate(lines) if address in line.lower()]


def _about(lines: list[str], places: list[int], every: list[int]) -> list[str]:
    """The lines that speak of one recipient: from each that names it up to the next that names anybody."""
    following = dict(zip(every, [*every[1:], len(lines)], strict=False))
    return [line for place in places for line in lines[place : following.get(place, place + 1)]]


def _outcome(address: str, about: str, reported: str, subject: str, alone: bool) -> Outcome:
    text = about if not alone and about else f"{about}\n{reported}"
    status, code = STATUS.search(text), _CODE.search(text)
    kind = status[1][0] if status else code[1] if code else ""
    delayed = _DELAYED.search(subject) or (_DELAYED.search(reported) and not _PERMANENT.search(reported))
    state = "delayed" if delayed and kind != "5" else "failed"
    return Outcome(
        Address("email", address),
        state,
        status[1] if status else "",
        clean(" ".join((about if not alone else reported).split()), 500),
    )
