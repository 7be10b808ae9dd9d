"""The words that mail programs of many languages write around old text: fields, titles, attributions, device lines,
list footers.
"""

from __future__ import annotations

import re

# The words each program puts before the old message's fields, by what they mean.
_FIELD_WORDS = {
    "from": "from|von|de|da|van|od|från|fra|от|от кого|kimden|gönderen|expéditeur|remitente|mittente|remetente|"
    "afzender|отправитель|"
    "nadawca|absender|lähettäjä|odesílatel|feladó|від|از|از طرف|فرستنده|من|发件人|寄件者|寄件人|差出人|送信者|보낸 사람|보낸사람",
    "sent": "sent|gesendet|envoyé|envoyé le|enviado|enviado el|enviada|enviada em|enviado em|inviato|verzonden|"
    "отправлено|"
    "gönderilme tarihi|gönderildi|gönderme tarihi|wysłano|wysłane|skickat|sendt|lähetetty|odesláno|elküldve|"
    "message du|надіслано|"
    "ارسال|ارسال شده|تاریخ ارسال|تاریخ الإرسال|ارسالشده|ارسال شده در|زمان ارسال|فرستاده شده|فرستادهشده|تم الإرسال|"
    "发送时间|寄件日期|傳送日期|送信日時|보낸 날짜",
    "date": "date|datum|fecha|data|дата|tarih|dato|päivämäärä|dátum|تاریخ|التاریخ|日期|日付|日時|时间|날짜",
    "to": "to|an|à|a|para|aan|do|till|til|кому|kime|alıcı|destinatario|destinataire|empfänger|vastaanottaja|komu|"
    "címzett|به|گیرنده|إلى|الى|"
    "收件人|收件者|宛先|받는 사람|받는사람",
    "cc": "cc|kopie|copie|copie à|kopia|copia|kopi|копия|bilgi|kopio|رونوشت|نسخة|抄送|副本|참조",
    "subject": "subject|betreff|objet|sujet|asunto|assunto|oggetto|onderwerp|тема|konu|temat|ämne|emne|aihe|předmět|"
    "tárgy|موضوع|الموضوع|"
    "主题|主旨|件名|제목",
}
FIELDS = {word: kind for kind, words in _FIELD_WORDS.items() for word in words.split("|")}
ORIGINAL = set(
    "original message|original mail|original e-mail|original email|original-nachricht|original nachricht|"
    "ursprüngliche nachricht|ursprüngliche mail|"
    "ursprüngliche e-mail|originalnachricht|message d'origine|message original|message initial|courriel original|"
    "e-mail d'origine|mail original|"
    "mensaje original|messaggio originale|oorspronkelijk bericht|oorspronkelijke bericht|origineel bericht|"
    "mensagem original|исходное сообщение|"
    "первоначальное сообщение|оригинальное сообщение|original meddelande|originalmeddelande|ursprungligt meddelande|"
    "oprindelig meddelelse|"
    "oprindelig besked|original besked|opprinnelig melding|original melding|orijinal mesaj|özgün ileti|"
    "orijinal ileti|alkuperäinen viesti|"
    "původní zpráva|původní e-mail|eredeti üzenet|mesajul original|mesaj original|wiadomość pierwotna|"
    "вихідне повідомлення|"
    "oryginalna wiadomość|wiadomość oryginalna|reply message|reply above this line|پیام اصلی|پیغام اصلی|متن اصلی|"
    "نامه اصلی|ایمیل اصلی|"
    "الرسالة الأصلیة|原始邮件|原始郵件|原邮件|回复的原邮件|回复的邮件|元のメッセージ|元のメール|원본 메시지|원본 메일|original message from".split(
        "|"
    )
)
FORWARDED = set(
    "forwarded message|begin forwarded message|forwarded mail|weitergeleitete nachricht|"
    "anfang der weitergeleiteten nachricht|"
    "anfang der weitergeleiteten e-mail|message transféré|début du message transféré|début du message réexpédié|"
    "mensaje reenviado|inicio del mensaje reenviado|messaggio inoltrato|inizio messaggio inoltrato|"
    "doorgestuurd bericht|"
    "begin doorgestuurd bericht|mensagem encaminhada|início da mensagem encaminhada|пересылаемое сообщение|"
    "пересылаемое письмо|начало переадресованного сообщения|iletilmiş mesaj|iletilen mesaj|yönlendirilen ileti|"
    "przekazana wiadomość|treść przekazanej wiadomości|vidarebefordrat meddelande|videresendt meddelelse|"
    "پیام هدایت شده|"
    "پیام هدایتشده|پیام بازفرستاده|پیام بازفرستاده شده|پیام بازارسال شده|پیام بازارسالشده|پیام ارجاع شده|"
    "پیام ارجاعشده|"
    "پیام فوروارد شده|رسالة معاد توجیهها|转发的邮件|轉寄的郵件|転送メッセージ|전달된 메시지".split("|")
)
_VERBS = (
    r"wrote|writes|schrieb|schreibt|geschrieben|a écrit|à écrit|écrivait|écrit|escribió|escribio|escribía|"
    r"ha scritto|scrive|scriveva|schreef|geschreven|"
    r"escreveu|написала?|написал\(а\)|пишет|писала?|писал\(а\)|пише|написав|yazdı|yazmış|napisał|napisała|"
    r"napisał\(a\)|pisze|napsala?|napsal\(a\)|skrev|"
    r"skrifaði|skrevet|kirjoitti|írta|a scris|said"
)
WROTE = re.compile(
    rf"\b(?:{_VERBS})(?!\w)|نوشته ?است|نوشتهاند|نوشته اند|نوشتند|نوشته|نوشت(?![میn])|کتب|写道|寫道|写到|のメッセージ|書きました|書いた|작성"
)
_LAST_WORDS = {verb.replace("\\", "").replace("?", "").rpartition(" ")[2] for verb in _VERBS.split("|")} | {
    "نوشت",
    "است",
}
PERSONAL = re.compile(
    r"\b(?:i|we) (?:just )?(?:wrote|said)\b|\bschrieb(?:en)? (?:ich|wir)\b|\bich .{0,40}geschrieben\b|"
    r"\bschreef ik\b|\bskrev (?:jag|jeg|vi)\b|\bj'ai écrit\b|\bho scritto\b|\bя (?:писал|написал)|"
    r"\b(?:you|your \w+) wrote\b|\b(?:vous avez|tu as|votre \w+ a)\b|\b(?:sie haben|ihre?e? \w+ (?:hat|schrieb))\b|"
    r"\b(?:me|mi|nos|usted(?:es)?) (?:ha|escribi)|همکار(?:تان|مان|م)? نوشت|\bشما\b|برایتان"
)
_DAYS = (
    "mon|tue|wed|thu|fri|sat|sun|mo|di|mi|do|fr|sa|so|lun|mar|mer|jeu|ven|sam|dim|"
    "пн|вт|ср|чт|пт|сб|вс|понедельник|четверг|пятниц|суббот|воскресень|понеділок|четвер|субота|неділя|"
    "دوشنبه|سهشنبه|چهارشنبه|پنجشنبه|جمعه|شنبه|یکشنبه"
)
_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
OPENING = re.compile(
    r"(?:on|am|le|el|il|il giorno|op|em|a|dnia|w dniu|den|pe|pada|в|во|le jour|dne|kl|در|به|بتاریخ|فی|"
    rf"(?:{_DAYS})\w*[.,]?|(?:{_MONTHS})\w*[.,]?|\d{{1,2}}:\d\d|\d{{1,4}}(?:[./-]|年|년))(?=[\s\d]|$|,)|\d{{1,4}}[年년]"
)
CLOCK = re.compile(r"\b\d{1,2} ?[:.h] ?\d\d\b")
DATE = re.compile(r"\b(?:19|20|13|14)\d\d(?!\d)|\b\d{1,2}[./-]\d{1,2}(?:[./-]|\b)")
ADDRESS = re.compile(r"<\s*(?:mailto:)?[^\s<>@]{1,100}@[^\s<>@]{1,200}\s*>")
ADDRESSED = re.compile(r"<\s*(?:mailto:)?[^\s<>@]{1,100}@[^\s<>@]{1,200}\s*>\s*:$")
_PROGRAMS = (
    r"iphone|ipad|ipod|i ?os\b|android|galaxy|samsung|huawei|honor\b|xiaomi|redmi|poco\b|oppo\b|vivo\b|oneplus|"
    r"nokia|motorola|moto\b|pixel|htc\b|lg\b|sony|xperia|"
    r"blackberry|windows|phone|mobile?\b|mobil|smartphone|handy|handheld|tablet|telefon|téléphone|teléfono|telefono|"
    r"celular|móvil|device|gerät|"
    r"outlook|mail\b|mailapp|gmail|yahoo|proton|thunderbird|spark\b|aol\b|gmx|web\.de|mail\.ru|яндекс|yandex|"
    r"телефон|смартфон|"
    r"почт|айфон|手机|携帯|スマートフォン|گوشی|موبایل|تلفن|همراه|آیفون|آیپد|آی پد|اندروید|سامسونگ|تبلت|شیائومی|هواوی|یاهو|جیمیل"
)
_SENT = (
    r"sent (?:from|with|via|using|by)|gesendet (?:von|mit|über|aus)|diese nachricht wurde von .{1,30} gesendet|"
    r"von meine[mr].{1,30} gesendet|"
    r"envoyé (?:de|depuis|à partir|par|avec|via)|enviado (?:desde|do|de|a partir|con|pelo|via)|inviato da|"
    r"inviata da|(?:verzonden|verstuurd|gestuurd) (?:vanaf|met|vanuit|via)|"
    r"отправлено (?:с|из|через)|надіслано з|.{2,30}'?[dt][ae]n gönderildi|wysłan[eo] z|skickat från|skickades från|"
    r"sendt fra|lähetetty|odesláno z|"
    r"从我的.{1,20}发送|發自我的|发自我的|.{1,20}から送信|나의 .{1,20}에서 보냄|"
    r"(?:ارسال ?شده|فرستاده ?شده) (?:از|با|توسط)|از .{2,30} (?:من )?(?:ارسال|فرستاده) ?شده? ?(?:است)?$|أُ?رسلت من"
)
_DOWNLOAD = (
    r"(?:get|download|holen sie sich|obtenir|obtenez|télécharge[rz]|obtener|obtén|descargar?|ottieni|scarica|"
    r"obter o|baixar o|"
    r"verkrijg|получит[ьe]|получите|скача(?:ть|йте)|pobierz(?: aplikację)?|hämta|skaffa|دریافت|دانلود|"
    r"الحصول علی) outlook\b|"
    r"outlook (?:für|voor) \w{3,7} (?:beziehen|holen|downloaden)|\w{3,7} için outlook\b"
)
_DEVICE = re.compile(rf"(?:{_SENT})|(?P<whole>{_DOWNLOAD})")
_PROGRAM = re.compile(_PROGRAMS)
_SENTENCE = re.compile(
    r"[?!;]|,(?! an? )|\. \S|\b(?:is|are|was|were|will|would|it|you|he|she|please|so|but|because|when|i|ist|sind|war|est|es|ist|estoy|bin|ich|je)\b"
)
_MAX_DEVICE, _MAX_WORDS = 120, 12
FOOTER_RULE = re.compile(r"_{10,}$|-{10,}$|={10,}$|-- ?$|--~--~")
LINK = re.compile(r"https?://|www\.|\S@\S")
FOOTER = re.compile(
    r"mailing ?list|mailingliste|liste de diffusion|lista de correo|list(?:info|serv|archive)|mailman|unsubscribe|"
    r"groups\.google|googlegroups|"
    r"you received this message because|um sich abzumelden|austragen|désabonn|отписаться|لغو اشتراک|لیست پستی"
)


def ends_in_verb(line: str) -> bool:
    """True for a line whose last word says that somebody wrote."""
    return line.rpartition(" ")[2] in _LAST_WORDS or line.endswith(("写道", "寫道"))


def is_device_line(line: str) -> bool:
    """True for "Sent from my iPhone" and its like; a sentence that begins so is a person's own word."""
    found = _DEVICE.match(line) if len(line) < _MAX_DEVICE else None
    if not found:
        return False
    words = re.sub(r"<[^<>]*>|https?://\S+|\(\S*\)", "", line).strip(" .")
    return bool(found["whole"]) or (
        bool(_PROGRAM.search(words)) and len(words.split()) <= _MAX_WORDS and not _SENTENCE.search(words)
    )
