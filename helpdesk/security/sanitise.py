"""The formatting of what our own people and their tools write, made safe before it is kept and sent."""

from __future__ import annotations

import nh3

TAGS = set(
    "a b blockquote br code div em h1 h2 h3 h4 hr i li ol p pre s span strong sub sup table tbody td th "
    "thead tr u ul".split()
)
WITH_CONTENT = {"script", "style", "title", "template", "noscript", "svg", "math"}
ATTRIBUTES = {
    "*": {"dir", "lang"},
    "a": {"href"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}
SCHEMES = {"http", "https", "mailto", "tel"}


def clean(html: str) -> str:
    """The formatting that a letter needs, with whole links; no pictures, styles or scripts."""
    return nh3.clean(
        html,
        tags=TAGS,
        clean_content_tags=WITH_CONTENT,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        url_relative="deny",
        link_rel="noopener noreferrer",
    )
