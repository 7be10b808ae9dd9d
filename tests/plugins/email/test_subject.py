"""Prefixes of many languages before a subject."""

import pytest

from plugins.email import subject


@pytest.mark.parametrize(
    ("given", "rest", "one"),
    [
        ("Order 12", "Order 12", "Order 12"),
        ("Re: Order 12", "Order 12", "Re: Order 12"),
        ("[EXTERNAL] FW: Order", "Order", "Fwd: Order"),
        ("*** EXTERN *** WG: Bestellung", "Bestellung", "Fwd: Bestellung"),
        ("Re: [EXT] Re: Order", "Order", "Re: Order"),
        ("[EXTERNAL] Order", "[EXTERNAL] Order", "[EXTERNAL] Order"),
        ("RE: re : Re[2]: Order", "Order", "Re: Order"),
        ("AW: WG: Bestellung", "Bestellung", "Re: Bestellung"),
        ("Fwd: Re: Order", "Order", "Fwd: Order"),
        ("پاسخ: سفارش ۱۲", "سفارش ۱۲", "Re: سفارش ۱۲"),
        ("پاسخ: پاسخ: Re: سفارش", "سفارش", "Re: سفارش"),
        ("ارجاع: سفارش", "سفارش", "Fwd: سفارش"),
        ("هدايت: سفارش", "سفارش", "Fwd: سفارش"),
        ("\u202bپاسخ: سفارش", "سفارش", "Re: سفارش"),
        ("رد: طلب", "طلب", "Re: طلب"),
        ("TR: Commande", "Commande", "Fwd: Commande"),
        ("RV: Pedido", "Pedido", "Fwd: Pedido"),
        ("RES: Pedido", "Pedido", "Re: Pedido"),
        ("Rif: Ordine", "Ordine", "Re: Ordine"),
        ("Antw: Bestelling", "Bestelling", "Re: Bestelling"),
        ("ENC: Pedido", "Pedido", "Fwd: Pedido"),
        ("Отв: Заказ", "Заказ", "Re: Заказ"),
        ("YNT: Sipariş", "Sipariş", "Re: Sipariş"),
        ("İLT: Sipariş", "Sipariş", "Fwd: Sipariş"),
        ("Odp: Zamówienie", "Zamówienie", "Re: Zamówienie"),
        ("SV: Beställning", "Beställning", "Re: Beställning"),
        ("回复：订单", "订单", "Re: 订单"),
        ("Regarding: your order", "Regarding: your order", "Regarding: your order"),
        ("Report: all is well", "Report: all is well", "Report: all is well"),
        ("Reply", "Reply", "Reply"),
        ("[Fwd: Order]", "[Fwd: Order]", "[Fwd: Order]"),
        ("", "", ""),
        ("Re:", "", "Re:"),
    ],
)
def test_prefixes(given, rest, one):
    assert subject.bare(given) == rest
    assert subject.normal(given) == one


def test_only_the_first_prefix_says_what_a_mail_is():
    assert subject.is_forward("Fwd: Re: x") and subject.is_forward("ارجاع: x")
    assert not subject.is_forward("Re: Fwd: x") and not subject.is_forward("x")


def test_a_long_row_of_prefixes_is_linear():
    assert subject.bare("Re: " * 200_000 + "x") == "x"
