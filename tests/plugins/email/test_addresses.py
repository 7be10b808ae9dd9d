"""Addresses as people, programs and attackers write them."""

import pytest

from helpdesk.api.errors import Undeliverable
from plugins.email import domains
from plugins.email.addresses import people
from plugins.email.encode_headers import spec
from plugins.email.mime import parse


def found(value):
    return [(person.value, person.name) for person in people([value])]


@pytest.mark.parametrize(
    "value",
    [
        '"vera@victim.example"@evil.example',
        '<"vera@victim.example"@evil.example>',
        'Vera <"vera@victim.example"@evil.example>',
        '"vera@victim.example"@evil.example (Vera) and more words',
        '"vera@victim.example" <>',
        "(vera@victim.example)",
        '"vera@victim.example>"@evil.example, "x',
        '"a\\"vera@victim.example"@evil.example',
    ],
)
def test_nothing_is_looked_for_inside_quotes_and_comments(value):
    assert "vera@victim.example" not in [address for address, _ in found(value)]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('"+98 21 555"@fax.example', [('"+98 21 555"@fax.example', "")]),
        ('"nadia"@shop.example', [("nadia@shop.example", "")]),
        ('Fax <"Room #4"@fax.example>', [('"room #4"@fax.example', "Fax")]),
        ("nadia(desk 2)@shop.example(main (new) house)", [("nadia@shop.example", "desk 2")]),
        ("Nadia (a (b) c) <nadia@shop.example>", [("nadia@shop.example", "Nadia")]),
        ("Sale :( today <nadia@shop.example>", [("nadia@shop.example", "Sale :( today")]),
        ("help @ desk . example", [("help@desk.example", "")]),
        ("<nadia@shop . example>", [("nadia@shop.example", "")]),
        ("Omid [ACME/ Sales:] <omid@acme.example>", [("omid@acme.example", "Omid [ACME/ Sales:]")]),
        ("Shift 12:30 desk <shift@firm.example>", [("shift@firm.example", "Shift 12:30 desk")]),
        ("Order no: 55 <order@firm.example>", [("order@firm.example", "Order no: 55")]),
        (
            "Sales team: Ann <ann@firm.example>, Bob <bob@firm.example>;",
            [("ann@firm.example", "Ann"), ("bob@firm.example", "Bob")],
        ),
        ("Sales: a@x.example; , More: b@x.example;", [("a@x.example", ""), ("b@x.example", "")]),
        ("undisclosed-recipients:;", []),
        (
            "a@x.example; Bob <b@x.example>; c@x.example",
            [("a@x.example", ""), ("b@x.example", "Bob"), ("c@x.example", "")],
        ),
        ("<mailto:kim@firm.example>", [("kim@firm.example", "")]),
        ("kim@firm.example <mailto:kim@firm.example>", [("kim@firm.example", "")]),
        ("<@relay.example,@next.example:kim@firm.example>", [("kim@firm.example", "")]),
        ("=?utf-8?Q?Caf=C3=A9;_Bar?= <bar@firm.example>", [("bar@firm.example", "Café; Bar")]),
        ("=?utf-8?B?2LnZhNuMIDxhbGlAY3VzdG9tZXIuZXhhbXBsZT4=?=", [("ali@customer.example", "علی")]),
        ("Name <>, Other <other@firm.example>", [("other@firm.example", "Other")]),
        ("Family, Given <given@firm.example>", [("given@firm.example", "Family, Given")]),
        ("Info <Info@firm.example", [("info@firm.example", "Info")]),
        ("Kim [kim@firm.example]", [("kim@firm.example", "")]),
        ("'kim@firm.example'", [("kim@firm.example", "")]),
        ("user@[192.0.2.1]", [("user@[192.0.2.1]", "")]),
        ("Tom @ Work <tom@firm.example>", [("tom@firm.example", "Tom @ Work")]),
        (f"{'x' * 250}@firm.example", []),
    ],
)
def test_addresses_as_programs_write_them(value, expected):
    assert found(value) == expected


@pytest.mark.parametrize(
    ("sender", "results", "authentic"),
    [
        ("vera@victim.example", "dmarc=pass header.from=victim.example", True),
        ("vera@victim.example", "dmarc=pass header.from=evil.example", None),
        ('"vera@victim.example"@evil.example', "dmarc=pass header.from=evil.example", None),
        ("vera@victim.example, eve@evil.example", "dmarc=pass header.from=victim.example", None),
        ("vera@victim.example", "dmarc=pass", None),
        ("vera@straße.example", "dmarc=pass header.from=xn--strae-oqa.example", True),
    ],
)
def test_a_verdict_counts_for_the_senders_own_domain_only(sender, results, authentic):
    raw = f"Authentication-Results: mx.desk.example; {results}\nFrom: {sender}\n\nhello".encode()
    assert parse(raw, ["mx.desk.example"]).authentic is authentic


@pytest.mark.parametrize(
    ("shown", "wire"),
    [
        ("straße.example", "xn--strae-oqa.example"),
        ("faß.example", "xn--fa-hia.example"),
        ("نامه\u200cای.ایران", "xn--mgba0jl97ew52n.xn--mgba3a4f16a"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("shop_1.example", "shop_1.example"),
    ],
)
def test_a_domain_is_the_same_place_in_both_forms(shown, wire):
    assert spec(f"info@{shown}") == f"info@{domains.wire(shown)}"
    assert domains.shown(domains.wire(shown)) == shown
    if shown.isascii() or "\u200c" not in shown:
        assert domains.wire(shown) == wire


@pytest.mark.parametrize("domain", ["ﬁsh.example", "①.example", "a\u200cb.example", "x\u00adü.example"])
def test_letters_of_a_domain_are_refused_rather_than_changed(domain):
    with pytest.raises(Undeliverable):
        spec(f"info@{domain}")


def test_long_fields_take_linear_time():
    """Each of these would take minutes if any part of the grammar looked back."""
    for scrap in ('"', "(", "<", "a@", ":", "=?utf-8?q?", '"@', "((", "a (b", ". ", "@ ", "\\", "x" * 50, "<a@b", ";:"):
        people([scrap * (200_000 // len(scrap))])


def test_an_address_is_compared_folded_and_kept_as_written():
    (person,) = people(["Relay <Reply-AbC+Q@Relay.Example>"])
    assert (person.value, person.spelling) == ("reply-abc+q@relay.example", "Reply-AbC+Q@relay.example")
    assert people(["plain@relay.example"])[0].spelling == ""
    assert people(["A@relay.example, a@relay.example"]) == people(["a@relay.example"])
