"""What the demo's customers write about while ``demo live`` runs: openings in both languages, with places that vary."""

from __future__ import annotations

import random

PEOPLE = {
    "fa": [
        ("پریسا نیک‌نام", "parisa.niknam"), ("امیر حسینی", "amir.hosseini"), ("لیلا شریفی", "leila.sharifi"), ("مهدی قاسمی", "mahdi.ghasemi"),
        ("نرگس صادقی", "narges.sadeghi"), ("بابک مرادی", "babak.moradi"), ("الهام رضوی", "elham.razavi"), ("سینا پورکریم", "sina.pourkarim"),
    ],
    "en": [
        ("Daniel Weber", "daniel.weber"), ("Priya Nair", "priya.nair"), ("Tom Hughes", "tom.hughes"), ("Sofia Rossi", "sofia.rossi"),
        ("Marcus Lindqvist", "marcus.lindqvist"), ("Aisha Rahman", "aisha.rahman"), ("Grace Okafor", "grace.okafor"), ("Paul Novak", "paul.novak"),
    ],
}  # fmt: skip
THINGS = {
    "fa": ["چراغ مطالعه", "ست لیوان سرامیکی", "صندلی تاشو", "روتختی دونفره", "کتری برقی", "قفسهٔ دیواری"],
    "en": ["reading lamp", "set of ceramic cups", "folding chair", "double bedspread", "electric kettle", "wall shelf"],
}
LETTERS = {
    "fa": [
        (
            "سفارش {order} کجاست؟",
            "سلام،\nسفارش {order} ({thing}) قرار بود دیروز برسد. هنوز خبری نشده. می‌شود پیگیری کنید؟",
        ),
        (
            "جعبه باز شده بود",
            "سلام وقت بخیر،\n{thing} امروز رسید ولی جعبه باز بود و یک تکه کم است. شمارهٔ سفارش {order} است.",
        ),
        (
            "تغییر نشانی سفارش {order}",
            "سلام،\nنشانی خانه‌ام عوض شده است. لطفاً سفارش {order} را نفرستید تا نشانی تازه را بدهم. چه‌طور "
            "باید عوضش کنم؟",
        ),
        ("فاکتور رسمی", "با سلام،\nبرای سفارش {order} فاکتور رسمی به نام شرکت لازم دارم. شناسهٔ ملی را کجا وارد کنم؟"),
        (
            "دو بار پول کم شد",
            "سلام،\nبرای یک خرید دو بار از کارتم برداشت شد. شمارهٔ سفارش {order}. رسید بانک را هم دارم؛ بفرستم؟",
        ),
        ("رنگ {thing}", "سلام،\nرنگ {thing} با عکس سایت فرق دارد. اگر بشود می‌خواهم عوضش کنم؛ استفاده هم نشده است."),
        (
            "کد تخفیف کار نمی‌کند",
            "سلام،\nکدی که برایم فرستادید موقع پرداخت می‌گوید نامعتبر است. ميخواهم قبل از تمام‌شدن موجودی {thing} بخرم.",
        ),
        (
            "راهنمای نصب",
            "سلام و خسته نباشید،\n{thing} را تحویل گرفتم، فقط برگهٔ راهنما داخلش نبود. می‌شود برایم بفرستید؟",
        ),
    ],
    "en": [
        (
            "Where is order {order}?",
            "Hello,\n\nthe {thing} of order {order} was due yesterday and the tracking page has not moved "
            "since Monday. Could you have a look?",
        ),
        (
            "Box arrived open",
            "Hi,\n\nthe {thing} came today but the box was open and one piece is missing. Order {order}. "
            "What do you need from me?",
        ),
        (
            "Please change my delivery address",
            "Hello,\n\nI am moving on Friday. Can order {order} still go to the new address?",
        ),
        (
            "Invoice for order {order}",
            "Good morning,\n\nour accounting needs an invoice with the company name for order {order}. Can I "
            "get it as a PDF?",
        ),
        (
            "Charged twice",
            "Hello,\n\nmy card shows two payments for order {order}. I only bought one {thing}. Please "
            "refund one of them.",
        ),
        (
            "Colour of the {thing}",
            "Hi there,\n\nthe {thing} looks quite different from the picture. It is unused; may I exchange it?",
        ),
        (
            "Discount code is refused",
            "Hello,\n\nthe code from your newsletter is refused at checkout. Is it only for some products? I "
            "wanted the {thing}.",
        ),
        (
            "Missing manual",
            "Hello,\n\nthe {thing} is here, thank you, but there was no manual in the box. Is there one to download?",
        ),
    ],
}
THANKS = {
    "fa": [
        "ممنون از پیگیری‌تان.",
        "سپاسگزارم، منتظر می‌مانم.",
        "بله، همین نشانی درست است.",
        "رسید، دستتان درد نکند!",
        "تا کی باید صبر کنم؟ کمی عجله دارم.",
    ],
    "en": [
        "Thank you, that helps.",
        "Great, I will wait for it then.",
        "Yes, that is the right address.",
        "It has just arrived, thanks!",
        "How long will that take? I am in a bit of a hurry.",
    ],
}
SIGNED = {"fa": "\n\nبا سپاس\n{name}", "en": "\n\nKind regards\n{name}"}


def letter(chance: random.Random) -> tuple[str, str, str, str]:
    """Somebody's name and address, a subject and a text."""
    language = chance.choice(["fa", "en"])
    name, address = chance.choice(PEOPLE[language])
    subject, text = chance.choice(LETTERS[language])
    filled = {"thing": chance.choice(THINGS[language]), "order": chance.randrange(40_000, 60_000), "name": name}
    return name, f"{address}@customer.example", subject.format(**filled), (text + SIGNED[language]).format(**filled)


def thanks(chance: random.Random, persian: bool) -> str:
    """A short answer."""
    return chance.choice(THANKS["fa" if persian else "en"])
