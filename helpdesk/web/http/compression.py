"""Text goes over the wire compressed, by Flask-Compress; what is streamed is not.

Pages hold the CSRF token beside words from the address, which an attacker could measure; our cookies are SameSite, so a
stranger's page cannot ask for one with the session in it.
"""

from __future__ import annotations

from flask import Flask
from flask_compress import Compress

SETTINGS = {
    "COMPRESS_ALGORITHM": ["zstd", "br", "gzip"],  # a fifth and a half of gzip's time, and no more bytes
    "COMPRESS_LEVEL": 3,  # of gzip; the sixth takes twice the time for a tenth less
    "COMPRESS_STREAMS": False,
}


def register(app: Flask) -> None:
    """Compress the answers of this application."""
    app.config.update(SETTINGS)
    Compress(app)
