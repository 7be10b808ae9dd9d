"""The words by which mail servers of many languages say that mail was not or not yet delivered, and automatic answers
that they are such. A language is added by adding its words.
"""

from __future__ import annotations

import re

_FAILED = {
    "en": (
        r"undeliver|unable to (?:deliver|relay|send)|not (?:be |been )?(?:delivered|sent|reach)|"
        r"(?:was|were|have|has)n['’]t (?:been )?(?:delivered|sent)|"
        r"deliver\w*.{0,30}(?:fail|problem|error|impossible|unsuccess)|"
        r"fail\w*.{0,30}(?:deliver|address|recipient|to send)|mail.{0,10}failed|delivery status|"
        r"returned? (?:mail|to sender|message|unsent)|return\w* to (?:the )?sender|mail system error|"
        r"could(?: not|n['’]t).{0,12}(?:deliver|sen[dt]|reach)|"
        r"can(?: ?not|['’]t).{0,12}(?:deliver|be (?:delivered|sent|reached))|was not deliver|"
        r"trouble deliver|(?:error|problem)s? (?:while )?(?:sending|deliver)|delivery incomplete|"
        r"permanent(?:ly)? (?:error|fatal|fail)|transient (?:non-)?fatal|fatal errors|reject(?:ed|ion)|"
        r"bounced?\b|message blocked|"
        r"(?:no such|unknown|invalid|non-?existent) (?:user|recipient|address|mailbox)|"
        r"user (?:unknown|not found)|address (?:not found|rejected|unknown)|"
        r"(?:mailbox|quota).{0,20}(?:full|exceeded)|host (?:unknown|not found)|nondelivery|non-delivery|"
        r"wasn['’]t able to deliver|failure notice|user is over quota"
    ),
    "de": (
        r"unzustellbar|nicht (?:\w+ )?(?:zugestellt|zustell|übermittelt|erreicht|ausgeliefert)|"
        r"zustell\w*.{0,30}(?:fehl|nicht|unm)|fehler (?:bei der|beim) (?:zustell|vers)|fehlgeschlagen"
    ),
    "fr": (
        r"non (?:remis|distribu|délivr)|n['’]a p(?:as|u).{0,20}(?:remis|distribu|délivr|envoy|livr)|"
        r"échec.{0,15}(?:remise|distribu|envoi|livraison)|impossible de (?:remettre|distribuer|livrer)|"
        r"non-remise"
    ),
    "es": (
        r"no se (?:ha )?(?:p[ou]d|entreg)|no (?:fue|ha sido|pudo ser).{0,15}entreg|"
        r"error (?:de|en la) entrega|devuelto|no entregad|fallo.{0,15}entrega"
    ),
    "ca": r"no s['’]ha pogut (?:lliurar|entregar)",
    "pt": r"não (?:foi|pôde|p[ôo]de ser|pode ser).{0,15}entreg|falha.{0,15}entrega|devolvid|n[ãa]o entreg",
    "it": (
        r"mancat[ao] (?:recapito|consegna)|non (?:è stato|può essere|consegnat|recapitat)|"
        r"impossibile (?:recapitare|consegnare)|recapito.{0,20}(?:non|fallit)"
    ),
    "nl": (
        r"niet (?:worden )?(?:bezorgd|afgeleverd|besteld)|onbestelbaar|bezorging.{0,20}mislukt|"
        r"kon niet.{0,20}(?:bezorg|aflever)"
    ),
    "da no": (
        r"kunne ikke (?:leveres|sendes|afleveres)|ikke (?:blev |ble )?(?:leveret|levert|afleveret)|"
        r"uleverbar|kan(?:de)? (?:inte|ikke) (?:levereras|leveres)|levering .{0,40}mislykkes|mislyktes|"
        r"kunne ikke nås|leveringsfejl"
    ),
    "sv": r"inte (?:levereras|kunde levereras)|obeställbar|olevererbar|leveransfel",
    "is": r"ekki (?:var )?hægt að (?:afhenda|senda)",
    "fi": r"ei voitu toimittaa|perille toimittam|ei voi toimittaa|toimitus .{0,60}epäonnistui",
    "et": r"(?:kohale)?toimetamine .{0,15}(?:nurjus|ebaõnnestus)|ei õnnestunud",
    "lt": r"nepristatyt|nepavyko pristatyti",
    "lv": r"neizdevās piegādāt|nav piegādāt",
    "pl": (
        r"nie (?:można|udało się|został[ao]?).{0,15}dostarcz|niedostarczon|błąd dostarcz|nie powiodło się|"
        r"nie mog(?:ła|ło) zostać .{0,12}dostarcz|niedostarczaln|zwrot nieodebran"
    ),
    "cs sk": (
        r"nelze doručit|nedoručiteln|nepodařilo (?:se )?doručit|nemohla být doručena|nebyla? doru[čc]ena?|"
        r"nedoru[čc]en|nepodarilo sa doručiť|nebolo možné doručiť"
    ),
    "hu": (
        r"nem kézbesíthető|sikertelen kézbesítés|nem sikerült .{0,12}kézbesíteni|kézbesítési hiba|"
        r"kézbesíthetetlen"
    ),
    "ro": r"nu a putut fi (?:livrat|trimis)|nelivrat|nu s-a putut livra",
    "hr sr sl": (
        r"није испоруч|nije (?:isporučen|dostavljen)|ne može (?:se )?(?:isporučiti|dostaviti)|"
        r"ni (?:bilo mogoče|mogoče) dostaviti|nedostavljiv"
    ),
    "ru": (
        r"не (?:был[оа]? )?(?:доставлен|удалось доставить|может быть доставлен)|недоставлен|"
        r"ошибка (?:при )?доставк|невозможно доставить|недоставк|не удал[оа]сь .{0,12}достав|"
        r"не уда[её]тся доставить|не доставлен|возвращен"
    ),
    "uk bg": r"не (?:може бути|вдалося) .{0,12}достав|не е достав|не може да бъде достав|недоставен",
    "el": (
        r"δεν παραδόθηκε|αποτυχία παράδοσης|δεν ήταν δυνατή η (?:παράδοση|αποστολή)|"
        r"δεν μπορεί να παραδοθεί"
    ),
    "tr az": r"teslim edilem|iletilemedi|gönderilemedi|teslimat.{0,20}başarısız|çatdırıla bilmədi",
    "fa ur": (
        r"تحویل.{0,15}(?:نشد|داده نشد|ناموفق)|برگشت (?:خورد|داده)|ارسال.{0,10}(?:نشد|ناموفق|با شکست)|"
        r"نرسید|قابل تحویل نیست|با شکست مواجه|خطا در (?:ارسال|تحویل)|ترسیل ناکام"
    ),
    "ar": (
        r"تعذر (?:تسليم|توصيل|إرسال)|لم يتم (?:تسليم|توصيل)|فشل (?:ال)?(?:تسليم|إرسال|توصيل)|"
        r"غير قابل للتسليم"
    ),
    "he": r"לא ניתן למסירה|נכשלה|לא נמסר|לא ניתן (?:היה )?(?:למסור|לשלוח)",
    "hi": r"डिलीवर नहीं|वितरित नहीं",
    "zh": r"退信|退回|无法投递|無法投遞|无法送达|無法傳遞|未能送达|投递失败|投遞失敗|系统退信|发送失败",
    "ja": r"配信でき|配信不能|送信でき|届きません|届け(?:られ|でき)ません|送信不能|エラー通知|不達",
    "ko": r"배달(?:되지| ?실패)|전송(?: ?실패|되지)|반송",
    "th": r"ส่ง.{0,20}ไม่สำเร็จ|ไม่สามารถส่ง|ไม่สามารถจัดส่ง",
    "vi": r"không (?:thể )?gửi được|không thể gửi|gửi thất bại",
    "id ms": (
        r"tidak (?:dapat|bisa) (?:di)?kirim|tidak terkirim|pengiriman gagal|gagal (?:di)?kirim|"
        r"tidak dapat dihantar"
    ),
}
FAILED = re.compile("|".join(_FAILED.values()), re.I)
DELAYED = re.compile(
    r"delay(?:ed)?\b|warning only|still being (?:re)?tri|will (?:be )?(?:retr|keep trying|continue to try)|temporar|"
    r"not yet been delivered|could not be delivered (?:yet|for)|"
    r"verzögert|retard(?:é|ée|ado)|vertraagd|aplazad|отложен|задержан|با تأخیر|تأخیر در|هنوز (?:تحویل|ارسال) نشده|"
    r"noch nicht zugestellt|n['’]a pas encore|ещ[её] не доставлен|henüz teslim edil|gecik|ritard|försena|forsink|opóźni|"
    r"zpožd|késlelt|késik|întârzi|viivästy|καθυστερ|затрим|retrasad|atrasad|延迟|延遲|尚未送达|遅延|지연|تأخر|مؤجل|עיכוב|trì hoãn|ล่าช้า|tertunda",
    re.I,
)
DELIVERED = re.compile(r"success|(?:was|has been|were) delivered|\b250[ -]2|zugestellt|با موفقیت", re.I)
PERMANENT = re.compile(
    r"permanent|failed permanently|undeliverable|unknown user|user unknown|no such user|does not exist|giving up|gave up",
    re.I,
)
BEGINS = re.compile(
    r"[\s\W]*(?:(?:to|rcpt to|recipients?|address(?:es)?|user|mailbox|final-recipient|original-recipient|an|à|a|"
    r"para|empfänger|destinataires?|"
    r"destinatario|destinatário|ontvanger|modtager|mottagare|получатель|кому|odbiorca|adresat|alıcı|收件人|宛先|受信者|"
    r"گیرنده|به|rfc822|unknown|smtp)"
    r"[\s\W]{1,10}){0,3}$",
    re.I,
)
HELP = re.compile(
    r"\b(?:help|assist|contact|questions?|support|write to|mailto:|report (?:this|it)|forward this|message-?id|"
    r"reference|hilfe|fragen|kontakt|wenden sie|"
    r"aide|contacte[rz]|ayuda|ajuda|aiuto|assistenza|neem contact|обрат|помощ|pomoc|yardım|if you)\b|联系|お問い合わせ|"
    r"تماس|راهنما",
    re.I,
)
ORIGINAL = re.compile(
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
# The subject of an automatic answer, up to the colon before the answered subject.
_AUTOMATIC = (
    r"auto(?:matic)?(?:ally)?[ -]?(?:reply|response)|out of (?:the )?office|autoreply|"
    r"abwesenheits\w{0,20}|automatische (?:antwort|rückantwort)|abwesend|"
    r"réponse automatique|absence du bureau|message d['’]absence|respuesta automática|fuera de la oficina|resposta automàtica|"
    r"risposta automatica|fuori (?:sede|ufficio)|automatisch antwoord|automatische beantwoording|afwezig|"
    r"resposta automática|ausência temporária|autosvar|automatiskt svar|automatisk svar|frånvaro|fraværende|"
    r"automaattinen vastaus|poissaolo\w{0,10}|automaatvastus|automātiskā atbilde|automatinis atsakymas|"
    r"odpowiedź automatyczna|automatyczna odpowiedź|autoodpowiedź|automatická odpově[dď]|automatická odpoveď|"
    r"automatikus válasz|házon kívül|răspuns automat|automatski odgovor|аутоматски одговор|samodejni odgovor|"
    r"автоответ\w{0,4}|автоматический ответ|автоматична відповідь|автоматичен отговор|αυτόματη απάντηση|"
    r"otomatik (?:yanıt|cevap)|ofis dışında|avtomatik cavab|پاسخ (?:خودکار|اتوماتیک)|رد تلقائي|الرد التلقائي|خارج المكتب|"
    r"מענה אוטומטי|תשובה אוטומטית|מחוץ למשרד|خودکار جواب|स्वचालित उत्तर|ตอบกลับอัตโนมัติ|ไม่อยู่ที่สำนักงาน|"
    r"(?:thư )?trả lời tự động|(?:balasan|jawaban) otomatis|balas automatik|"
    r"自动(?:答复|回复|应答)|自動(?:回覆|答覆|回應|応答|返信)|不在通知|자동 ?(?:회신|응답)|부재중"
)
AUTOMATIC_SUBJECT = re.compile(rf"(?:{_AUTOMATIC})(?:[\s-]*(?:{_AUTOMATIC}))?\s*(?:\([^()]{{0,40}}\))?\s*[:：]", re.I)
