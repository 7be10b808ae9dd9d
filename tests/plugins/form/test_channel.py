"""The channel of forms: the contract every channel passes, and raw bytes that are no post."""

import json

import pytest

from helpdesk.api.channels import File
from helpdesk.api.errors import Malformed
from plugins.form.contract import FormContract, post
from plugins.form.posts import load


class TestForm(FormContract):
    pass


def test_a_post_comes_back_with_its_files():
    files = [File("a.bin", "application/octet-stream", content=b"\n\0\n"), File("b.txt", "text/plain", content=b"")]
    read, found = load(post("Two\nlines", files=files))
    assert read.text == "Two\nlines" and [(file.name, file.content) for file in found] == [
        ("a.bin", b"\n\0\n"),
        ("b.txt", b""),
    ]


@pytest.mark.parametrize(
    "change",
    [{"email": ""}, {"id": ""}, {"queue": "1"}, {"values": []}, {"lines": [["one"]]}, {"text": 5}, {"stranger": 1}, {"files": [{"name": "a", "type": "b", "size": 10**9}]}],
)  # fmt: skip
def test_what_is_no_post_is_malformed(change):
    head = json.loads(post().partition(b"\n")[0]) | change
    with pytest.raises(Malformed):
        load(json.dumps(head).encode() + b"\n")
