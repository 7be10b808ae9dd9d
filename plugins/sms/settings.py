"""The settings of a gateway, and those of gateways many people have, so that none of them needs code."""

from __future__ import annotations

from marshmallow import Schema, ValidationError, fields, validate

from helpdesk.api.channels import Preset, Secret
from helpdesk.api.i18n import _

from .gateway import FORMS
from .opting_out import START, STOP

BODY = "to={to}&from={from}&text={text}"
LONGEST = validate.Length(max=2000)


def _address(value: str) -> None:
    if not value.startswith(("https://", "http://")) or any(letter.isspace() for letter in value):
        raise ValidationError(_("Please enter an address that begins with https://."))


def _text(label: str, default: str = "", help: str = "", group: str = "", **more) -> fields.String:
    metadata = {"label": label} | ({"help": help} if help else {}) | ({"group": group} if group else {})
    return fields.String(load_default=default, validate=LONGEST, metadata=metadata, **more)


OUT, IN, REPORTS, WISHES = _("Sending"), _("Receiving"), _("Delivery reports"), _("Opting out")


class Settings(Schema):
    """How the gateway takes messages, tells of messages and of their delivery, and who wants none."""

    number = fields.String(required=True, validate=validate.Length(1, 40), metadata={"label": _("Your number")})
    send_url = fields.String(
        required=True,
        validate=[_address, LONGEST],
        metadata={
            "label": _("Address for sending"),
            "group": OUT,
            "help": _("{key} and the other places may stand in it."),
        },
    )
    user = _text(_("User name"), group=OUT)
    key = Secret(load_default="", sent_to=("send_url",), metadata={"label": _("Key or password"), "group": OUT})
    send_as = fields.String(
        load_default="form",
        validate=validate.OneOf(["form", "json", "query"]),
        metadata={"label": _("Form of the request"), "group": OUT},
    )
    send_body = _text(
        _("Fields"),
        BODY,
        _("Such as to={to}&text={text}, or a JSON object. Places: {to} {from} {text} {id} {user} {key} {basic}"),
        OUT,
    )
    send_headers = _text(_("Headers"), "", _("Such as Authorization: Basic {basic} | Accept: application/json"), OUT)
    knows_repeats = fields.Boolean(
        load_default=False,
        metadata={
            "label": _("It sends a message with the same {id} once"),
            "group": OUT,
            "help": _("Only then is a message sent again by itself when the gateway did not answer."),
        },
    )
    number_form = fields.String(
        load_default=FORMS[0], validate=validate.OneOf(FORMS), metadata={"label": _("Form of numbers"), "group": OUT}
    )
    taken_at = _text(_("Where its answer says that it was taken"), "", _("Such as return.status; empty: HTTP 2xx"), OUT)
    taken_is = _text(_("What it says there"), "", _("Such as 200"), OUT)
    later_is = _text(_("What it says when it is to be tried later"), "", _("Such as 409: by its status or there"), OUT)
    id_at = _text(_("Where its answer has the id"), "", _("Such as entries.0.messageid"), OUT)
    in_key = Secret(load_default="", sent_to=(), metadata={"label": _("Secret of what it pushes"), "group": IN})
    in_header = _text(
        _("Header with the signature"),
        "",
        _("HMAC-SHA256 of the body, in hex. Empty: the secret is ?key= in the address"),
        IN,
    )
    in_from = _text(_("Field of the sender"), "from", group=IN)
    in_text = _text(_("Field of the text"), "text", group=IN)
    in_id = _text(_("Field of the id"), "id", group=IN)
    report_id = _text(_("Field of the id"), "id", group=REPORTS)
    report_state = _text(_("Field of the state"), "status", group=REPORTS)
    report_delivered = _text(_("Delivered when it says one of"), "delivered", group=REPORTS)
    report_failed = _text(_("Failed when it says one of"), "failed, undelivered", group=REPORTS)
    stop_words = _text(_("Words for no more messages"), STOP, group=WISHES)
    start_words = _text(_("Words for messages again"), START, group=WISHES)


# https://kavenegar.com/rest.html: send, its answer, errors 409 (try later) and 451 (too many at once), states 10 and 11
# of a delivery, the fields of a push
KAVENEGAR = Preset(
    "kavenegar",
    "Kavenegar | کاوه‌نگار",
    {
        "send_url": "https://api.kavenegar.com/v1/{key}/sms/send.json",
        "send_body": "receptor={to}&sender={from}&message={text}&localid={id}",
        "number_form": FORMS[3],
        "taken_at": "return.status",
        "taken_is": "200",
        "later_is": "409, 451",
        "id_at": "entries.0.messageid",
        "in_text": "message",
        "in_id": "messageid",
        "report_id": "messageid",
        "report_delivered": "10",
        "report_failed": "6, 11, 13, 14",
    },
)
# https://ippanelcom.github.io/Edge-Document/docs/send/url
IPPANEL = Preset(
    "ippanel",
    "IPPanel | آی‌پی‌پنل",
    {
        "send_url": "https://edge.ippanel.com/v1/api/send/webservice",
        "send_body": "apikey={key}&from={from}&to={to}&message={text}",
        "taken_at": "meta.status",
        "taken_is": "true",
        "id_at": "data.message_outbox_ids.0",
        "in_text": "message",
    },
)
MELIPAYAMAK = Preset(
    "melipayamak",
    "MeliPayamak | ملی‌پیامک",
    {
        "send_url": "https://rest.payamak-panel.com/api/SendSMS/SendSMS",
        "send_body": "username={user}&password={key}&to={to}&from={from}&text={text}&isFlash=false",
        "number_form": FORMS[3],
        "taken_at": "RetStatus",
        "taken_is": "1",
        "id_at": "Value",
    },
)
# https://www.twilio.com/docs/messaging/api/message-resource: a message, its answer, MessageStatus of a callback
TWILIO = Preset(
    "twilio",
    "Twilio",
    {
        "send_url": "https://api.twilio.com/2010-04-01/Accounts/{user}/Messages.json",
        "send_body": "To={to}&From={from}&Body={text}",
        "send_headers": "Authorization: Basic {basic}",
        "id_at": "sid",
        "in_from": "From",
        "in_text": "Body",
        "in_id": "MessageSid",
        "report_id": "MessageSid",
        "report_state": "MessageStatus",
    },
)
PRESETS = [KAVENEGAR, IPPANEL, MELIPAYAMAK, TWILIO]
