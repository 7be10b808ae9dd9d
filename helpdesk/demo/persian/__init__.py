"""The demo's Persian customers and what their messages have in common."""

from __future__ import annotations

from helpdesk.demo.stories import Voices

from . import billing, orders

_GIVEN = [
    ("مینا", "mina", "خانم"), ("آرمان", "arman", "آقای"), ("شیرین", "shirin", "خانم"), ("کاوه", "kaveh", "آقای"), ("نگین", "negin", "خانم"),
    ("پیمان", "peyman", "آقای"), ("الهه", "elaheh", "خانم"), ("فرهاد", "farhad", "آقای"), ("مریم", "maryam", "خانم"), ("حمید", "hamid", "آقای"),
    ("سپیده", "sepideh", "خانم"), ("رضا", "reza", "آقای"), ("لاله", "laleh", "خانم"), ("محمود", "mahmoud", "آقای"), ("یلدا", "yalda", "خانم"),
    ("بهرام", "bahram", "آقای"), ("زهرا", "zahra", "خانم"), ("ایمان", "iman", "آقای"), ("ترانه", "taraneh", "خانم"), ("نوید", "navid", "آقای"),
]  # fmt: skip
_FAMILY = [
    ("رستگار", "rastegar"), ("کریمی", "karimi"), ("موسوی", "mousavi"), ("تهرانی", "tehrani"), ("جعفری", "jafari"), ("زمانی", "zamani"),
    ("نوروزی", "norouzi"), ("بهشتی", "beheshti"), ("کاظمی", "kazemi"), ("یزدانی", "yazdani"), ("صفایی", "safaei"), ("دادگر", "dadgar"),
    ("فروزان", "forouzan"),
]  # fmt: skip

_CUSTOMERS = tuple(
    (f"{given} {family}", f"{title} {family}", f"{latin}.{surname}")
    for number in range(72)
    for given, latin, title in [_GIVEN[number % len(_GIVEN)]]
    for family, surname in [_FAMILY[number % len(_FAMILY)]]
)

VOICES = Voices(
    customers=_CUSTOMERS,
    things=("چراغ مطالعه", "ست لیوان سرامیکی", "صندلی تاشو", "روتختی دونفره", "کتری برقی", "قفسهٔ دیواری", "گلدان سفالی", "میز عسلی", "پردهٔ حریر"),
    cities=("شیراز", "تبریز", "مشهد", "اصفهان", "رشت", "کرج", "اهواز", "یزد", "همدان"),
    days=("شنبه", "یکشنبه", "دوشنبه", "سه‌شنبه", "چهارشنبه", "پنجشنبه"),
    amounts=("۴۸۵٬۰۰۰", "۱٬۲۶۰٬۰۰۰", "۹۷۰٬۰۰۰", "۲٬۳۴۰٬۰۰۰", "۶۱۵٬۰۰۰"),
    couriers=("پست پیشتاز", "تیپاکس", "پیک بادپا"),
    greetings=("سلام،", "سلام وقت بخیر،", "با سلام و احترام،", "سلام و خسته نباشید،", "درود بر شما،"),
    goodbyes=("با سپاس\n{name}", "ممنون\n{name}", "با احترام\n{name}", "{name}", "پیشاپیش سپاسگزارم\n{name}"),
    answer="سلام {whom}،\n\n{text}\n\nبا احترام\n{agent}\nپشتیبانی کاشانه",
    stories=orders.STORIES + billing.STORIES,
)
