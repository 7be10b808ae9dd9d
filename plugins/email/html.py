"""A customer's HTML made safe to show: nothing in it runs, fetches, covers or blinds anything around it.

Everything passes through nh3 last; what is done to its output afterwards only renames or removes attributes in it.
"""

from __future__ import annotations

import hashlib
import html as entities
import re
from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from urllib.parse import unquote

import nh3
from inscriptis import get_text
from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.model.config import ParserConfig

from helpdesk.api.channels import File

from .transfer import base64_bytes

MAX_HTML = 1_000_000  # characters
MAX_READ = (
    2 * MAX_HTML
)  # characters from which a text is made: it is shown up to a tenth of that, and the whole is attached
MAX_LINKS = 5_000
MAX_PICTURES = 500  # written into the HTML as data: each becomes a file
MAX_DEPTH = 2_000  # open elements
MAX_WORK = 2_000_000  # open formatting elements times tags: what a browser has to make of unclosed <font>s

_TAGS = set(
    "a abbr address article aside b bdi bdo big blockquote br caption center cite code col colgroup dd del "
    "dfn div dl dt em "
    "figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark nav ol p pre q s "
    "samp section small "
    "span strike strong sub sup table tbody td tfoot th thead time tr tt u ul var wbr".split()
)
_WITH_CONTENT = set(
    "script style title head svg math template noscript iframe object embed applet select textarea xml audio "
    "video frameset".split()
)
SIGNATURE = "data-signature"  # stands on elements that a mail program marked as the signature
_ATTRIBUTES = {
    "*": {SIGNATURE, "dir", "lang", "title", "style", "align", "valign", "bgcolor"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height", "border", "hspace", "vspace"},
    "table": {"border", "cellpadding", "cellspacing", "width", "height", "summary"},
    "td": {"colspan", "rowspan", "width", "height", "nowrap"},
    "th": {"colspan", "rowspan", "width", "height", "nowrap", "scope"},
    "tr": {"height"},
    "col": {"span", "width"},
    "colgroup": {"span", "width"},
    "font": {"color", "face", "size"},
    "hr": {"size", "width", "color", "noshade"},
    "ol": {"start", "type", "reversed"},
    "ul": {"type"},
    "li": {"value", "type"},
    "time": {"datetime"},
}
_LINKS = ("http:", "https:", "mailto:", "tel:")
_STYLES = set(
    "color background background-color direction text-align text-decoration text-indent text-transform "
    "vertical-align white-space word-break word-wrap overflow-wrap word-spacing letter-spacing line-height "
    "font font-family "
    "font-size font-style font-variant font-weight width height max-width max-height min-width min-height "
    "display float clear "
    "margin margin-top margin-right margin-bottom margin-left margin-inline margin-inline-start "
    "margin-inline-end margin-block "
    "padding padding-top padding-right padding-bottom padding-left padding-inline padding-inline-start "
    "padding-inline-end "
    "border border-top border-right border-bottom border-left border-color border-style border-width border-radius "
    "border-collapse border-spacing border-top-color border-top-style border-top-width border-bottom-color "
    "border-bottom-style "
    "border-bottom-width border-left-color border-left-style border-left-width border-right-color border-right-style "
    "border-right-width border-inline-start border-inline-end list-style-type list-style-position "
    "table-layout caption-side "
    "empty-cells quotes".split()
)
_STYLE_VALUE = re.compile(r"(?:(?:rgb|hsl)a?\([\d\s.,%/deg]*\)|[^()\\<>{}@&/]|/(?!\*))+", re.I)
_OUTWARD = re.compile(r"(?:^|[\s:,])-\.?\d")
_DATA_IMAGE = re.compile(r"data:image/(png|jpe?g|gif|webp)(?:;[\w.=-]+)*;base64,", re.I)
_IMAGE = re.compile(r'<img((?: [a-z]+="[^"]*")*)>')
_OUTER = re.compile(r"<(?:html|body)\b((?:[^<>\"']|\"[^\"]*\"|'[^']*')*+)", re.I)
_OUTER_ATTRIBUTE = re.compile(r"\b(dir|lang|style|bgcolor|text)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'<>]+))", re.I)
_CID = re.compile(r'<img[^>]* src="cid:([^"]*)"')
_REMOTE = re.compile(r' src="((?i:https?:)[^"]*)"')
_SIGNATURE = re.compile(
    r"<(div|span|p|pre|table|td|section)\b(?=[^<>]*signature)"
    r"(?=[^<>]*\s(?:(?:class|id|name|data-[\w-]{1,40})\s*=\s*[\"']?[\w -]{0,100}|data-[\w-]{0,40})signature)",
    re.I,
)
_SIGN = re.compile(r"<(/?)sign(?:ature)?(?=[\s>])", re.I)  # elements of QQ's and Mailspring's
_OPEN_OR_CLOSE = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_LINK = re.compile(r"<a\s", re.I)
_VOID = {"img", "br", "hr", "meta", "link", "input", "col", "base", "area", "wbr", "source", "track", "param", "embed"}
_OPTIONAL_END = {"p", "li", "td", "tr", "th", "dd", "dt", "option", "tbody", "thead", "tfoot", "colgroup"}
_FORMATTING = {"a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"}
_BREAK = re.compile(r"<(?:br|/?(?:p|div|tr|li|h[1-6]|table|ul|ol|blockquote|pre|hr|dd|dt))\b[^<>]*>", re.I)
_SILENT = re.compile(r"<(/?)(?:script|style|title)\b[^<>]*>", re.I)
_TAG = re.compile(r"<[^<>]*>")
_TAG_ONLY = re.compile(r"</?[a-zA-Z!][^<>]{0,2000}>")
_PREFORMATTED = re.compile(r"<pre\b[^<>]*>(.*?)</pre>", re.S)
_TEXT_CONFIG = ParserConfig(
    css=CSS_PROFILES["strict"], display_images=False, display_links=False, display_anchors=False
)


def too_heavy(html: str) -> bool:
    """True for HTML that would cost a browser (or us) too much to lay out: too long, too many links, too deep."""
    if len(html) > MAX_HTML or len(_LINK.findall(html)) > MAX_LINKS or len(_DATA_IMAGE.findall(html)) > MAX_PICTURES:
        return True
    opened: Counter[str] = Counter()
    depth = deepest = formatting = most = tags = 0
    for closing, name in _OPEN_OR_CLOSE.findall(html):
        name = name.lower()
        tags += 1
        if name in _VOID or name in _OPTIONAL_END:
            continue
        if not closing:
            opened[name] += 1
            depth += 1
            formatting += name in _FORMATTING
            deepest, most = max(deepest, depth), max(most, formatting)
        elif opened[name]:
            opened[name] -= 1
            depth -= 1
            formatting -= name in _FORMATTING
    return deepest > MAX_DEPTH or most * tags > MAX_WORK


def sanitise(html: str) -> tuple[str, list[File]]:
    """Safe HTML, and the pictures that were written into it as data; those are referred to as ``cid:`` afterwards.

    Remote pictures are ``<img data-remote="…">`` without ``src``: nothing is fetched until somebody asks for it.
    """
    pictures: list[File] = []
    cleaner = nh3.Cleaner(
        tags=_TAGS,
        clean_content_tags=_WITH_CONTENT,
        attributes=_ATTRIBUTES,
        attribute_filter=_attribute_filter(pictures),
        url_schemes={"http", "https", "mailto", "tel", "cid", "data"},
        url_relative=lambda url: f"https:{url}" if url.startswith("//") else None,
        set_tag_attribute_values={"a": {"target": "_blank"}},
        link_rel="noopener noreferrer",
    )
    marked = _SIGNATURE.sub(rf'<\1 {SIGNATURE}=""', _SIGN.sub(rf'<\1div {SIGNATURE}=""', html))
    return _IMAGE.sub(_withhold, cleaner.clean(f"{_surroundings(html)}{marked}")), pictures


def shown_cids(safe: str) -> set[str]:
    """The content ids of the pictures that sanitised HTML shows."""
    return {entities.unescape(cid) for cid in _CID.findall(safe)}


def _surroundings(html: str) -> str:
    """A ``<div>`` with the direction, language and colours of the document's own ``<html>`` and ``<body>``, which
    are dropped.
    """
    outer: dict[str, str] = {}
    for element in _OUTER.findall(html[:20_000]):
        outer |= {name.lower(): one or two or three for name, one, two, three in _OUTER_ATTRIBUTE.findall(element)}
    styles = {"background-color": outer.get("bgcolor"), "color": outer.get("text")}
    outer["style"] = ";".join(
        [f"{name}:{value}" for name, value in styles.items() if value] + [outer.get("style", "")]
    ).strip(";")
    kept = "".join(
        f' {name}="{entities.escape(entities.unescape(outer[name]))}"'
        for name in ("dir", "lang", "style")
        if outer.get(name)
    )
    return f"<div{kept}>" if kept else ""


def _attribute_filter(pictures: list[File]) -> Callable[[str, str, str], str | None]:
    known: set[str] = set()

    def keep(tag: str, attribute: str, value: str) -> str | None:
        if attribute == "dir":
            return value if value.lower() in ("rtl", "ltr", "auto") else None
        if attribute == "style":
            return _style(value[:10_000]) or None
        if attribute == "href":
            return value if value.lower().lstrip().startswith(_LINKS) else None
        if attribute == "src":
            scheme = value[:5].lower()
            return (
                _picture(value, pictures, known)
                if scheme == "data:"
                else f"cid:{_cid(value)}"
                if scheme[:4] == "cid:"
                else value
            )
        return value

    return keep


@lru_cache(maxsize=1024)
def _style(value: str) -> str:
    """The declarations that only change how text and boxes look; nothing with an address, an escape or a minus
    margin.
    """
    kept = []
    for declaration in value.split(";"):
        name, _, setting = declaration.partition(":")
        name, setting = name.strip().lower(), setting.strip()
        if name not in _STYLES or not _STYLE_VALUE.fullmatch(setting):
            continue
        if name.startswith(("margin", "text-indent", "letter-spacing", "word-spacing")) and _OUTWARD.search(setting):
            continue
        kept.append(f"{name}:{setting}")
    return ";".join(kept)


def _cid(address: str) -> str:
    """The bare content id in a ``cid:`` address."""
    return unquote(address[4:]).strip("<> ")


def _picture(address: str, pictures: list[File], known: set[str]) -> str | None:
    """Turn a picture written as data into a file, each once, and refer to it by content id."""
    found = _DATA_IMAGE.match(address)
    if not found:
        return None
    content = base64_bytes(address[found.end() :].encode("ascii", "replace"))
    kind = found[1].lower().replace("jpg", "jpeg")
    cid = f"{hashlib.sha256(content).hexdigest()[:32]}@data"
    if cid not in known:
        known.add(cid)
        name = f"picture-{len(pictures) + 1}.{kind}"
        pictures.append(File(name, f"image/{kind}", content, size=len(content), cid=cid, inline=True))
    return f"cid:{cid}"


def _withhold(image: re.Match) -> str:
    """Rename a remote picture's ``src``, so that no browser fetches it."""
    attributes = _REMOTE.sub(r' data-remote="\1"', image[1])
    return f"<img{attributes}>"


def text(html: str) -> str:
    """The text of sanitised HTML, laid out as it reads."""
    if html.count("<div") + html.count("<blockquote") + html.count("<table") > 200:
        return plain(html)  # the layout engine behind inscriptis drops what lies deep
    html = _PREFORMATTED.sub(_without_inner_tags, html)  # that engine joins the lines of what is marked up inside <pre>
    return get_text(html, _TEXT_CONFIG).strip("\n") if _TAG.sub("", html).strip() else ""


def _without_inner_tags(preformatted: re.Match) -> str:
    return f"<pre>{_TAG.sub('', _BREAK.sub(chr(10), preformatted[1]))}</pre>"


def plain(html: str) -> str:
    """The text of any HTML in linear time, whatever its shape: line breaks for blocks, everything else dropped."""
    visible, position, silent, html = [], 0, False, html[:MAX_READ]
    for mark in _SILENT.finditer(html):
        if not silent:
            visible.append(html[position : mark.start()])
        silent, position = not mark[1], mark.end()
    if not silent:
        visible.append(html[position:])
    return entities.unescape(_TAG.sub("", _BREAK.sub("\n", "".join(visible)))).strip()


def without_tags(source: str) -> str:
    """What is left of any text when everything that is formed like a tag, and the entities of blanks, are gone."""
    return entities.unescape(_TAG_ONLY.sub("", source))


def from_text(plain_text: str) -> str:
    """HTML that shows plain text as it stands, each paragraph in its own direction."""
    lines = entities.escape(plain_text.strip("\n")).split("\n")
    return "".join(f'<div dir="auto">{line or "<br>"}</div>' for line in lines)
