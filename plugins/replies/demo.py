"""What the demo desk answers often: a handful of saved replies and three macros, in both languages."""

from __future__ import annotations

from helpdesk.api import work

from . import store

ORDERS, BILLING, EVERYDAY = "Orders | سفارش و ارسال", "Billing | پرداخت و فاکتور", "Everyday | روزمره"
REPLIES = [
    {
        "name": "Where the order is | سفارش کجاست",
        "folder": ORDERS,
        "fa": "{{مشتری.نام|دوست گرامی}}، سلام\n\nسفارش {{سفارش.شماره}} را همین حالا پیگیری کردم: از انبار بیرون آمده و دست شرکت حمل است. اگر تا فردا ساعت ۱۸ به دستتان نرسید همین‌جا بنویسید تا خودم با آن‌ها تماس بگیرم.\n\nاز شکیبایی شما سپاسگزارم.\n{{کارشناس.نام}}",
        "en": "Hello {{customer.first_name|there}},\n\nI have just looked up order {{order.number}}: it has left our warehouse and is with the carrier. If it has not reached you by 18:00 tomorrow, write back here and I will call them myself.\n\nThank you for your patience,\n{{agent.name}}",
    },
    {
        "name": "Sorry for the damage | پوزش: کالای آسیب‌دیده",
        "folder": ORDERS,
        "fa": "{{مشتری.نام|دوست گرامی}}، سلام\n\nاز این‌که کالای سفارش {{سفارش.شماره}} آسیب‌دیده به دستتان رسید پوزش می‌خواهم. جایگزین آن را بدون هزینه می‌فرستیم و لازم نیست چیزی پس بفرستید. تنها یک عکس از کالا و بسته‌بندی برایمان بفرستید تا جلو تکرارش را بگیریم.\n\n{{کارشناس.نام}}",
        "en": "Hello {{customer.first_name|there}},\n\nI am sorry that order {{order.number}} reached you damaged. We will send a replacement free of charge, and you need not return anything. A photo of the item and its box would help us to keep this from happening again.\n\n{{agent.name}}",
    },
    {
        "name": "How to return something | راهنمای بازگرداندن کالا",
        "folder": ORDERS,
        "fa": "{{مشتری.نام|دوست گرامی}}، سلام\n\nتا چهارده روز پس از تحویل می‌توانید کالا را رایگان بازگردانید. برچسب بازگشت را از صفحهٔ سفارشتان چاپ کنید و روی جعبه بچسبانید؛ پیک برای گرفتنش به در خانه می‌آید. پول تا سه روز کاری پس از رسیدن کالا به حساب شما برمی‌گردد.\n\n{{کارشناس.نام}}",
        "en": "Hello {{customer.first_name|there}},\n\nYou can return it free of charge within fourteen days of delivery. Print the return label from your order page and put it on the box; the courier collects it at your door. Your money is back within three working days of its arrival here.\n\n{{agent.name}}",
    },
    {
        "name": "Details for the invoice | مشخصات فاکتور رسمی",
        "folder": BILLING,
        "fa": "{{مشتری.نام|دوست گرامی}}، سلام\n\nبرای صدور فاکتور رسمی سفارش {{سفارش.شماره}} این‌ها لازم است:\n– نام کامل شرکت\n– شناسهٔ ملی و کد اقتصادی\n– نشانی و کد پستی\n\nهمین‌جا پاسخ دهید تا فاکتور را بفرستیم.\n{{کارشناس.نام}}",
        "en": "Hello {{customer.first_name|there}},\n\nTo issue an invoice for order {{order.number}} we need:\n– the full name of the company\n– its VAT number\n– its address with the postcode\n\nJust reply here and we will send it.\n{{agent.name}}",
    },
    {
        "name": "Thank you, and goodbye | سپاس و پایان",
        "folder": EVERYDAY,
        "fa": "{{مشتری.نام|دوست گرامی}}، خوشحالم که حل شد. هر وقت کاری داشتید همین‌جا بنویسید.\n\n{{کارشناس.نام}}",
        "en": "I am glad that this is settled, {{customer.first_name|and thank you}}. If anything else comes up, just write back here.\n\n{{agent.name}}",
    },
    {
        "name": "Late: apologise and watch | تأخیر: پوزش و پیگیری",
        "folder": ORDERS,
        "fa": "{{مشتری.نام|دوست گرامی}}، سلام\n\nسفارش {{سفارش.شماره}} باید تا حالا می‌رسید و بابت این تأخیر پوزش می‌خواهم. پیگیری‌اش با من است و فردا، چه رسیده باشد چه نه، خبرتان می‌کنم.\n\n{{کارشناس.نام}}",
        "en": "Hello {{customer.first_name|there}},\n\nOrder {{order.number}} should have reached you by now, and I am sorry that it has not. I am following it up myself and will write to you tomorrow either way.\n\n{{agent.name}}",
        "actions": [
            {"action": "status", "value": "waiting"},
            {"action": "assign", "value": "me"},
            {"action": "add_tags", "value": ["late"]},
            {"action": "snooze", "value": 24 * 60},
            {
                "action": "note",
                "value": "Promised {{customer.name|the customer}} news of order {{order.number|(unknown)}} by tomorrow.",
            },
        ],
    },
    {
        "name": "Refunded: tell and close | بازپرداخت: خبر و پایان",
        "folder": BILLING,
        "fa": "{{مشتری.نام|دوست گرامی}}، سلام\n\nمبلغ سفارش {{سفارش.شماره}} امروز، {{امروز}}، به کارت شما بازگردانده شد. بانک‌ها معمولاً تا سه روز کاری آن را نشان می‌دهند.\n\n{{کارشناس.نام}}",
        "en": "Hello {{customer.first_name|there}},\n\nToday, {{today}}, we refunded order {{order.number}} to your card. Banks usually show it within three working days.\n\n{{agent.name}}",
        "actions": [{"action": "status", "value": "solved"}, {"action": "add_tags", "value": ["refund"]}],
    },
    {
        "name": "Urgent: take it now | فوری: همین حالا برمی‌دارم",
        "folder": EVERYDAY,
        "actions": [
            {"action": "status", "value": "open"},
            {"action": "priority", "value": "urgent"},
            {"action": "assign", "value": "me"},
        ],
    },
]


def fill(runtime) -> None:
    """Give an empty desk its saved replies, once."""
    with runtime.uow(work.plugin_actor("replies")) as uow:
        if not store.find(uow, limit=1):
            for reply in REPLIES:
                store.add(uow, _given(reply))


def _given(reply: dict) -> dict:
    texts = {language: {"subject": "", "text": reply[language]} for language in ("fa", "en") if language in reply}
    kept = {"name": reply["name"], "folder": reply["folder"], "scope": "desk", "team": None}
    return kept | {"texts": texts, "actions": reply.get("actions", [])}
