"""What machines write: bounces with and without their machine-readable part, receipts, automatic answers, bulk,
loops.
"""

import pytest

from helpdesk.api.channels import Inbound, Report
from plugins.email.mime import parse

TOKEN = "t1z-9a-abcdefghij234567"


def mail(*lines, body="text"):
    return "\n".join(
        ["From: Ali <ali@example.com>", "To: support@desk.example", "Subject: x", *lines, "", body]
    ).encode()


def bounce(status, text="Sorry.", original="", root="multipart/report; report-type=delivery-status"):
    return (
        f"From: MAILER-DAEMON@mx.example.com\nTo: support@desk.example\nSubject: Undelivered Mail\nReturn-Path: <>\n"
        f'Auto-Submitted: auto-replied\nContent-Type: {root}; boundary="b"\n\n--b\nContent-Type: text/plain\n\n{text}\n'
        f"--b\nContent-Type: message/delivery-status\n\n{status}\n--b\nContent-Type: "
        f"message/rfc822\n\n{original}\n--b--\n"
    ).encode()


def outcomes(raw):
    report = parse(raw)
    assert isinstance(report, Report)
    return [(outcome.address.value, outcome.state, outcome.status) for outcome in report.outcomes]


def test_a_bounce_says_who_why_and_of_which_message():
    status = (
        "Reporting-MTA: dns; mx.example.com\n\nFinal-Recipient: rfc822; Ali@Example.com\nAction: "
        "failed\nStatus: 5.1.1\n"
        "Diagnostic-Code: smtp; 550 5.1.1 No such\n  user here\n"
    )
    original = f"Message-ID: <{TOKEN}.4k2@desk.example>\nReferences: <a@b>\nSubject: Re: x\n\nhello"
    report = parse(bounce(status, original=original))
    (outcome,) = report.outcomes
    assert (outcome.address.kind, outcome.address.value, outcome.state, outcome.status) == (
        "email",
        "ali@example.com",
        "failed",
        "5.1.1",
    )
    assert outcome.text == "smtp; 550 5.1.1 No such user here"
    assert report.references == [f"{TOKEN}.4k2@desk.example"] and report.tokens == [TOKEN] and report.text == "Sorry."


@pytest.mark.parametrize(
    ("action", "code", "state"),
    [
        ("failed", "5.7.1", "failed"), ("delayed", "4.4.1", "delayed"), ("delivered", "2.0.0", "delivered"), ("relayed", "2.0.0", "delivered"),
        ("expanded", "2.1.5", "delivered"), ("FAILED (bounced)", "5.0.0", "failed"), ("nonsense", "4.2.2", "delayed"), ("", "5.0.0", "failed"),
    ],
)  # fmt: skip
def test_states(action, code, state):
    assert outcomes(
        bounce(f"Reporting-MTA: dns; a\n\nFinal-Recipient: rfc822; a@b.example\nAction: {action}\nStatus: {code}\n")
    ) == [("a@b.example", state, code)]


def test_each_recipient_has_an_outcome_and_they_are_capped():
    blocks = "\n".join(
        f"Final-Recipient: rfc822; a{n}@b.example\nAction: failed\nStatus: 5.1.1\n" for n in range(5_000)
    )
    found = outcomes(bounce(f"Reporting-MTA: dns; a\n\n{blocks}"))
    assert len(found) == 200 and found[1] == ("a1@b.example", "failed", "5.1.1")


def test_crlf_and_a_wrong_container_are_understood():
    status = "Reporting-MTA: dns; a\n\nFinal-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1\n"
    assert outcomes(bounce(status, root="multipart/mixed").replace(b"\n", b"\r\n")) == [
        ("a@b.example", "failed", "5.1.1")
    ]


def test_a_person_who_forwards_a_bounce_writes_a_message():
    status = "Reporting-MTA: dns; a\n\nFinal-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1\n"
    raw = bounce(status, original="Subject: q\n\nhello", root="multipart/mixed").replace(
        b"MAILER-DAEMON@mx.example.com", b"ali@example.com"
    )
    message = parse(raw.replace(b"Return-Path: <>\nAuto-Submitted: auto-replied\n", b""))
    assert (
        isinstance(message, Inbound)
        and message.automatic == ""
        and [file.name for file in message.files] == ["attachment-1.txt", "q.eml"]
    )


WORDS = {
    "qmail": (
        "MAILER-DAEMON@mx.example.com", "failure notice",
        "Hi. This is the qmail-send program.\nI wasn't able to deliver your "
"message.\n\n<gone@b.example>:\n550 5.1.1 unknown user\n\n"
        "--- Below this line is a copy of the message.\n\nReturn-Path: <support@desk.example>\nMessage-ID: "
"<old@desk.example>\nTo: other@c.example\n",
        [("gone@b.example", "failed", "5.1.1")],
    ),
    "exim": (
        "Mailer-Daemon@mx.example.com", "Mail delivery failed: returning message to sender",
        "A message that you sent could not be delivered to one or more of its recipients. This is a "
"permanent error.\n\n"
        "  gone@b.example\n    host b.example: 554 rejected\n\n------ This is a copy of the message, "
"including all the headers. ------\n\n"
        "Message-ID: <old@desk.example>\nTo: other@c.example",
        [("gone@b.example", "failed", "")],
    ),
    "delayed": (
        "postmaster@mx.example.com", "Delivery Status Notification (Delay)",
        "THIS IS A WARNING MESSAGE ONLY. Delivery to slow@b.example has been delayed. It will be retried. "
"4.4.1\nMessage-ID: <old@desk.example>",
        [("slow@b.example", "delayed", "4.4.1")],
    ),
    "persian": (
        "postmaster@mx.example.ir", "نامهٔ شما برگشت خورد",
        "پیام شما به gone@b.example تحویل داده نشد.\n550 5.1.1 no such user\n\nMessage-ID: <old@desk.example>\n",
        [("gone@b.example", "failed", "5.1.1")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WORDS)
def test_bounces_in_words_only(name):
    sender, subject, text, expected = WORDS[name]
    raw = f"From: {sender}\nTo: support@desk.example\nSubject: {subject}\n\n{text}".encode()
    assert outcomes(raw) == expected
    assert parse(raw).references == ["old@desk.example"]


def test_a_person_who_writes_about_a_bounce_writes_a_message():
    message = parse(mail(body="My mail to gone@b.example was returned: undeliverable, 550 5.1.1 unknown user"))
    assert isinstance(message, Inbound)


def test_a_postmaster_who_writes_otherwise_writes_a_message():
    message = parse(mail(body="Please renew your certificate at ca@b.example.").replace(b"ali@", b"postmaster@"))
    assert isinstance(message, Inbound)


def test_a_read_receipt():
    raw = (
        "From: ali@example.com\nContent-Type: multipart/report; report-type=disposition-notification; "
        "boundary=b\n\n--b\n\nread\n--b\n"
        f"Content-Type: message/disposition-notification\n\nFinal-Recipient: rfc822; ali@example.com\n"
        f"Original-Message-ID: <{TOKEN}.1@desk.example>\nDisposition: manual-action/MDN-sent-manually; "
        "displayed\n--b--\n"
    ).encode()
    report = parse(raw)
    assert [(o.state, o.text) for o in report.outcomes] == [("read", "displayed")]
    assert report.tokens == [TOKEN] and report.details["kind"] == "receipt"


def test_a_complaint():
    raw = (
        b"From: fbl@provider.example\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\n\n--b\n\nabuse\n--b\n"
        b"Content-Type: message/feedback-report\n\nFeedback-Type: abuse\n--b\nContent-Type: message/rfc822\n\n"
        b"Message-ID: <old@desk.example>\n\nhello\n--b--\n"
    )
    report = parse(raw)
    assert report.outcomes == [] and report.details["kind"] == "complaint" and report.references == ["old@desk.example"]


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("Auto-Submitted: auto-replied", "reply"),
        ("Auto-Submitted: auto-generated; owner-email=x@y", "reply"),
        ("Auto-Submitted: no", ""),
        ("auto-submitted:AUTO-NOTIFIED", "reply"),
        ("X-Autoreply: yes", "reply"),
        ("X-Autorespond: x", "reply"),
        ("Precedence: auto_reply", "reply"),
        ("X-Auto-Response-Suppress: All", "reply"),
        ("X-Auto-Response-Suppress: OOF", ""),
        ("Return-Path: <>", "reply"),
        ("Return-Path: <ali@example.com>", ""),
        ("Precedence: bulk", "bulk"),
        ("Precedence: list", "bulk"),
        ("Precedence: junk", "bulk"),
        ("Precedence: first-class", ""),
        ("List-Id: <news.example.com>", "bulk"),
        ("List-Unsubscribe: <mailto:x@y>", "bulk"),
        ("X-Loop: yes", "bulk"),
        (f"Message-ID: <{TOKEN}.abc@other-desk.example>", ""),
        ("\n".join(["Received: from a by b"] * 51), "loop"),
        ("\n".join(["Received: from a by b"] * 50), ""),
        ("Importance: high", ""),
    ],
)
def test_automatic_mail(line, kind):
    assert parse(mail(line)).automatic == kind


@pytest.mark.parametrize(
    ("subject", "likely"),
    [
        ("Out of Office: Re: your order", True), ("Automatic reply: x", True), ("Automatische Antwort: x", True), ("پاسخ خودکار: x", True),
        ("Réponse automatique : x", True), ("Abwesenheitsnotiz: x", True), ("My office is out of paper", False), ("Automatic door is broken", False),
        ("پاسخ خودکار شما کار نمی‌کند", False), ("Automatic reply does not work", False), ("Your out of office: how do I set it up", False),
    ],
)  # fmt: skip
def test_a_subject_alone_makes_nobody_a_machine(subject, likely):
    """It may stop an acknowledgement, in a machine's own form and as an answer (FAULTS A9)."""
    written = mail().replace(b"Subject: x", f"Subject: {subject}".encode())
    answer = parse(b"In-Reply-To: <1@desk.example>\r\n" + written)
    assert (answer.automatic, answer.details.get("likely_automatic", False)) == ("", likely)
    assert (parse(written).automatic, "likely_automatic" in parse(written).details) == ("", False)


@pytest.mark.parametrize("near", ["host mx [1.2.3.4] said: 550 5.1.1 no such user", "10.4.4.2 said 5.1.1.", "(#5.1.1)"])
def test_an_ip_address_is_no_status(near):
    raw = mail(
        "X-Failed-Recipients: gone@b.example",
        "Return-Path: <>",
        body=f"could not be delivered to\n\n  gone@b.example\n  {near}\n",
    )
    assert outcomes(raw) == [("gone@b.example", "failed", "5.1.1")]


def test_a_person_called_postmaster_writes_messages():
    body = "Our raw message could not be delivered. Please write to office@firm.example."
    person = ["Return-Path: <postmaster@firm.example>", "From: Ali <postmaster@firm.example>"]
    raw = "\n".join([*person, "To: support@desk.example", "Subject: delivery failed", "", body])
    assert isinstance(parse(raw.encode()), Inbound)
    assert isinstance(parse(raw.replace("<postmaster@firm.example>\nFrom", "<>\nFrom").encode()), Report)
    assert isinstance(parse(raw.replace("Subject:", "Auto-Submitted: auto-replied\nSubject:").encode()), Report)
    assert isinstance(parse(raw.replace("From: Ali <postmaster@", "From: <MAILER-DAEMON@").encode()), Report)


@pytest.mark.parametrize(("value", "kind"), [("All", "reply"), ("OOF, AutoReply", "reply"), ("DR, OOF", ""), ("", "")])
def test_what_programs_of_microsoft_ask(value, kind):
    assert parse(mail(f"X-Auto-Response-Suppress: {value}")).automatic == kind


def test_a_token_is_found_in_the_reply_to_of_what_came_back():
    """Enclosed as a part or in words (FAULTS A6)."""
    fields = f"From: support@desk.example\nReply-To: Support <support+{TOKEN}@desk.example>\nSubject: hello\n"
    reported = (
        "From: MAILER-DAEMON@mx.example\nSubject: Undeliverable\n\nYour message could not be "
        f"delivered:\n\n<gone@example.com>: no such user\n\n--- Original message ---\n{fields}"
    )
    assert parse(reported.encode()).tokens == [TOKEN]
    enclosed = (
        "From: MAILER-DAEMON@mx.example\nSubject: Undeliverable\nMIME-Version: 1.0\nContent-Type: "
        "multipart/mixed; boundary=b\n\n--b\n\n"
        "Your message could not be delivered to <gone@example.com>: no such user\n--b\nContent-Type: "
        f"message/rfc822\n\n{fields}\nhello\n--b--\n"
    )
    report = parse(enclosed.encode())
    assert (
        report.tokens == [TOKEN]
        and report.otherwise.automatic == "reply"
        and "could not be delivered" in report.otherwise.text
    )


@pytest.mark.parametrize(
    ("sender", "daemon"),
    [
        ("MAILER-DAEMON <>", True), ("Mail Delivery Subsystem <MAILER-DAEMON>", True), ("mailer-daemon@mx.example (Mail Delivery System)", True),
        ("Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@client.example>", True), ("MDaemon@client.example", True),
        ("Mail Delivery Service <post@mx.example>", True), ("lamps-bounces@lists.example", True), ("bounces+123=a@mx.example", True),
        ("Royal Mail Delivery Service <post@courier.example>", False), ("Bounce House <hello@bounce.example>", False),
        ("Damon Mailer <damon@firm.example>", False), ("Express Mail <mail@courier.example>", False), ("Postmaster <postmaster@firm.example>", False),
    ],
)  # fmt: skip
def test_a_daemon_is_told_by_its_name(sender, daemon):
    """Whatever comes from a daemon is never a person's mail: nothing is acknowledged, nothing is urgent."""
    parsed = parse(
        f"From: {sender}\nTo: support@desk.example\nSubject: Session errors\n\nTranscript of the session "
        "follows.".encode()
    )
    assert (isinstance(parsed, Report) or parsed.automatic == "reply") is daemon
