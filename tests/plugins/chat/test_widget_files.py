"""The scripts of the widget: small enough, joined without a clash, and every sentence they say is there."""

import gzip
import re

from plugins.chat.widget_files import STATIC, loader, packed, scripts, version
from plugins.chat.widget_texts import widget_texts

MOST = 40_000  # bytes on the wire, the client of Socket.IO included
MADE = re.compile(r"^(?:export )?(?:async )?(?:function|class|const|let) (\w+)", re.MULTILINE)
BUILT = {"rate_yes", "rate_partly", "rate_no", "welcome"}  # their names are no strings of their own in the code


def modules():
    """Those of the widget; the others are the desk's own."""
    files = (path for path in STATIC.glob("*.js") if not path.name.startswith("desk_"))
    return {path.name: path.read_text("utf-8") for path in files}


def test_all_of_it_is_small():
    """As they are served: what a page that talks with the desk fetches in the end."""
    answers = [packed(loader()), *map(packed, scripts().values())]
    assert sum(map(len, answers)) < MOST
    assert gzip.decompress(answers[0]) == loader()


def test_modules_have_no_name_in_common():
    """They are joined into one, where each name stands once."""
    names = [name for module, text in modules().items() if module != "widget.js" for name in MADE.findall(text)]
    assert sorted(names) == sorted(set(names))


def test_what_is_served_is_one_module():
    """It imports nothing but the client, and gives the loader its one function."""
    joined = scripts()["main.js"].decode()
    assert re.findall(r"^(?:import|export) .*", joined, re.MULTILINE) == ["export async function start(settings) {"]
    assert re.findall(r"import\(.*?\)", joined) == ['import("./client.js")']


def test_comments_do_not_go_over_the_wire():
    assert not re.search(r"^\s*//|^/\*\*|^\s+\S", scripts()["main.js"].decode(), re.MULTILINE)


def test_a_loader_knows_its_version():
    assert f"widget-{version()}/".encode() in loader()


def test_every_sentence_is_there_and_none_is_idle():
    """A name that is asked for without a text would be shown as it is."""
    texts, code = set(widget_texts()), "".join(modules().values())
    assert set(re.findall(r'\bsay\("(\w+)"', code)) <= texts
    assert texts - BUILT <= set(re.findall(r'"(\w+)"', code))


def test_nothing_makes_markup_or_code_of_a_text():
    """What strangers and agents write is text; and a page's policy forbids the rest."""
    forbidden = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser|cssText|\bcookie\b|setAttribute\(\"style"
    assert [name for name, text in modules().items() if re.search(forbidden, text)] == []
