"""Answers as the mail programs of thirteen languages write them: only what is new stays unfolded, in text and in
HTML.
"""

import html as entities

import pytest

from plugins.email import html, htmlquotes, quotes

OWN = {
    "en": "Thanks, it arrived.\n\nBest,\nAli",
    "fa": "سلام، رسید. ممنون.\n\nعلی",
    "de": "Hallo,\ndanke, ist da.\n\nGruß\nJörg",
    "fr": "Bonjour,\nmerci.\n\nHélène",
    "es": "Hola,\ngracias.\n\nJosé",
    "it": "Ciao,\ngrazie.\n\nGiulia",
    "nl": "Hoi,\nbedankt.\n\nJan",
    "pt": "Olá,\nobrigado.\n\nJoão",
    "ru": "Здравствуйте,\nспасибо.\n\nИван",
    "tr": "Merhaba,\nteşekkürler.\n\nAyşe",
    "pl": "Cześć,\ndziękuję.\n\nŁukasz",
    "sv": "Hej,\ntack.\n\nÅsa",
    "ar": "مرحبا،\nشكرا.\n\nأحمد",
}
OLD = "Hello,\n\nyour order is on its way.\n\nSupport"

# What stands above the old text, alone on its lines
GMAIL = {
    "en": "On Sat, Nov 21, 2026 at 4:20 PM Support <support@desk.example> wrote:",
    "en us narrow": "On Sat, Nov 21, 2026 at 4:20\u202fPM Support <support@desk.example>\nwrote:",
    "de": "Am Sa., 21. Nov. 2026 um 16:20 Uhr schrieb Support <support@desk.example>:",
    "fr": "Le sam. 21 nov. 2026 à 16:20, Support <support@desk.example> a\nécrit :",
    "es": "El sáb, 21 nov 2026 a las 16:20, Support (<support@desk.example>) escribió:",
    "it": "Il giorno sab 21 nov 2026 alle ore 16:20 Support <\nsupport@desk.example> ha scritto:",
    "nl": "Op za 21 nov 2026 om 16:20 schreef Support <support@desk.example>:",
    "pt": "Em sáb., 21 de nov. de 2026 às 16:20, Support <support@desk.example>\nescreveu:",
    "ru": "сб, 21 нояб. 2026 г. в 16:20, Support <support@desk.example>:",
    "tr": "Support <support@desk.example>, 21 Kas 2026 Cmt, 16:20 tarihinde şunu yazdı:",
    "pl": "sob., 21 lis 2026 o 16:20 Support <support@desk.example> napisał(a):",
    "sv": "Den lör 21 nov. 2026 kl 16:20 skrev Support <support@desk.example>:",
    "ar": "في السبت، ٢١ نوفمبر ٢٠٢٦ في ٤:٢٠ م تمت كتابة ما يلي بواسطة \u202aSupport\u202c\u200f "
    "<\u202a\nsupport@desk.example\u202c\u200f>:",
    "fa": "در تاریخ شنبه ۲۱ نوامبر ۲۰۲۶،\u200f ۱۶:۲۰ Support <support@desk.example> نوشت:",
    "fa-at": "در تاریخ شنبه ۲۱ نوامبر ۲۰۲۶ ساعت ۱۶:۲۰ Support <support@desk.example>\nنوشت:",
}
APPLE = {
    "en": "On 21 Nov 2026, at 16:20, Support <support@desk.example> wrote:",
    "en am": "On Nov 21, 2026, at 4:20\u202fPM, Support <support@desk.example> wrote:",
    "de": "Am 21.11.2026 um 16:20 schrieb Support <support@desk.example>:",
    "fr": "Le 21 nov. 2026 à 16:20, Support <support@desk.example> a écrit :",
    "es": "El 21 nov 2026, a las 16:20, Support <support@desk.example> escribió:",
    "it": "Il giorno 21 nov 2026, alle ore 16:20, Support <support@desk.example> ha scritto:",
    "nl": "Op 21 nov 2026, om 16:20 heeft Support <support@desk.example> het volgende geschreven:",
    "pt": "No dia 21/11/2026, às 16:20, Support <support@desk.example> escreveu:",
    "ru": "21 нояб. 2026 г., в 16:20, Support <support@desk.example> написал(а):",
    "tr": "Support <support@desk.example> şunları yazdı (21 Kas 2026 16:20):",
    "pl": "Wiadomość napisana przez Support <support@desk.example> w dniu 21 lis 2026, o godz. 16:20:",
    "sv": "21 nov. 2026 kl. 16:20 skrev Support <support@desk.example>:",
    "fa": "در ۳۰ آبان ۱۴۰۵، ساعت ۱۶:۲۰، Support <support@desk.example> نوشت:",
    "ar": "في ٢١ نوفمبر ٢٠٢٦، الساعة ٤:٢٠ م، كتب/كتبت Support <support@desk.example>:",
}
YAHOO = {
    "en": "On Saturday, November 21, 2026 at 04:20:00 PM GMT+3:30, Support <support@desk.example> wrote:",
    "de": "Am Samstag, 21. November 2026 um 16:20:00 MEZ hat Support <support@desk.example> Folgendes geschrieben:",
    "fr": "Le samedi 21 novembre 2026 à 16:20:00 UTC+1, Support <support@desk.example> a écrit :",
    "es": "El sábado, 21 de noviembre de 2026, 16:20:00 CET, Support <support@desk.example> escribió:",
    "it": "Il sabato 21 novembre 2026 alle ore 16:20:00 CET, Support <support@desk.example> ha scritto:",
    "nl": "Op zaterdag 21 november 2026 om 16:20:00 CET schreef Support <support@desk.example>:",
    "pt": "Em sábado, 21 de novembro de 2026 às 16:20:00 BRT, Support <support@desk.example> escreveu:",
    "ru": "суббота, 21 ноября 2026 г., 16:20:00 GMT+3, Support <support@desk.example> написал(-а):",
    "tr": "21 Kasım 2026 Cumartesi 16:20:00 GMT+3 tarihinde Support <support@desk.example> şunu yazdı:",
    "pl": "sobota, 21 listopada 2026 16:20:00 CET Support <support@desk.example> napisał(a):",
    "sv": "Den lördag 21 november 2026 16:20:00 CET skrev Support <support@desk.example>:",
}
THUNDERBIRD = {
    "en": "On 11/21/26 16:20, Support wrote:",
    "de": "Am 21.11.26 um 16:20 schrieb Support:",
    "fr": "Le 21/11/2026 à 16:20, Support a écrit :",
    "es": "El 21/11/26 a las 16:20, Support escribió:",
    "it": "Il 21/11/2026 16:20, Support ha scritto:",
    "nl": "Op 21-11-2026 om 16:20 schreef Support:",
    "pt": "Em 21/11/2026 16:20, Support escreveu:",
    "pt-PT": "Às 16:20 de 21/11/2026, Support escreveu:",
    "ru": "21.11.2026 16:20, Support пишет:",
    "tr": "21.11.2026 16:20 tarihinde Support yazdı:",
    "pl": "W dniu 21.11.2026 o 16:20, Support pisze:",
    "sv": "Den 2026-11-21 kl. 16:20, skrev Support:",
    "fa": "در ۲۱/۱۱/۲۶ ۱۶:۲۰، Support نوشت:",
    "ar": "في 21\u200f/11\u200f/2026 في 16:20، كتب Support:",
}
# The old message's fields
OUTLOOK = {
    "en": "From: Support <support@desk.example>\nSent: Saturday, November 21, 2026 4:20 PM\nTo: Ali "
    "<ali@example.com>\nSubject: Re: Order",
    "en cc": "From: Support <support@desk.example> \nSent: Saturday, November 21, 2026 4:20 PM\nTo: Ali "
    "<ali@example.com>\nCc: B <b@example.com>\nSubject: Re: Order\nImportance: High",
    "de": "Von: Support <support@desk.example>\nGesendet: Samstag, 21. November 2026 16:20\nAn: Jörg\nBetreff: Re: "
    "Bestellung",
    "fr": "De : Support <support@desk.example>\nEnvoyé : samedi 21 novembre 2026 16:20\nÀ : Hélène\nObjet : Re: "
    "Commande",
    "es": "De: Support <support@desk.example>\nEnviado: sábado, 21 de noviembre de 2026 16:20\nPara: José\nAsunto: "
    "Re: Pedido",
    "it": "Da: Support <support@desk.example>\nInviato: sabato 21 novembre 2026 16:20\nA: Giulia\nOggetto: Re: Ordine",
    "nl": "Van: Support <support@desk.example>\nVerzonden: zaterdag 21 november 2026 16:20\nAan: Jan\nOnderwerp: "
    "Re: Bestelling",
    "pt": "De: Support <support@desk.example>\nEnviado: sábado, 21 de novembro de 2026 16:20\nPara: João\nAssunto: "
    "Re: Pedido",
    "ru": "От: Support <support@desk.example>\nОтправлено: 21 ноября 2026 г. 16:20\nКому: Иван\nТема: Re: Заказ",
    "tr": "Gönderen: Support <support@desk.example>\nGönderildi: 21 Kasım 2026 Cumartesi 16:20\nKime: Ayşe\nKonu: "
    "Re: Sipariş",
    "pl": "Od: Support <support@desk.example>\nWysłane: sobota, 21 listopada 2026 16:20\nDo: Łukasz\nTemat: Re: "
    "Zamówienie",
    "sv": "Från: Support <support@desk.example>\nSkickat: den 21 november 2026 16:20\nTill: Åsa\nÄmne: Re: Order",
    "ar": "من: Support <support@desk.example>\nتم الإرسال: السبت، ٢١ نوفمبر ٢٠٢٦\nإلى: أحمد\nالموضوع: Re: طلب",
    "ar2": "من: Support <support@desk.example>\nتاريخ الإرسال: السبت، ٢١ نوفمبر ٢٠٢٦\nإلى: أحمد\nالموضوع: Re: طلب",
    "fa": "از: Support <support@desk.example>\nارسال شده: شنبه ۲۱ نوامبر ۲۰۲۶ ۱۶:۲۰\nبه: علی\nموضوع: Re: سفارش",
    "fa2": "از: Support <support@desk.example>\nتاریخ ارسال: شنبه ۲۱ نوامبر ۲۰۲۶ ۱۶:۲۰\nبه: علی\nموضوع: Re: سفارش",
    "fa3": "فرستنده: Support <support@desk.example>\nارسال: شنبه ۲۱ نوامبر ۲۰۲۶ ۱۶:۲۰\nگیرنده: علی\nموضوع: Re: سفارش",
}
# What telephones add
OUTLOOK_PHONE = {
    "en": "Get Outlook for iOS<https://aka.ms/o0ukef>",
    "en a": "Get Outlook for Android",
    "de": "Outlook für iOS beziehen",
    "de2": "Holen Sie sich Outlook für Android",
    "fr": "Télécharger Outlook pour iOS",
    "es": "Obtener Outlook para iOS<https://aka.ms/o0ukef>",
    "it": "Scarica Outlook per iOS",
    "nl": "Outlook voor iOS downloaden",
    "pt": "Obter o Outlook para iOS",
    "ru": "Получите Outlook для iOS",
    "tr": "iOS için Outlook'u edinin",
    "pl": "Pobierz aplikację Outlook dla systemu iOS",
    "fa": "دریافت Outlook برای iOS",
    "sv": "Hämta Outlook för iOS",
    "ar": "الحصول على Outlook لنظام iOS",
}
IPHONE = {
    "en": "Sent from my iPhone",
    "de": "Von meinem iPhone gesendet",
    "fr": "Envoyé de mon iPhone",
    "es": "Enviado desde mi iPhone",
    "it": "Inviato da iPhone",
    "nl": "Verstuurd vanaf mijn iPhone",
    "pt": "Enviado do meu iPhone",
    "ru": "Отправлено с iPhone",
    "tr": "iPhone’umdan gönderildi",
    "pl": "Wysłane z iPhone'a",
    "sv": "Skickat från min iPhone",
    "fa": "ارسال‌شده از iPhone من",
    "ar": "أُرسلت من الـ iPhone",
}
SAMSUNG = {
    "en": (
        "Sent from my Galaxy",
        "-------- Original message --------\nFrom: Support <support@desk.example> \nDate: 21/11/2026  16:20  "
        "(GMT+03:30) \nTo: ali@example.com \nSubject: Re: Order ",
    ),
    "de": (
        "Von meinem/meiner Galaxy gesendet",
        "-------- Ursprüngliche Nachricht --------\nVon: Support <support@desk.example>\nDatum: 21.11.26 "
        "16:20 (GMT+01:00)\nAn: a@example.com\nBetreff: Re: x",
    ),
    "fr": (
        "Envoyé depuis mon appareil Galaxy",
        "-------- Message d'origine --------\nDe : Support <support@desk.example>\nDate : 21/11/2026 16:20 "
        "(GMT+01:00)\nÀ : a@example.com\nObjet : Re: x",
    ),
    "es": (
        "Enviado desde mi Galaxy",
        "-------- Mensaje original --------\nDe: Support <support@desk.example>\nFecha: 21/11/26 16:20 "
        "(GMT+01:00)\nPara: a@example.com\nAsunto: Re: x",
    ),
    "it": (
        "Inviato dal mio Galaxy",
        "-------- Messaggio originale --------\nDa: Support <support@desk.example>\nData: 21/11/26 16:20 "
        "(GMT+01:00)\nA: a@example.com\nOggetto: Re: x",
    ),
    "nl": (
        "Verstuurd vanaf mijn Galaxy",
        "-------- Oorspronkelijk bericht --------\nVan: Support <support@desk.example>\nDatum: 21-11-2026 "
        "16:20 (GMT+01:00)\nAan: a@example.com\nOnderwerp: Re: x",
    ),
    "pt": (
        "Enviado do meu Galaxy",
        "-------- Mensagem original --------\nDe: Support <support@desk.example>\nData: 21/11/26 16:20 "
        "(GMT-03:00)\nPara: a@example.com\nAssunto: Re: x",
    ),
    "ru": (
        "Отправлено с моего Galaxy",
        "-------- Исходное сообщение --------\nОт: Support <support@desk.example>\nДата: 21.11.2026 16:20 "
        "(GMT+03:00)\nКому: a@example.com\nТема: Re: x",
    ),
    "tr": (
        "Galaxy cihazımdan gönderildi",
        "-------- Orijinal mesaj --------\nKimden: Support <support@desk.example>\nTarih: 21.11.2026 16:20 "
        "(GMT+03:00)\nAlıcı: a@example.com\nKonu: Re: x",
    ),
    "pl": (
        "Wysłano z mojego urządzenia Galaxy",
        "-------- Oryginalna wiadomość --------\nOd: Support <support@desk.example>\nData: 21.11.2026 16:20 "
        "(GMT+01:00)\nDo: a@example.com\nTemat: Re: x",
    ),
    "fa": (
        "ارسال شده از گوشی Galaxy من",
        "-------- پیام اصلی --------\nاز: Support <support@desk.example>\nتاریخ: ۳۰/۸/۱۴۰۵ ۱۶:۲۰ "
        "(GMT+03:30)\nبه: a@example.com\nموضوع: Re: x",
    ),
    "fa2": (
        "از Galaxy من ارسال شد",
        "-------- پیغام اصلی --------\nاز: Support <support@desk.example>\nتاریخ: ۳۰/۸/۱۴۰۵ ۱۶:۲۰\nبه: "
        "a@example.com\nموضوع: x",
    ),
}


def quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def texts() -> dict[str, str]:
    """Everything below the new words, by program and language."""
    found = {f"gmail {name}": f"{line}\n\n{quoted(OLD)}\n" for name, line in GMAIL.items()}
    found |= {f"outlook {name}": f"{fields}\n\n{OLD}\n" for name, fields in OUTLOOK.items()}
    found |= {f"outlook web {name}": f"{'_' * 32}\n{fields}\n\n{OLD}\n" for name, fields in OUTLOOK.items()}
    found |= {
        f"outlook phone {name}": f"{line}\n{'_' * 32}\n{OUTLOOK['en']}\n\n{OLD}\n"
        for name, line in OUTLOOK_PHONE.items()
    }
    found |= {f"apple {name}": quoted(f"{line}\n\n{OLD}") for name, line in APPLE.items()}
    found |= {f"apple before {name}": f"{line}\n\n{quoted(OLD)}\n" for name, line in APPLE.items()}
    found |= {f"yahoo {name}": f"    {line}  \n \n " + OLD.replace("\n", "\n ") + "  " for name, line in YAHOO.items()}
    found |= {f"thunderbird {name}": f"{line}\n{quoted(OLD)}\n" for name, line in THUNDERBIRD.items()}
    found |= {f"samsung {name}": f"{line}\n\n{fields}\n\n{OLD}\n" for name, (line, fields) in SAMSUNG.items()}
    found |= {f"iphone {name}": f"{line}\n\n" + quoted(f"{APPLE[name]}\n\n{OLD}") for name, line in IPHONE.items()}
    alone = (
        OUTLOOK_PHONE
        | {f"iphone {name}": line for name, line in IPHONE.items()}
        | {f"samsung {name}": line for name, (line, _) in SAMSUNG.items()}
    )
    return found | {f"only {name}": line for name, line in alone.items()}


def pages() -> dict[str, str]:
    """The same in HTML."""
    found = {}
    for name, line in GMAIL.items():
        above = f'<div dir="ltr" class="gmail_attr">{entities.escape(line)}<br></div>'
        found[f"gmail {name}"] = (
            f'<br><div class="gmail_quote">{above}<blockquote class="gmail_quote" '
            f'style="margin:0">{OLD}</blockquote></div>'
        )
    for name, line in APPLE.items():
        above = f"<div>{entities.escape(line)}</div>"
        found[f"apple {name}"] = f'<div><br><blockquote type="cite">{above}<br><div>{OLD}</div></blockquote></div>'
    for name, line in THUNDERBIRD.items():
        above = f'<div class="moz-cite-prefix">{line}<br></div>'
        found[f"thunderbird {name}"] = f'{above}<blockquote type="cite" cite="mid:x"><p>{OLD}</p></blockquote>'
    for name, fields in OUTLOOK.items():
        rows = (entities.escape(row).partition(":") for row in fields.split("\n"))
        bold = "<br>".join(f"<b>{word}:</b>{value}" for word, _colon, value in rows)
        found[f"outlook {name}"] = (
            "<p><o:p>&nbsp;</o:p></p><div><div style='border-top:solid #E1E1E1 "
            f"1.0pt'><p>{bold}</p></div></div><p>{OLD}</p>"
        )
    return found


TEXTS, PAGES = texts(), pages()


def language(name: str) -> str:
    return next(word[:2] for word in name.split()[1:] if word[:2] in OWN)


@pytest.mark.parametrize("name", TEXTS)
def test_text(name):
    own = OWN[language(name)]
    assert quotes.fold(f"{own}\n\n{TEXTS[name]}")[0] == own


@pytest.mark.parametrize("name", PAGES)
def test_page(name):
    own = OWN[language(name)]
    safe, _pictures = html.sanitise(f"<div>{own}</div>{PAGES[name]}".replace("\n", "<br>"))
    assert html.text(htmlquotes.fold(safe)[1]).split() == own.split()


@pytest.mark.parametrize(
    "text",
    ["I cannot get outlooks.", "Hello\nMy Outlook for iOS crashes", "Hello\nWe use Outlook on Android and it fails"],
)
def test_words_about_a_program_are_no_signature(text):
    assert quotes.fold(text) == (text, "")
