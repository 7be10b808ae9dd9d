"""The sentences of each language: the ``.po`` files as they are committed, ours and each plugin's, as Babel's
translations, made in memory at first use.
"""

import io
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

FOR_BROWSER = "browser"  # the comment in a .po file that marks a message used by our scripts

_folders = [Path(__file__).parents[1] / "translations"]


def add_catalogues(folder: Path) -> None:
    """Add a ``translations`` folder; where two know a message, the earlier one wins."""
    if folder not in _folders:
        _folders.append(folder)
        _forget()


def _forget() -> None:
    translations.cache_clear()
    messages_script.cache_clear()


def _catalogues(language: str) -> list[Catalog]:
    paths = (folder / language / "LC_MESSAGES/messages.po" for folder in _folders)
    return [_read(path, language) for path in paths if path.exists()]


def _read(path: Path, language: str) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=language)


@cache
def translations(language: str) -> NullTranslations:
    """What says a message, and the plural of one for a number, in a language: each catalogue by its own plural rule."""
    first = NullTranslations()
    for catalogue in reversed(_catalogues(language)):
        compiled = io.BytesIO()
        write_mo(compiled, catalogue)
        compiled.seek(0)
        known = Translations(compiled)
        known.add_fallback(first)
        first = known
    return first


def lookup(language: str, message: str) -> str:
    """The text of a message in a language, or the message itself."""
    return str(translations(language).gettext(message)) if message else ""


def browser_messages(language: str) -> dict[str, str | list[str]]:
    """The sentences our scripts say in a language, for ``language.js``: a text, or one for each form of the plural in
    the order of its rule; {} for English, which needs none.
    """
    found: dict[str, str | list[str]] = {}
    for catalogue in reversed(_catalogues(language)):
        found |= dict(_for_browser(catalogue))
    return dict(sorted(found.items()))


def _for_browser(catalogue: Catalog) -> Iterator[tuple[str, str | list[str]]]:
    for message in catalogue:
        if FOR_BROWSER in message.auto_comments and not message.fuzzy and message.string:
            yield (message.id[0], list(message.string)) if message.pluralizable else (message.id, message.string)


@cache
def messages_script(language: str) -> Markup:
    """The same as JSON for a page, written once for all pages."""
    return htmlsafe_json_dumps(browser_messages(language), ensure_ascii=False)
