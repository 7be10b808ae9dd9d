"""A client of visitors made of the page ``docs/protocols.md`` alone: it knows nothing of the desk's own code."""

import json
import secrets
import threading
import time
import urllib.error
import urllib.request
from itertools import count
from urllib.parse import urlsplit

from simple_websocket import Client, ConnectionClosed


class Refused(Exception):
    """The server said no: by CONNECT_ERROR, or before any protocol."""


class ChatClient:
    """One page of a visitor. ``items`` are what was said, each ``seq`` once; ``token`` and ``since`` outlive a
    connection.
    """

    def __init__(self, desk, key, origin, token=None, language="en"):
        self.desk, self.key, self.origin, self.token, self.language = desk, key, origin, token, language
        self.items, self.state, self.visitor = {}, {}, ""
        self.heard, self.answers, self.numbers = [], {}, count(1)
        self.news, self.closed, self.socket = threading.Condition(), True, None

    @property
    def since(self):
        return max(self.items, default=0)

    @property
    def texts(self):
        """What stands in the chat, edits and deletions applied."""
        shown = {}
        for _seq, item in sorted(self.items.items()):
            if item["kind"] == "deleted":
                shown.pop(item["id"], None)
            else:
                shown[item["id"]] = item["text"]
        return list(shown.values())

    def connect(self, page=None):
        place = urlsplit(self.desk)
        url = f"ws://{place.netloc}/chat/socket.io/?EIO=4&transport=websocket&account={self.key}"
        try:
            self.socket = Client(url, headers={"Origin": self.origin} if self.origin else {})
        except Exception as error:
            raise Refused(type(error).__name__) from None
        self.closed, self.hello, self.refusal = False, None, ""
        threading.Thread(target=self._read, args=(self.socket,), daemon=True).start()
        auth = {"token": self.token, "since": self.since, "language": self.language, "page": page or {}}
        self.socket.send("40" + json.dumps({k: v for k, v in auth.items() if v}))
        self.until(lambda: self.hello or self.refusal or self.closed)
        if not self.hello:
            raise Refused(self.refusal or "closed")
        return self

    def disconnect(self):
        """As a network that is gone."""
        self.socket.close()
        self.until(lambda: self.closed)

    def ask(self, event, data=None, seconds=15.0):
        number = next(self.numbers)
        self.socket.send(f"42{number}{json.dumps([event, data or {}], ensure_ascii=False)}")
        self.until(lambda: number in self.answers or self.closed, seconds)
        answer = self.answers.pop(number)
        self._keep(answer)
        return answer

    def say(self, text, client_id=None):
        return self.ask("message", {"client_id": client_id or secrets.token_hex(16), "text": text})

    def got(self, event):
        return [data for name, data in self.heard if name == event]

    def until(self, true, seconds=15.0):
        end = time.monotonic() + seconds
        with self.news:
            while not true():
                assert time.monotonic() < end, f"waited too long: {self.heard[-4:]} {self.state}"
                self.news.wait(0.05)

    def http(self, path, data=None, token=True, origin=None, **headers):
        """(status, headers, body) of one of the HTTP addresses."""
        headers |= {"Origin": origin or self.origin} | ({"Authorization": f"Bearer {self.token}"} if token else {})
        method = headers.pop("method", "GET" if data is None else "POST")
        asked = urllib.request.Request(f"{self.desk}/chat/{self.key}{path}", data, headers, method=method)
        try:
            with urllib.request.urlopen(asked, timeout=20) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()

    def send_files(self, text, files, client_id=None, **how):
        """A message with files [(name, type, bytes)]."""
        line, parts = secrets.token_hex(16), []
        for name, value in (("client_id", client_id or secrets.token_hex(16)), ("text", text)):
            parts.append(f'--{line}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode())
        for name, kind, content in files:
            head = f'Content-Disposition: form-data; name="files"; filename="{name}"\r\nContent-Type: {kind}'
            parts.append(f"--{line}\r\n{head}\r\n\r\n".encode() + content + b"\r\n")
        body = b"".join(parts) + f"--{line}--\r\n".encode()
        status, _headers, answer = self.http(
            "/messages", body, **{"Content-Type": f"multipart/form-data; boundary={line}"}, **how
        )
        return status, json.loads(answer)

    def _read(self, socket):
        try:
            while True:
                self._take(socket, socket.receive())
        except (ConnectionClosed, OSError):
            with self.news:
                self.closed = True
                self.news.notify_all()

    def _take(self, socket, frame):
        with self.news:
            if frame == "2":
                socket.send("3")
            elif frame.startswith("44"):
                self.refusal = json.loads(frame[2:])["message"]
            elif frame.startswith("42"):
                name, data = json.loads(frame[2:])
                self.heard.append((name, data))
                self.hello = data if name == "hello" else self.hello
                self._keep({name: data} if name in ("state", "item") else data)
            elif frame.startswith("43"):
                number, bracket, body = frame[2:].partition("[")
                self.answers[int(number)] = json.loads(bracket + body)[0]
            self.news.notify_all()

    def _keep(self, told):
        for item in [*told.get("items", []), *([told["item"]] if "item" in told else [])]:
            self.items.setdefault(item["seq"], item)
        self.state = told.get("state") or self.state
        self.token = told.get("token") or self.token
        self.visitor = told.get("visitor") or self.visitor
