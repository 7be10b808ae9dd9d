"""The catalogues kept in step with the code: ``python -m tools.i18n extract`` collects messages, ``check`` finds
faults.

Every area (the desk itself, each plugin, training) has its own ``translations/fa/LC_MESSAGES/messages.po``, sorted,
without dates and line numbers, so that it changes only when a sentence does.
"""

import ast
import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

from helpdesk.i18n.catalogues import FOR_BROWSER

ROOT = Path(__file__).resolve().parents[1]
PO = Path("translations/fa/LC_MESSAGES/messages.po")
PLURAL = (
    "nplurals=2; plural=(n > 1);"  # CLDR: 0 and 1 are one; a verb of persons differs, a noun after its number does not
)
HEADER = f"""msgid ""
msgstr ""
"Language: fa\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {PLURAL}\\n"

"""

_IN_PYTHON = {"_": None, "gettext": None, "_translated": None, "render_message": None, "ngettext": (1, 2)}
_IN_SCRIPTS = {"t": None, "tn": (1, 2)}
_TEMPLATES = {
    "trimmed": "true",
    "newstyle_gettext": "true",
    "silent": "false",
    "extensions": "jinja2.ext.do,jinja2.ext.loopcontrols",
}
_WAYS = {".py": ("python", _IN_PYTHON, {}), ".js": ("javascript", _IN_SCRIPTS, {"parse_template_string": True})}
_WAYS |= dict.fromkeys((".html", ".xml", ".txt"), ("jinja2.ext:babel_extract", _IN_PYTHON, _TEMPLATES))
_SKIPPED = {"node_modules", "translations", "__pycache__"}


def areas(root: Path = ROOT) -> list[Path]:
    """The folders that have a catalogue of their own."""
    plugins = sorted(path for path in (root / "plugins").iterdir() if path.is_dir() and path.name not in _SKIPPED)
    return [root / "helpdesk", *plugins, root / "training", root / "tests/outside/hamdel_stars"]


def sources(area: Path) -> Iterator[Path]:
    """The files of an area that hold sentences for people."""
    for path in sorted(area.rglob("*")):
        spoken = path.suffix in (".py", ".js", ".html") or (path.suffix in _WAYS and "templates" in path.parts)
        if spoken and not _SKIPPED & set(path.parts) and not path.name.endswith(".min.js"):
            yield path


def messages(area: Path) -> Catalog:
    """All messages found in an area's sources, without texts; those of scripts carry the comment for the browser."""
    found = _empty()
    for path in sources(area):
        method, keywords, options = _WAYS[path.suffix]
        with path.open("rb") as file:
            try:
                for _line, message, _comments, _context in extract(
                    method, file, keywords, options={"encoding": "utf-8", **options}
                ):
                    found.add(message, auto_comments=[FOR_BROWSER] if path.suffix == ".js" else [])
                for text_of_help in _helps(path) if path.suffix == ".py" else ():
                    found.add(text_of_help)
            except Exception as error:
                raise SystemExit(f"{path}: cannot be read for its messages: {error}") from error
    return found


def _helps(path: Path) -> Iterator[str]:
    """The docstrings of a Python file's commands, which the command line shows as their help."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        makers = {
            ast.unparse(getattr(mark, "func", mark)).rpartition(".")[2] for mark in getattr(node, "decorator_list", ())
        }
        if makers & {"command", "group"} and (text := ast.get_docstring(node)):
            yield " ".join(text.split())


def catalogue(area: Path) -> Catalog:
    """An area's catalogue as committed; empty when there is none yet."""
    path = area / PO
    return read_po(io.BytesIO(path.read_bytes()), locale="fa") if path.exists() else _empty()


def _empty() -> Catalog:
    empty = Catalog(locale="fa", fuzzy=False)
    empty.mime_headers = [("Plural-Forms", PLURAL)]
    return empty


def merged(found: Catalog, old: Catalog) -> Catalog:
    """The found messages with the old texts; texts no longer asked for are kept aside as obsolete."""
    known = {_key(message): message for message in [*old.obsolete.values(), *old] if message.id}
    for message in found:
        before = known.pop(_key(message), None)
        if before and before.pluralizable == message.pluralizable:
            message.string, message.user_comments = _both(before.string), before.user_comments
            message.flags |= before.flags & {"fuzzy"}
    found.obsolete.update((key, message) for key, message in sorted(known.items()) if _text(message))
    return found


def _key(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _both(text: str | tuple[str, ...]) -> str | tuple[str, ...]:
    """A plural whose second form nobody wrote says the same as the first."""
    return text if isinstance(text, str) else (text[0], text[-1] or text[0])


def _texts(message: Message) -> tuple[str, ...]:
    """The Persian of a message: of a plural both forms."""
    return tuple(message.string or ("",)) if message.pluralizable else (message.string or "",)


def _text(message: Message) -> str:
    return _texts(message)[0]


def written(found: Catalog) -> str:
    """The text of a ``.po`` file."""
    file = io.BytesIO()
    write_po(file, found, no_location=True, omit_header=True, sort_output=True, width=0)
    return HEADER + file.getvalue().decode().lstrip()


def extract_area(area: Path) -> int:
    """Bring an area's catalogue up to date; returns the number of messages still without Persian."""
    found = merged(messages(area), catalogue(area))
    path, text = area / PO, written(found)
    if len(found) and (not path.exists() or path.read_text("utf-8") != text):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return sum(not _text(message) for message in found if message.id)


# What must not be found in Persian sentences, once placeholders, tags and Latin words have become the sign U+FFFC.
_STRANGE = re.compile(
    r"%\(\w+\)s|%%|</?\w[^>]*>|&\w+;|[A-Za-z0-9@.+/:_\-\[]*[A-Za-z](?:[^\s«»،؛؟]*[A-Za-z0-9/)\]}])?(?: ?\d+\b)?"
)
_STEMS = (
    "شو[دن]|کن[دیم]|خواه|توان[دیم]|رس[دا]|ماند|ده[دیم]|گیر|آی[دن]|رو[دیم]|بین[دیم]|گوی|نویس|فرست|گذار|ساز|دان[دیم]|یاب|سپار|پذیر"
    "|خوان|پرس|باش|گرد|افت|آور"
)
_FAULTS = {
    r"[يكىۀة]": "an Arabic letter; write ی, ک, هٔ",
    r"[٠-٩]|(?<![\ufffc\w])[0-9]": "digits that are not Persian",
    r"ـ": "a kashida",
    r"""["'`]""": "quotes that are not «»",
    r"[,;?]": "a comma, semicolon or question mark that is not ، ؛ ؟",
    r"\s[،؛؟!:.»…]": "a space before a mark",
    r"[،؛](?=[^\s»])|«\s": "no space after a mark, or one inside «»",
    r"\.\.\.": "three dots; write …",
    r"\s\s": "a space too many",
    r"\u200c(?!\w)|(?<!\w)\u200c|[آادذرزژو]\u200c": "a half-space that divides nothing",
    r"\bن?می\s": "«می» with a space; write a half-space",
    rf"\bن?می(?:{_STEMS})": "«می» with nothing after it; write a half-space",
    r"می.?باش": "«می‌باشد»; write «است»",
    r"\s(?:ها|های|هایی|هایتان|تر|ترین)\b": "«ها» or «تر» with a space; write a half-space",
    r"(?<!\bتن)(?<!\bانت)(?<!\bب)(?<!\bر)(?<=[آ-ی])(?<![آادذرزژو])"
    r"(?:ها|های|هایی|هایتان)\b": "«ها» with nothing before it; write a half-space",
    r"گفت ?و ?گو|گفتگو": "write «گفت‌وگو»",
    r"ه[\s\u200c]ی\b": "the ezafe after ه; write «هٔ»",
    r"\bجهت\b|نقطه.?ضعف": "a word the style guide avoids",
    r"\bمیز\b(?! خدمت)": "«میز» alone is furniture; write «سامانه»",
    r"\bقلابی\b": "«قلابی» is a fake; write «نقطهٔ اتصال»",
    r"پرونده": "a file is «فایل»",
    r"یادآوری بعدی|برای بعد\b": "snoozing is «تعویق»",
    r"\bدست (?:کم|بالا)\b": "write «دست‌کم», «حداکثر»",
    r"کنونی": "write «فعلی»",
}
_MEANT = {
    r"^Cop(?:y|ied)\b.": (r"رونوشت", "copying is «کپی»; «رونوشت» is a Cc"),
    r"(?i)\bfields?\b": (r"(?<!کتاب)خانه", "a field is «کادر»"),
    r"(?i)\bsnooz": (r"یادآوری|کنار گذا", "snoozing is «تعویق»"),
}
_ENDS = {".": ".", "?": "؟", "…": "…", ":": ":", "!": "!"}


def meant(message: str, text: str) -> list[str]:
    """What a Persian text says for another thing than its message means."""
    return [
        fault
        for english, (persian, fault) in _MEANT.items()
        if re.search(english, message) and re.search(persian, text)
    ]


def marks(text: str) -> list[str]:
    """What a Persian text does against the style guide's marks and half-spaces."""
    bare = _STRANGE.sub("\ufffc", text.strip())
    return [fault for pattern, fault in _FAULTS.items() if re.search(pattern, bare)]


_PLACE = re.compile(r"%\(\w+\)s|%%|%|</?\w+|^\s|\s$")


def faults(message: Message) -> list[str]:
    """What is wrong with one message, and with its Persian."""
    if not all(_texts(message)):
        return ["has no Persian"]
    return list(dict.fromkeys(fault for text in _texts(message) for fault in _faults(message, text)))


def _faults(message: Message, text: str) -> list[str]:
    english = message.id if isinstance(message.id, str) else " ".join(message.id)
    places = set(_PLACE.findall(english))
    end = _ENDS.get(_key(message)[-1:], "")
    found = {
        "is fuzzy": message.fuzzy,
        "has a lone % or a placeholder that is not %(name)s": "%" in places,
        "is copied English": bool(re.search("[A-Za-z]", _PLACE.sub("", english))) and not re.search("[آ-ی]", text),
        "has other placeholders, tags or outer spaces than the English": set(_PLACE.findall(text)) != places,
        f"does not end in {end} as the English does": not text.endswith(end),
    }
    return [fault for fault, true in found.items() if true] + marks(text) + meant(english, text)


def complaints(area: Path) -> list[str]:
    """Everything wrong with an area's catalogue, a line each."""
    committed = catalogue(area)
    new = [_key(message) for message in messages(area) if message.id and message.id not in committed]
    missing = [f"{key!r} is not in the catalogue; run python -m tools.i18n extract" for key in new]
    wrong = [f"{_key(message)!r} {fault}" for message in committed if message.id for fault in faults(message)]
    return [f"{area.name}: {line}" for line in missing + wrong]


def main(command: str = "check") -> int:
    """Run ``extract`` or ``check`` over all areas; the exit code is 1 when anything is missing or wrong."""
    if command == "extract":
        waiting = {area.name: extract_area(area) for area in areas() if area.exists()}
        print("\n".join(f"{name}: {count} messages wait for their Persian" for name, count in waiting.items() if count))
        return 0
    found = [line for area in areas() if area.exists() for line in complaints(area)]
    print("\n".join(found))
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
