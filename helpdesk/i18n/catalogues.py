"""The sentences of each language: the ``.po`` files as they are committed, ours and each plugin's, merged in memory
at first use.
"""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

FOR_BROWSER = "browser"  # the comment in a .po file that marks a message used by our scripts


@dataclass
class Catalogue:
    """The sentences of one language, message id to text, and which of them go to the browser."""

    messages: dict[str, str] = field(default_factory=dict)
    browser: set[str] = field(default_factory=set)


_folders = [Path(__file__).parents[1] / "translations"]


def add_catalogues(folder: Path) -> None:
    """Let a ``translations`` folder take part; where two know a message, the earlier one is heard."""
    if folder not in _folders:
        _folders.append(folder)
        _catalogue.cache_clear()
        messages_script.cache_clear()


@cache
def _catalogue(language: str) -> Catalogue:
    catalogue = Catalogue()
    for folder in reversed(_folders):
        path = folder / language / "LC_MESSAGES/messages.po"
        if path.exists():
            _read(path, language, catalogue)
    return catalogue


def _read(path: Path, language: str, into: Catalogue) -> None:
    with path.open("rb") as file:
        for message in read_po(file, locale=language):
            # A Persian noun stays in the singular after its number, so one form serves all.
            key, text = (message.id[0], message.string[0]) if message.pluralizable else (message.id, message.string)
            if key and text and not message.fuzzy:
                into.messages[key] = text
                if FOR_BROWSER in message.auto_comments:
                    into.browser.add(key)


def lookup(language: str, message: str) -> str:
    """The text of a message in a language, or the message itself."""
    return _catalogue(language).messages.get(message, message)


def browser_messages(language: str) -> dict[str, str]:
    """The sentences our scripts say in a language, for ``language.js``; {} for English, which needs none."""
    catalogue = _catalogue(language) if language != "en" else Catalogue()
    return {message: catalogue.messages[message] for message in sorted(catalogue.browser)}


@cache
def messages_script(language: str) -> Markup:
    """The same as JSON for a page, written once for all pages."""
    return htmlsafe_json_dumps(browser_messages(language), ensure_ascii=False)
