"""The words that mail programs of many languages write around old text: fields, titles, attributions, device lines,
list footers.

Tables hold words parted by "|" or line ends, in lower case; a language is added by adding its words. What they are held
against is written ``comparable``.
"""

from __future__ import annotations

import re

_INVISIBLE = dict.fromkeys([*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF])
_COMPARABLE = _INVISIBLE | {ord("ي"): "ی", ord("ى"): "ی", ord("ك"): "ک", ord("*"): None, ord("\xa0"): " "}
_COMPARABLE |= {ord(digit): str(value) for digits in ("۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩") for value, digit in enumerate(digits)}
_COMPARABLE |= {ord("："): ":", ord("՝"): ":", ord("’"): "'"}


def comparable(line: str) -> str:
    """A line in one spelling: no invisible characters or emphasis, Persian letters only, lower case, no blank ends."""
    if not line.isascii():
        line = line.translate(_COMPARABLE)
    elif "*" in line:
        line = line.replace("*", "")
    return line.strip().lower()


def _words(table: str) -> list[str]:
    """The words of a table, each ``comparable``."""
    return [comparable(word) for word in re.split(r"[|\n]", table) if word.strip()]


# What each program puts before the old message's fields, by what it means.
_FIELD_WORDS = {
    "from": """
        from|von|de|da|van|od|från|fra|от|от кого|kimden|gönderen|expéditeur|remitente|mittente|remetente|afzender
        отправитель|nadawca|absender|lähettäjä|odesílatel|feladó|від|از|از طرف|فرستنده|من|发件人|寄件者|寄件人|從|差出人|送信者|보낸 사람
        보낸사람|de la|šalje|šalje se|pošiljatelj|nuo|no|saatja|από|מאת|จาก|từ|dari|daripada|avsändare|afsender|avsender
        odosielateľ|expeditor|од|frá|nork|nga|kimdən|кімнен|ад|ումից|منجانب|প্রেরক|प्रेषक|보낸이|изпращач|пошиљалац|gönderici|از سوی
    """,
    "sent": """
        sent|gesendet|envoyé|envoyé le|enviado|enviado el|enviada|enviada em|enviado em|inviato|verzonden|отправлено
        gönderilme tarihi|gönderildi|gönderme tarihi|wysłano|wysłane|skickat|sendt|lähetetty|odesláno|elküldve
        message du|надіслано|ارسال|ارسال شده|تاریخ ارسال|تاریخ الإرسال|ارسالشده|ارسال شده در|زمان ارسال|فرستاده شده
        فرستادهشده|تم الإرسال|发送时间|寄件日期|傳送日期|送信日時|보낸 날짜|보낸 시간|发送日期|发件时间|odoslané|trimis|изпратено|изпратено на|poslano
        poslato|послато|išsiųsta|nosūtīts|saadetud|στάλθηκε|αποστολή|εστάλη|נשלח|ส่ง|ส่งเมื่อ|đã gửi|dikirim|dihantar
        lähetyspäivä|enviat|dátum odoslania|تاريخ الإرسال|أرسلت|ارسال شد|gönderim tarihi|испратено|enviat el|bidaltze-data|dërguar
        göndərilib|жіберілді|адпраўлена|ուղարկվել է|بھیجا گیا|প্রেরিত|भेजा गया
    """,
    "date": """
        date|datum|fecha|data|дата|tarih|dato|päivämäärä|dátum|تاریخ|التاریخ|日期|日付|日時|时间|날짜|kuupäev|datums|ημερομηνία
        תאריך|วันที่|ngày|tanggal|tarikh|dagsetning|data i godzina|datum i vrijeme
    """,
    "to": """
        to|an|à|a|para|aan|do|till|til|кому|kime|alıcı|destinatario|destinataire|empfänger|vastaanottaja|komu|címzett
        به|گیرنده|إلى|الى|收件人|收件者|宛先|받는 사람|받는사람|către|до|prima|za|primatelj|kam|adressaat|saaja|προς|אל|ถึง|đến|tới
        kepada|per a|nori|për|kimə|кімге|каму|ում|بنام|প্রাপক|प्रति|받는이|至|príjemca|odbiorca|pour
    """,
    "cc": """
        cc|kk|másolat|kópia|kópie|kopija|κοιν|κοινοποίηση|עותק|สำเนา|tembusan|salinan|копие|kopie|کپی|copie|copie à
        kopia|copia|kopi|копия|bilgi|kopio|رونوشت|نسخة|抄送|副本|참조
    """,
    "subject": """
        subject|betreff|objet|sujet|asunto|assunto|oggetto|onderwerp|тема|konu|temat|ämne|emne|aihe|předmět|tárgy|موضوع
        الموضوع|主题|主旨|件名|제목|predmet|subiect|относно|zadeva|tema|temats|teema|θέμα|נושא|เรื่อง|chủ đề|subjek|perkara
        assumpte|efni|наслов|عنوان|gaia|subjekti|mövzu|тақырып|тэма|թեմա|বিষয়|विषय|ogg|tēma
    """,
}
FIELDS = {word: kind for kind, table in _FIELD_WORDS.items() for word in _words(table)}
ORIGINAL = set(
    _words("""
    original message|original mail|original e-mail|original email|original-nachricht|original nachricht
    ursprüngliche nachricht|ursprüngliche mail|ursprüngliche e-mail|originalnachricht|message d'origine
    message original|message initial|courriel original|e-mail d'origine|mail original|mensaje original
    messaggio originale|oorspronkelijk bericht|oorspronkelijke bericht|origineel bericht|mensagem original
    исходное сообщение|первоначальное сообщение|оригинальное сообщение|original meddelande|originalmeddelande
    ursprungligt meddelande|oprindelig meddelelse|oprindelig besked|original besked|opprinnelig melding
    original melding|orijinal mesaj|özgün ileti|orijinal ileti|alkuperäinen viesti|původní zpráva|původní e-mail
    eredeti üzenet|mesajul original|mesaj original|wiadomość pierwotna|вихідне повідомлення|oryginalna wiadomość
    wiadomość oryginalna|reply message|reply above this line|پیام اصلی|پیغام اصلی|متن اصلی|نامه اصلی|ایمیل اصلی
    الرسالة الأصلیة|原始邮件|原始郵件|原邮件|回复的原邮件|回复的邮件|元のメッセージ|元のメール|원본 메시지|원본 메일|original message from|správa
    pôvodná správa|izvorna poruka|originalna poruka|izvorno sporočilo|originalus laiškas|sākotnējais ziņojums
    algne kiri|αρχικό μήνυμα|הודעה מקורית|ההודעה המקורית|ต้นฉบับ|ข้อความต้นฉบับ|thư gốc|tin nhắn gốc|pesan asli
    mesej asal|missatge original|оригинално писмо|оригинално съобщение|оригінальне повідомлення
    originalus pranešimas|الرسالة الأصلية
    """)
)
FORWARDED = set(
    _words("""
    forwarded message|begin forwarded message|forwarded mail|weitergeleitete nachricht
    anfang der weitergeleiteten nachricht|anfang der weitergeleiteten e-mail|message transféré
    début du message transféré|début du message réexpédié|mensaje reenviado|inicio del mensaje reenviado
    messaggio inoltrato|inizio messaggio inoltrato|doorgestuurd bericht|begin doorgestuurd bericht
    mensagem encaminhada|início da mensagem encaminhada|пересылаемое сообщение|пересылаемое письмо
    начало переадресованного сообщения|iletilmiş mesaj|iletilen mesaj|yönlendirilen ileti|przekazana wiadomość
    treść przekazanej wiadomości|vidarebefordrat meddelande|videresendt meddelelse|پیام هدایت شده|پیام هدایتشده
    پیام بازفرستاده|پیام بازفرستاده شده|پیام بازارسال شده|پیام بازارسالشده|پیام ارجاع شده|پیام ارجاعشده
    پیام فوروارد شده|رسالة معاد توجیهها|转发的邮件|轉寄的郵件|転送メッセージ|전달된 메시지|přeposlaná zpráva|preposlaná správa
    továbbított üzenet|mesaj redirecționat|proslijeđena poruka|posredovano sporočilo|välitetty viesti
    videresendt besked|videresendt melding|edasisaadetud kiri|persiunčiamas laiškas|pārsūtīts ziņojums
    προωθημένο μήνυμα|הודעה שהועברה|ข้อความที่ส่งต่อ|thư được chuyển tiếp|pesan terusan|mesej dimajukan
    missatge reenviat|препратено съобщение|переслане повідомлення|прослеђена порука|pesan yang diteruskan|轉寄郵件
    已转发邮件|転送されたメール
    """)
)
# What a program says that somebody did.
_VERBS = _words("""
    wrote|writes|schrieb|schreibt|geschrieben|a écrit|à écrit|écrivait|écrit|escribió|escribio|escribía|ha scritto
    scrive|scriveva|schreef|geschreven|escreveu|написал|написала|написал(а)|пишет|писал|писала|писал(а)|пише|написав|yazdı
    yazmış|napisał|napisała|napisał(a)|pisze|napsal|napsala|napsal(a)|skrev|skrifaði|skrevet|kirjoitti|írta|a scris
    said|napísal|napísala|napísal(a)|napisal|napisao|napisao/la|je napisala|написао|написао/ла|написа|напиша|έγραψε
    έγραψαν|писали|rašė|rakstīja|kirjutas|đã viết|menulis|va escriure|escribiu|geskryf|aliandika|sumulat|כתב/ה|כתב
    כתבה|დაწერა|գրել է|піша|напісаў|бичсэн|लिखा|লিখেছেন|لکھا|เขียน|เขียนว่า
""")
_WROTE = re.compile(
    rf"\b(?:{'|'.join(map(re.escape, _VERBS))})(?!\w)|نوشته ?است|نوشتهاند|نوشته اند|نوشتند|نوشته|نوشت(?![میn])|کتب|写道|寫道|写到|のメッセージ|書きました|書いた|작성"
)
_LAST_WORDS = {verb.rpartition(" ")[2] for verb in _VERBS} | {"نوشت", "است"}
_PERSONAL = re.compile(
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
    r"στις|на|la|în|o|ב-?|בתאריך|kuupäev|þann|dňa|noong|mnamo|vào|ในวันที่|เมื่อ|"
    rf"(?:{_DAYS})\w*[.,]?|(?:{_MONTHS})\w*[.,]?|\d{{1,2}}:\d\d|\d{{1,4}}(?:[./-]|年|년))(?=[\s\d]|$|,)|\d{{1,4}}[年년]"
)
CLOCK = re.compile(r"(?<![\d.:])\d{1,2} ?[:.h] ?\d\d(?!\d)|(?<!\d)\d{1,2}시")
DATE = re.compile(r"(?<![\d.])(?:19|20|13|14)\d\d(?!\d)|(?<!\d)\d{1,2}[./-]\d{1,2}(?:[./-]|\b)")
ADDRESS = re.compile(r"<\s*(?:mailto:)?[^\s<>@]{1,100}@[^\s<>@]{1,200}\s*>")
_ADDRESSED = re.compile(r"<\s*(?:mailto:)?[^\s<>@]{1,100}@[^\s<>@]{1,200}\s*>\s*:$")
_PROGRAMS = (
    r"iphon|ipad|ipod|i ?os\b|android|galaxy|samsung|huawei|honor\b|xiaomi|redmi|poco\b|oppo\b|vivo\b|oneplus|"
    r"nokia|motorola|moto\b|pixel|htc\b|lg\b|sony|xperia|"
    r"blackberry|windows|phone|mobile?\b|mobil|smartphone|handy|handheld|tablet|telefon|téléphone|teléfono|telefono|"
    r"celular|móvil|device|gerät|"
    r"outlook|mail\b|mailapp|gmail|yahoo|proton|thunderbird|spark\b|aol\b|gmx|web\.de|mail\.ru|яндекс|yandex|"
    r"телефон|смартфон|"
    r"почт|айфон|手机|携帯|スマートフォン|گوشی|موبایل|تلفن|همراه|آیفون|آیپد|آی پد|اندروید|سامسونگ|تبلت|شیائومی|هواوی|یاهو|جیمیل"
)
_SENT = (
    r"sent (?:from|with|via|using|by)|gesendet (?:von|mit|über|aus)|diese nachricht wurde von .{1,70} gesendet|"
    r"von meine[mr].{1,30} gesendet|envoyé (?:de|depuis|à partir|par|avec|via)|enviado (?:desde|do|de|a partir|con|pelo|via)|"
    r"enviat (?:des de|amb)|inviat[oa] (?:da|con)|(?:verzonden|verstuurd|gestuurd) (?:vanaf|met|vanuit|via)|"
    r"отправлено (?:с|из|через)|надіслано (?:з|через)|изпратено (?:от|с|чрез)|послато (?:са|с)|posla(?:no|to) (?:s|sa|iz|z)|"
    r".{2,30}'?[dt][ae]n gönderildi|wysłan[eo] z|odesláno z|odoslané z|skicka(?:t|des) från|sendt (?:fra|med)|lähetetty|"
    r"saadetud|išsiųsta iš|nosūtīts no|.{2,40}(?:ről|ról|mről) küldve|az .{2,40} küldve|trimis (?:de pe|din|cu)|"
    r"στάλθηκε (?:από|με)|εστάλη από|đ(?:ã|ược) gửi từ|ส่งจาก|dikirim (?:dari|dengan)|dihantar (?:dari|daripada)|"
    r"मेरे .{1,20} से भेजा गया|.{1,25} থেকে পাঠানো|میرے .{1,20} سے|"
    r"从我的.{1,20}发送|[發发]自我?的?|[從由]我的.{1,20}(?:傳送|寄出|發送)|.{1,20}から送信|나의 .{1,20}에서 보냄|"
    r"(?:ارسال ?شده|فرستاده ?شده) (?:از|با|توسط)|از .{2,30} (?:من )?(?:ارسال|فرستاده) ?شده? ?(?:است)?$|"
    r"أُ?رسلت (?:من|بواسطة)|مرسل(?:ة)? من|تم الإرسال من|נשלח (?:מ|באמצעות)"
)
_DOWNLOAD = (
    r"(?:get|download|holen sie sich|obtenir|obtenez|télécharge[rz]|obtener|obtén|descargar?|ottieni|scarica|"
    r"obter o|baixar o|verkrijg|получит[ьe]|получите|скача(?:ть|йте)|завантажити|pobierz(?: aplikację)?|hämta|skaffa|hent|få|"
    r"hae|stáhnout|stiahnuť|získať|získejte|preuzmite|prenesite|obțineți|изтеглете|λήψη(?: του)?|κατεβάστε(?: το)?|laadige alla|"
    r"parsisiųsti|gauti|iegūt|tải|dapatkan|รับ|प्राप्त करें|دریافت|دانلود|الحصول علی|تنزیل|קבל את|הורד את|获取|下载|取得|下載) outlook\b|"
    r"(?:get|download) [\w ]{2,30} for (?:android|ios|iphone|mac|windows)\W*$|"
    r"outlook (?:für|voor) \w{3,7} (?:beziehen|holen|downloaden)|\w{3,7} için outlook\b|(?:android|ios) ?(?:版|용) ?outlook\b|"
    r"outlook ?(?:for \w+ ?)?(?:をダウンロード|を入手|다운로드|beszerzése|letöltése)|provenance : courrier pour"
)
_DEVICE = re.compile(rf"(?:{_SENT})|(?P<whole>{_DOWNLOAD})")
_PROGRAM = re.compile(_PROGRAMS)
_SENTENCE = re.compile(
    rf"[?!;]|,(?! an? | ?(?:{_PROGRAMS}))|\. \S|\b(?:is|are|was|were|will|would|it|you|he|she|please|so|but|because|when|i|ist|sind|war|est|es|ist|estoy|bin|ich|je)\b"
)
_APOLOGY = re.compile(r"[,.;–-]*\s(?:so )?(?:please )?(?:excuse|forgive|pardon|sorry|apologi[sz]e|ignore)\b.*$")
_MAX_DEVICE, _MAX_WORDS = 120, 12
FOOTER_RULE = re.compile(r"_{5,}$|-{10,}$|-{2,3}$|={10,}$|--~--~")
RULE = re.compile(r"[-_=]{10,}$")
ANNOUNCES = re.compile(r"[-_=]{5}|[-_=]{3,4}$")  # a rule, or a title in dashes
SPEAKS = re.compile(
    r"[?؟？]$|^(?:i|we|my|our|please|ich|wir|mein|bitte|je|nous|yo|io|jag|jeg|я|мы|ben|من|ما|لطفا) ", re.M
)
LINK = re.compile(r"https?://|www\.|\S@\S")
FOOTER = re.compile(
    r"mailing ?list|mailingliste|liste de diffusion|lista de correo|list(?:info|serv|archive)|mailman|unsubscribe|"
    r"groups\.google|googlegroups|"
    r"you received this message because|um sich abzumelden|austragen|désabonn|отписаться|لغو اشتراک|لیست پستی"
)


def attributes(words: str) -> bool:
    """True when these words say who wrote what follows, and when; nothing that a person says of themselves."""
    dated, timed, wrote = DATE.search(words), CLOCK.search(words), _WROTE.search(words)
    opens, addressed = OPENING.match(words), "@" in words
    if not words.endswith(":"):
        return bool(dated and timed and addressed and opens)
    if wrote and (dated or timed) and (opens or addressed or (dated and timed)):
        return bool(ADDRESS.search(words)) or not _PERSONAL.search(words)
    return bool(dated and timed and opens and _ADDRESSED.search(words))


def may_attribute(line: str) -> bool:
    """True for a line that attributes, less plainly, the quote that follows it."""
    dated, timed = DATE.search(line), CLOCK.search(line)
    if ADDRESS.search(line):
        return line.endswith(":") or bool(dated and timed)
    opens = (dated or timed) and ("@" in line or OPENING.match(line))
    return line.endswith(":") and bool(_WROTE.search(line) or opens or (dated and timed))


def attributed(words: str) -> bool:
    """True for words that attribute what is plainly old: with a moment, and an address or that somebody wrote."""
    dated = DATE.search(words) and CLOCK.search(words)
    return bool(dated and (ADDRESS.search(words) or _WROTE.search(words)))


def names_writer(words: str) -> bool:
    """True when somebody is said to have written, or named by address."""
    return "@" in words or bool(_WROTE.search(words))


def alone(line: str) -> str:
    """An attribution without dashes around it and without the old text that some programs put on the same line."""
    words, parted, _old = line.partition(":  ")
    return f"{words}:" if parted else line.strip("-—= ")


def ends_in_verb(line: str) -> bool:
    """True for a line whose last word says that somebody wrote."""
    return line.rpartition(" ")[2] in _LAST_WORDS or line.endswith(("写道", "寫道"))


def is_device_line(line: str) -> bool:
    """True for "Sent from my iPhone" and its like; a sentence that begins so is a person's own word."""
    found = _DEVICE.match(line) if len(line) < _MAX_DEVICE else None
    if not found:
        return False
    words = _APOLOGY.sub("", re.sub(r"<[^<>]*>|https?://\S+|\(\S*\)", "", line)).strip(" .")
    return bool(found["whole"]) or (
        bool(_PROGRAM.search(words)) and len(words.split()) <= _MAX_WORDS and not _SENTENCE.search(words)
    )
