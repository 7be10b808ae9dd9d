"""Subjects without the prefixes that mail programs of many languages put before them."""

from __future__ import annotations

import re

_REPLY = (
    "re r aw antw antwort sv vs res rif ref odp odpoved odg ynt yanıt cevap ответ απ на отв رد الرد پاسخ جواب 回复 "
    "回覆 答复 返信 회신"
)
_FORWARD = (
    "fw fwd wg wtr tr trs transf enc rv fs vb vl doorst pd pdal dal ilt ilet πρθ переслать пересл "
    "ارجاع بازارسال هدایت فوروارد إعادة-توجیه 转发 轉寄 転送 전달"
)
# What gateways put before all of it: "[EXTERNAL]", "*** EXTERN ***", "{SPAM?}".
_TAG = (
    r"(?:(?:[\[({<]|\*{2,3})\s{0,3}(?:ext(?:ern\w{0,4})?|outside|caution|warning|attention|achtung|(?:suspected |possible )?spam|bulk)\b[^\[\](){}<>*]{0,20}"
    r"(?:[\])}>]|\*{2,3})\s*|extern(?:al)?:\s*)?"
)
_PREFIX = re.compile(
    r"(?i:" + _TAG + r")[\s\u200c-\u200f\u202a-\u202e\u2066-\u2069]*([^\W\d_][^\s:：\[\]()]{0,12})\s*"
    r"(?:\[\d{1,3}\]|\(\d{1,3}\)|\^\d{1,3})?\s*[:：]\s*"
)
_LETTERS = {ord("\u200c"): None, ord("ي"): "ی", ord("ك"): "ک", ord("İ"): "i"}


def bare(subject: str) -> str:
    """The subject without any "Re:", "Fwd:", "پاسخ:" and the like before it."""
    return _parted(subject)[1]


def normal(subject: str) -> str:
    """The subject with all its prefixes become one: "Re: " when it is a reply, "Fwd: " when it is only passed on."""
    kinds, rest = _parted(subject)
    if not kinds:
        return rest
    return f"{'Re' if kinds[0] == 'reply' else 'Fwd'}: {rest}".rstrip()


def is_forward(subject: str) -> bool:
    """True when the sender passes somebody else's mail on."""
    return _parted(subject)[0][:1] == ["forward"]


def _parted(subject: str) -> tuple[list[str], str]:
    """The kinds of prefixes in order ("reply" or "forward") and what stands after them."""
    kinds, position = [], 0
    while prefix := _PREFIX.match(subject, position):
        kind = _KINDS.get(prefix[1].translate(_LETTERS).casefold())
        if not kind:
            break
        kinds.append(kind)
        position = prefix.end()
    return kinds, subject[position:].strip()


_KINDS = dict.fromkeys(_FORWARD.split(), "forward") | dict.fromkeys(_REPLY.split(), "reply")
