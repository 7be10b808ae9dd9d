"""A stand-in of an SMS gateway, from the published reference of Kavenegar, https://kavenegar.com/rest.html (its
sections are named beside what follows from them).

``say`` plays a customer, ``report`` the network; ``taken`` are the texts that were sent.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlencode

from .server import Asked, Reply, StandIn, push

KEY, LINE = "a-key-of-the-gateway", "10004346"
MOST = 900  # characters; "send": status 413, the text is empty or too long
MOBILE = re.compile(r"09\d{9}")  # "send": receptor, such as 09128889999
QUEUED, DELIVERED = 1, 10  # "status of messages"
WORDS = {  # "errors"
    200: "تایید شد",
    403: "کد شناسائی API-Key معتبر نمی‌باشد",
    404: "متد نامشخص است",
    406: "پارامترهای اجباری خالی ارسال شده اند",
    409: "سرور قادر به پاسخگوئی نیست بعدا تلاش کنید",
    411: "دریافت کننده نامعتبر است",
    412: "ارسال کننده نامعتبر است",
    413: "پیام خالی است و یا طول پیام بیش از حد مجاز می‌باشد",
}


class Kavenegar(StandIn):
    """One account with one line. ``hook`` is the address that texts and reports are pushed to; ``came`` is called with
    the receiver and the text of each message.
    """

    def __init__(self, key: str = KEY, line: str = LINE, *, port: int = 0) -> None:
        self.key, self.line, self.hook = key, line, ""
        self.came: Callable[[str, str], None] = lambda number, text: None
        self.last = 8792342
        super().__init__(port)

    # The customer ----------------------------------------------------------------------------------------------------

    def say(self, number: str, text: str) -> int:
        """They write ("receiving by url"): the HTTP status of the push, 0 where nobody answers."""
        self.last += 1
        said = {"from": number, "to": self.line, "message": text, "messageid": str(self.last)}
        return push(self.hook, urlencode(said).encode(), {"Content-Type": "application/x-www-form-urlencoded"})[0]

    def report(self, message_id: int, status: int = DELIVERED) -> int:
        """What became of a message ("delivery by url")."""
        said = urlencode({"messageid": message_id, "status": status}).encode()
        return push(self.hook, said, {"Content-Type": "application/x-www-form-urlencoded"})[0]

    # The API ---------------------------------------------------------------------------------------------------------

    def answer(self, asked: Asked) -> Reply:
        """``/v1/{API-KEY}/sms/send.json`` by GET or POST."""
        version, key, method = (*asked.path.strip("/").split("/", 2), "", "")[:3]
        if version != "v1" or method != "sms/send.json":
            return _refusal(404)
        if key != self.key:
            return _refusal(403)
        return self._send(*(str(asked.given.get(name, "")) for name in ("receptor", "message", "sender")))

    def busy(self) -> Reply:
        """ "errors", 409."""
        return _refusal(409)

    def _send(self, receptor: str, message: str, sender: str) -> Reply:
        if not receptor:
            return _refusal(406)
        if not MOBILE.fullmatch(receptor):
            return _refusal(411)
        if sender not in ("", self.line):
            return _refusal(412)
        if not 0 < len(message) <= MOST:
            return _refusal(413)
        with self.lock:
            self.last += 1
            entry = {"messageid": self.last, "message": message, "status": QUEUED, "statustext": "در صف ارسال"}
            entry |= {"sender": self.line, "receptor": receptor, "date": int(self.clock()), "cost": 120}
            self.taken.append(entry)
        self.before_answer([str(entry["messageid"])])
        self.came(receptor, message)
        return Reply({"return": {"status": 200, "message": WORDS[200]}, "entries": [entry]})


def _refusal(status: int) -> Reply:
    return Reply({"return": {"status": status, "message": WORDS[status]}, "entries": None}, status)
