"""The limits of the Cloud API, and why it refuses a message."""

from __future__ import annotations

import re
from typing import Any

from .graph import refusal
from .server import Reply

TEXT, CAPTION = 4096, 1024  # characters; "Text messages", body; "Image messages", caption
BODY, BUTTONS, TITLE = 1024, 3, 20  # characters, buttons, characters; "Interactive reply buttons"
WINDOW = 24 * 3600  # seconds; "Customer service windows"
DOWNLOAD = 300  # seconds; "Media", retrieve: URLs are valid for 5 minutes
PLACE = re.compile(r"\{\{\s*\w+\s*\}\}")
OFFICE = "application/vnd.openxmlformats-officedocument"
KINDS = {  # "Supported Media Types"
    **dict.fromkeys(("audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"), "audio"),
    **dict.fromkeys(("text/plain", "application/pdf", "application/msword", "application/vnd.ms-excel"), "document"),
    **dict.fromkeys((f"{OFFICE}.wordprocessingml.document", f"{OFFICE}.spreadsheetml.sheet"), "document"),
    **dict.fromkeys(("application/vnd.ms-powerpoint", f"{OFFICE}.presentationml.presentation"), "document"),
    **dict.fromkeys(("image/jpeg", "image/png"), "image"),
    **dict.fromkeys(("video/mp4", "video/3gpp"), "video"),
    "image/webp": "sticker",
}
SIZES = {"audio": 16_000_000, "document": 100_000_000, "image": 5_000_000, "video": 16_000_000, "sticker": 500_000}
MEDIA = ("audio", "document", "image", "video", "sticker")
TITLES = {131026: "Message undeliverable", 131047: "Re-engagement message", 131049: "Meta chose not to deliver"}
TEMPLATES: list[dict[str, Any]] = [  # "Message templates": components; positional and named parameters
    {
        "id": "1",
        "name": "shipped",
        "category": "UTILITY",
        "language": "fa",
        "status": "APPROVED",
        "parameter_format": "POSITIONAL",
        "components": [
            {"type": "HEADER", "format": "TEXT", "text": "سفارش {{1}}", "example": {"header_text": ["12"]}},
            {
                "type": "BODY",
                "text": "{{1}} عزیز، سفارش شما {{2}} می‌رسد.",
                "example": {"body_text": [["مینا", "فردا"]]},
            },
            {"type": "FOOTER", "text": "فروشگاه"},
        ],
    },
    {
        "id": "2",
        "name": "ready",
        "category": "UTILITY",
        "language": "en",
        "status": "APPROVED",
        "parameter_format": "NAMED",
        "components": [
            {
                "type": "BODY",
                "text": "Dear {{name}}, your order {{order}} is ready.",
                "example": {
                    "body_text_named_params": [
                        {"param_name": "name", "example": "Mina"},
                        {"param_name": "order", "example": "A1"},
                    ]
                },
            }
        ],
    },
]


def unfit(
    kind: str, given: dict[str, Any], media: dict[str, tuple[str, bytes]], templates: list[dict[str, Any]]
) -> Reply | None:
    """The refusal of a message that is not as the reference says; None when it is."""
    content = given.get(kind)
    if not isinstance(content, dict):
        return refusal(400, 131008, "Required parameter is missing", f"Parameter '{kind}' is required")
    if kind == "text":
        body = str(content.get("body", ""))
        words = f"Param text['body'] must be at most {TEXT} characters long."
        return None if 0 < len(body) <= TEXT else refusal(400, 100, words)
    if kind == "template":
        return _unfit_template(content, templates)
    if kind == "interactive":
        return _unfit_buttons(content)
    if kind in MEDIA:
        if str(content.get("id")) not in media and "link" not in content:
            return refusal(400, 131009, "Parameter value is not valid", "No such media")
        if kind == "audio" and "caption" in content:
            return refusal(400, 100, "Unexpected key 'caption' on param 'audio'")
        if len(str(content.get("caption", ""))) > CAPTION:
            return refusal(400, 100, f"Param {kind}['caption'] must be at most {CAPTION} characters long.")
        found = KINDS.get(media.get(str(content.get("id")), ("", b""))[0], kind)
        if kind != "document" and found != kind:
            return refusal(400, 131053, "Media upload error", "The type of the media does not fit")
        return None
    return None if kind in ("reaction", "location", "contacts") else refusal(400, 131051, "Unsupported")


def _unfit_buttons(content: dict[str, Any]) -> Reply | None:
    """ "Interactive reply buttons": a body of 1,024 characters, one to three buttons of 20, none twice."""
    if content.get("type") != "button":
        return refusal(400, 131009, "Parameter value is not valid", "Only reply buttons are played here")
    body = str(content.get("body", {}).get("text", ""))
    replies = [one.get("reply", {}) for one in content.get("action", {}).get("buttons", [])]
    titles, ids = [str(one.get("title", "")) for one in replies], [str(one.get("id", "")) for one in replies]
    if not 0 < len(body) <= BODY:
        return refusal(400, 131009, "Parameter value is not valid", f"Body text length invalid. Min 1, max {BODY}")
    if not 0 < len(replies) <= BUTTONS:
        return refusal(400, 131009, "Parameter value is not valid", f"Invalid buttons count. Min 1, max {BUTTONS}")
    if not all(0 < len(one) <= TITLE for one in titles):
        return refusal(400, 131009, "Parameter value is not valid", f"Button title length invalid. Min 1, max {TITLE}")
    if len(set(titles)) < len(titles) or len(set(ids)) < len(ids):
        return refusal(400, 131009, "Parameter value is not valid", "Duplicate buttons")
    return None


def _unfit_template(content: dict[str, Any], templates: list[dict[str, Any]]) -> Reply | None:
    """ "Error codes": 132001 for none of that name and language, 132000 for another number of values, 132012 for
    values that are not named as the template names them.
    """
    language = content.get("language", {}).get("code")
    found = next((t for t in templates if (t["name"], t["language"]) == (content.get("name"), language)), None)
    if found is None or found["status"] != "APPROVED":
        return refusal(404, 132001, "Template name does not exist in the translation")
    given = {one["type"].lower(): one["parameters"] for one in content.get("components", [])}
    for component in found["components"]:
        wanted = list(dict.fromkeys(PLACE.findall(component["text"])))
        parameters = given.get(component["type"].lower(), [])
        if len(parameters) != len(wanted):
            return refusal(400, 132000, "Number of parameters does not match the expected number of params")
        names = [f"{{{{{one.get('parameter_name', '')}}}}}" for one in parameters]
        if found["parameter_format"] == "NAMED" and sorted(names) != sorted(wanted):
            return refusal(400, 132012, "Template parameter format mismatch")
    return None
