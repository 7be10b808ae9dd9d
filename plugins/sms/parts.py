"""How many parts a text has on its way (3GPP TS 23.038 and 23.040): the price of a message, and where it is cut."""

from __future__ import annotations

GSM = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
TWICE = set("\f^{}\\[~]|€")  # of the extension table: two places each
ALONE_7, JOINED_7 = 160, 153  # places of one message, and of each part of several
ALONE_16, JOINED_16 = 70, 67


def parts(text: str) -> int:
    """The number of parts; 0 of nothing. One letter outside the alphabet of GSM makes all of it 16 bits wide."""
    if not text:
        return 0
    if set(text) <= GSM | TWICE:
        widths, alone, joined = [1 + (letter in TWICE) for letter in text], ALONE_7, JOINED_7
    else:
        widths, alone, joined = [1 + (ord(letter) > 0xFFFF) for letter in text], ALONE_16, JOINED_16
    if sum(widths) <= alone:
        return 1
    count, room = 1, joined
    for width in widths:  # no letter is cut in two
        if width > room:
            count, room = count + 1, joined
        room -= width
    return count
