"""A reader for tests of the engine: acts by a handful of literal phrases, so that the lexicon may change freely."""

from training.matching import Act, Reading, normalise
from training.matching.phrases import phrase

PHRASES = {
    "empathy": ["upsetting", "I understand", "حق دارید", "درک می‌کنم"],
    "apology": ["sorry", "متأسفم", "عذر می‌خواهم"],
    "ask_open": ["what (was|is|happened)", "برای چه بود"],
    "ask_closed": ["order number", "شماره سفارش"],
    "ownership": ["myself", "I will see to it", "خودم"],
    "next_step": ["put … aside", "send you", "کنار می‌گذارم", "می‌فرستم"],
    "offer": ["new copy", "refund", "کتاب (نو|تازه)"],
    "closing": ["anything else", "کار دیگری هست"],
    "thanks": ["thank you", "ممنون"],
    "template": ["very important to us", "in due course", "بسیار ارزشمند", "ثبت شد", "in progress", "being processed"],
    "blame": ["your own fault", "تقصیر خودتان"],
    "dismiss": ["making such a fuss", "شلوغش نکنید", "ridiculous"],
    "insult": ["stupid", "idiot", "نفهم"],
}
COMPILED = [(act, phrase(one)) for act, some in PHRASES.items() for one in some]


def read(text, lang, said=""):
    normal = normalise(text, lang)
    found = [(act, one.find(normal)) for act, one in COMPILED]
    acts = {act: Act(act, *span) for act, span in reversed(found) if span}
    return Reading(normal, tuple(sorted(acts.values(), key=lambda act: (act.start, act.name))))
