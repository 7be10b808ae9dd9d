"""The files of the demo's customers, drawn here so that none has to be kept."""

from __future__ import annotations

import struct
import zlib

WIDTH, HEIGHT = 320, 240


def content(name: str) -> tuple[str, bytes]:
    """Media type and bytes of "photo.png" or "receipt.pdf"."""
    return ("image/png", _photo()) if name.endswith(".png") else ("application/pdf", _receipt())


def _photo() -> bytes:
    """A broken cup on a table, as a PNG."""
    rows = b"".join(b"\0" + b"".join(_pixel(x, y) for x in range(WIDTH)) for y in range(HEIGHT))
    head = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(rows, 9)) + _chunk(b"IEND", b"")


def _pixel(x: int, y: int) -> bytes:
    cup = 105 < x < 205 and 70 < y < 185 and (x - 155) ** 2 < 2500 - max(0, y - 150) ** 2 * 1.5
    crack = cup and abs((x - 150) - ((y * 7919 // 9) % 11 - 5) - (y - 130) // 4) < 2
    handle = 800 < (x - 212) ** 2 + (y - 120) ** 2 < 1500 and x > 203
    if crack:
        return bytes((70, 60, 55))
    if cup or handle:
        return bytes((60 + x // 4, 130 + y // 6, 140))
    return bytes((205 - y // 6, 180 - y // 5, 150 - y // 5)) if y > 165 else bytes((232, 229, 222))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _receipt() -> bytes:
    """One page with a few lines, as the smallest PDF that programs open."""
    text = b"BT /F 16 Tf 40 140 Td (Receipt 774120) Tj 0 -28 Td (Paid by card, twice) Tj ET"
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R"
        b" /Resources << /Font << /F 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    body, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return body + b"xref\n0 6\n0000000000 65535 f \n%strailer << /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        table,
        len(body),
    )
