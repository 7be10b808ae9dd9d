"""Quotes, attributions and signatures of ten languages and the big programs are folded; what was written now never
is.
"""

import time

import pytest

from plugins.email import charset, html, htmlquotes, quotes
from plugins.email.parts import Tree

from corpus import CORPUS  # isort: skip

REPLIES = CORPUS / "replies"
needs_corpus = pytest.mark.skipif(not REPLIES.exists(), reason="the mail corpus is not here")

# What programs write above the old text, in the person's language. Each stands alone on its lines.
ATTRIBUTIONS = {
    "en gmail": "On Mon, Apr 2, 2012 at 6:26 PM, Megan One <megan@example.com> wrote:",
    "en gmail wrapped": "On Mon, 2 Apr 2012 at 18:26, Somebody With A Long Name <\nsomebody.with.a.long.name@example.com> wrote:",
    "en apple": "On 22 Aug 2015, at 19:21, Adam Smith <adam@example.com> wrote:",
    "en ours": "On 2 April 2026, 16:20, Support wrote:",
    "fa gmail": "در تاریخ شنبه ۲۴ نوامبر ۲۰۲۴،‏ ۱۲:۳۴ علی رضایی <ali@example.com> نوشت:",
    "fa gmail wrapped": "در تاریخ شنبه ۲۴ نوامبر ۲۰۲۴ در ۱۲:۳۴ علی رضایی <\nali@example.com> نوشت:",
    "fa thunderbird": "در ۱۴۰۵/۸/۳۰ ۱۶:۲۰، علی رضایی نوشت:",
    "fa yahoo": "در یکشنبه 30 آبان 1405 ساعت 16:20، علی <ali@example.com> نوشته است:",
    "fa marked": "\u202bدر 2026-11-21 16:20، علی نوشت:\u202c",
    "fa arabic letters": "در تاريخ 30 آبان 1405، علي <ali@example.com> نوشت:",
    "fa ours": "در ۳۰ آبان ۱۴۰۵، ساعت ۱۶:۲۰، پشتیبانی نوشت:",
    "de": "Am Mo., 2. Apr. 2012 um 18:26 Uhr schrieb Jörg Müller <joerg@example.com>:",
    "de thunderbird": "Am 02.04.2012 um 18:26 schrieb Jörg Müller:",
    "fr": "Le lun. 2 avr. 2012 à 18:26, Hélène Petit <helene@example.com> a écrit :",
    "es": "El lun, 2 abr 2012 a las 18:26, José Pérez (<jose@example.com>) escribió:",
    "it": "Il giorno lun 2 apr 2012 alle ore 18:26 Giulia Bianchi <giulia@example.com> ha scritto:",
    "nl": "Op ma 2 apr 2012 om 18:26 schreef Jan de Vries <jan@example.com>:",
    "pt": "Em seg., 2 de abr. de 2012 às 18:26, João Silva <joao@example.com> escreveu:",
    "ru": "пн, 2 апр. 2012 г. в 18:26, Иван Петров <ivan@example.com>:",
    "ru mail.ru": "Понедельник, 2 апреля 2012, 18:26 +04:00 от Иван <ivan@example.com>:",
    "ru android": '02.04.2012 18:26 пользователь "Иван" <ivan@example.com> написал:',
    "tr": "Ayşe Yılmaz <ayse@example.com>, 2 Nis 2012 Pzt, 18:26 tarihinde şunu yazdı:",
    "pl": "pon., 2 kwi 2012 o 18:26 Łukasz Nowak <lukasz@example.com> napisał(a):",
    "pl thunderbird": "W dniu 2.04.2012 o 18:26, Łukasz Nowak pisze:",
    "sv": "Den mån 2 apr. 2012 kl 18:26 skrev Åsa Berg <asa@example.com>:",
    "ar": "في الاثنين، 2 أبريل 2012 في 18:26 كتب أحمد <ahmed@example.com>:",
}
HEADERS = {
    "en outlook": "From: Support [mailto:support@example.com]\nSent: Monday, April 2, 2012 6:26 PM\nTo: Megan\nSubject: "
    "Your order",
    "en bold": "*From:* Support <support@example.com>\n*Sent:* Monday, April 2, 2012 6:26 PM\n*To:* Megan\n*Subject:* "
    "Your order",
    "en ruled": "________________________________\nFrom: Support <support@example.com>\nDate: 2 April 2012\nTo: "
    "Megan\nSubject: Order",
    "en original": "-----Original Message-----\nFrom: Support\nSent: Mon, Apr 2\nTo: Megan\nSubject: Order",
    "fa outlook": "از: پشتیبانی <support@example.com>\nارسال‌شده: دوشنبه ۲ آوریل ۲۰۱۲ ۱۸:۲۶\nبه: مگان\nموضوع: سفارش",
    "fa words": "فرستنده: پشتیبانی <support@example.com>\nتاریخ: ۳۰ آبان ۱۴۰۵\nگیرنده: علی\nرونوشت: رضا\nموضوع: سفارش",
    "fa original": "----- پیام اصلی -----\nاز: پشتیبانی\nارسال شده: دوشنبه\nبه: علی\nموضوع: سفارش",
    "de": "Von: Support <support@example.com>\nGesendet: Montag, 2. April 2012 18:26\nAn: Jörg\nBetreff: Bestellung",
    "fr": "De : Support <support@example.com>\nEnvoyé : lundi 2 avril 2012 18:26\nÀ : Hélène\nObjet : Commande",
    "es": "De: Soporte <support@example.com>\nEnviado el: lunes, 2 de abril de 2012 18:26\nPara: José\nAsunto: Pedido",
    "it": "Da: Supporto <support@example.com>\nInviato: lunedì 2 aprile 2012 18:26\nA: Giulia\nOggetto: Ordine",
    "nl": "Van: Support <support@example.com>\nVerzonden: maandag 2 april 2012 18:26\nAan: Jan\nOnderwerp: Bestelling",
    "pt": "De: Suporte <support@example.com>\nEnviada em: segunda-feira, 2 de abril de 2012 18:26\nPara: "
    "João\nAssunto: Pedido",
    "ru": "От: Поддержка <support@example.com>\nОтправлено: понедельник, 2 апреля 2012 г. 18:26\nКому: Иван\nТема: "
    "Заказ",
    "tr": "Kimden: Destek <support@example.com>\nGönderilme Tarihi: 2 Nisan 2012 Pazartesi 18:26\nKime: "
    "Ayşe\nKonu: Sipariş",
    "pl": "Od: Pomoc <support@example.com>\nWysłano: poniedziałek, 2 kwietnia 2012 18:26\nDo: Łukasz\nTemat: "
    "Zamówienie",
    "hotmail": "Date: Thu, 26 Jun 2014 13:53:45 +0400\nSubject: Order\nFrom: support@example.com\nTo: megan@example.com",
}
DEVICES = [
    "Sent from my iPhone", "Get Outlook for Android", "Sent via BlackBerry", "Von meinem iPhone gesendet", "Envoyé de mon iPhone",
    "Enviado desde mi iPhone", "Inviato da iPhone", "Verzonden vanaf mijn iPhone", "Enviado do meu iPhone", "Отправлено с iPhone",
    "iPhone'umdan gönderildi", "Wysłane z iPhone'a", "ارسال‌شده از آیفون من", "فرستاده شده از گوشی سامسونگ",
]  # fmt: skip
OWN = "سلام، هنوز نرسیده است.\n\nThanks: see below"


@pytest.mark.parametrize("name", ATTRIBUTIONS)
def test_attribution_and_quote_below(name):
    text, quoted = quotes.fold(f"{OWN}\n\n{ATTRIBUTIONS[name]}\n\n> old one\n> old two\n")
    assert text == OWN and quoted.startswith(ATTRIBUTIONS[name]) and quoted.endswith("> old two")


@pytest.mark.parametrize("name", sorted(set(ATTRIBUTIONS) - {"ru", "ru mail.ru"}))
def test_attribution_without_quote_marks(name):
    text, quoted = quotes.fold(f"{OWN}\n\n{ATTRIBUTIONS[name]}\nold one\n\nold two")
    assert text == OWN and quoted.startswith(ATTRIBUTIONS[name])


@pytest.mark.parametrize("name", ATTRIBUTIONS)
def test_answer_below_the_quote(name):
    text, quoted = quotes.fold(f"{ATTRIBUTIONS[name]}\n> old one\n> old two\n\n{OWN}\n\n-- \nAli")
    assert text == OWN and "old two" in quoted and quoted.endswith("Ali")


@pytest.mark.parametrize("name", HEADERS)
def test_old_fields(name):
    text, quoted = quotes.fold(f"{OWN}\n\n\n{HEADERS[name]}\n\nold one\n> old two\nold three")
    assert text == OWN and quoted.startswith(HEADERS[name]) and quoted.endswith("old three")


@pytest.mark.parametrize("device", DEVICES)
def test_device_lines(device):
    assert quotes.fold(f"{OWN}\n\n{device}\n\n{ATTRIBUTIONS['en gmail']}\n> old")[0] == OWN
    assert quotes.fold(f"{OWN}\n\n{device}") == (OWN, device)


@pytest.mark.parametrize(
    "text",
    [
        "On Monday I wrote: please send it.\nYou did not.",
        "He wrote:\nnothing at all",
        "در ۲۰ آبان نوشتم: لطفاً بفرستید.\nنفرستادید.",
        "From: Tehran\nTo: Shiraz\nDate: 5 May\nPlease book this trip.",
        "از: تهران\nبه: شیراز\nتاریخ: ۵ اردیبهشت\nلطفاً بلیت بگیرید.",
        "a > b\nb > c",
        "The list:\n- one\n-- two\n--- three",
        "Sent from my iPhone is what my mails say. Why?",
        "-----\nA heading\n-----\nand text",
        "",
        "> only a quote",
        "-- \nonly a signature",
        "On 2 Apr 2012, A <a@example.com> wrote:\n> old",
    ],
)
def test_what_is_not_folded(text):
    assert quotes.fold(text) == (text.strip("\n\r \t"), "")


def test_answers_between_quotes_stay_with_them():
    text = "On 2 Apr 2012, A <a@example.com> wrote:\n> one?\nyes\n> two?\nno"
    assert quotes.fold(text) == (text, "")


def test_what_stays_quoted_after_answers_between_is_folded():
    text, quoted = quotes.fold("> one?\nyes\n> two?\nno\n\n> the rest\n> of it")
    assert text == "> one?\nyes\n> two?\nno" and quoted == "> the rest\n> of it"


def test_a_forwarded_message_stays():
    for title in (
        "---------- Forwarded message ---------",
        "Begin forwarded message:",
        "---------- پیام هدایت‌شده ---------",
    ):
        text = (
            f"Please see.\n\n{title}\nFrom: A <a@example.com>\nDate: 2 Apr\nSubject: x\nTo: b@example.com\n\nthe matter"
        )
        assert quotes.fold(text) == (text, "")


def test_signature_is_folded_with_the_history():
    text, quoted = quotes.fold(f"{OWN}\n-- \nAli Rezaei\nSales\n\n{HEADERS['fa outlook']}\n\nold")
    assert text == OWN and quoted.startswith("-- \nAli Rezaei")


def test_a_long_list_after_dashes_is_no_signature():
    text = "Hello\n--\n" + "\n".join(f"item {n}" for n in range(60))
    assert quotes.fold(text)[0] == text


@pytest.mark.parametrize(
    "line",
    [
        "> ",
        "On 1 a@b wrote:",
        "From: x",
        "Sent: y",
        "-- ",
        "--",
        "________________",
        "-----",
        "On ",
        "در ۱ ",
        ":",
        "*" * 300,
        "",
        "> > >",
        "a:b",
    ],
)
def test_hostile_lines_cost_linear_time(line):
    begun = time.thread_time()
    quotes.fold(f"{line}\n" * 100_000)
    quotes.fold(line * 100_000)
    assert time.thread_time() - begun < 4


@needs_corpus
@pytest.mark.parametrize("path", sorted(REPLIES.glob("*.eml")), ids=lambda path: path.stem)
def test_corpus_replies(path):
    tree = Tree(path.read_bytes())
    plain = next(part for part in tree.root.walk() if part.type == "text/plain")
    assert quotes.fold(plain.content.decode())[0] == "Hello"


@needs_corpus
@pytest.mark.parametrize("path", sorted(REPLIES.glob("html/*.html")), ids=lambda path: path.stem)
def test_corpus_html_replies(path):
    safe, _ = html.sanitise(charset.decode(path.read_bytes(), "utf-8"))
    whole, own, old = htmlquotes.fold(safe)
    assert " ".join(html.text(own).split()) == "Hi. I am fine. Thanks, Alex"
    assert "Hello! How are you?" in html.text(old)
    assert whole.endswith("</details>") and htmlquotes.FOLD in whole


GMAIL_FA = (
    '<div dir="rtl">سلام، هنوز نرسیده است.</div><br><div class="gmail_quote"><div dir="rtl" class="gmail_attr">'
    'در تاریخ شنبه ۲۴ نوامبر ۲۰۲۴،‏ ۱۲:۳۴ پشتیبانی &lt;<a href="mailto:s@example.com">s@example.com</a>&gt; '
    "نوشت:<br></div>"
    '<blockquote class="gmail_quote" style="margin:0 0 0 .8ex"><div dir="rtl">می‌فرستیم.</div></blockquote></div>'
)
OUTLOOK_FA = (
    "<div class=WordSection1><p class=MsoNormal dir=RTL><span lang=FA>سلام، هنوز نرسیده است.</span></p>"
    "<div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'><p class=MsoNormal dir=RTL>"
    "<b><span lang=FA>از:</span></b><span> پشتیبانی &lt;s@example.com&gt; <br><b>ارسال‌شده:</b> شنبه ۲۴ نوامبر<br>"
    "<b>به:</b> علی<br><b>موضوع:</b> سفارش</span></p></div><p class=MsoNormal>می‌فرستیم.</p></div>"
)


@pytest.mark.parametrize("source", [GMAIL_FA, OUTLOOK_FA], ids=["gmail", "outlook"])
def test_persian_html_replies(source):
    whole, own, old = htmlquotes.fold(html.sanitise(source)[0])
    assert html.text(own).strip() == "سلام، هنوز نرسیده است." and "می‌فرستیم." in html.text(old)
    assert whole.count("<div") == whole.count("</div>") and whole.count("<p") == whole.count("</p>")


def test_html_answer_below_the_quote():
    source = (
        "<p>On 2 Apr 2012, A &lt;a@example.com&gt; wrote:</p><blockquote type=cite><p>old</p></blockquote><p>new</p>"
    )
    whole, own, old = htmlquotes.fold(html.sanitise(source)[0])
    assert whole.startswith(htmlquotes.FOLD) and html.text(own).strip() == "new" and "old" in html.text(old)


def test_html_without_history_is_left_alone():
    safe = "<p>new</p>"
    assert htmlquotes.fold(safe) == (safe, safe, "")
