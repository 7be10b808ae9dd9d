"""Files of ours are compressed as small as can be, once for each content, and kept so."""

from __future__ import annotations

import gzip
from functools import lru_cache

import brotli
from flask import Response, current_app, request

PACKERS = {  # too slow for a page, nothing when it is done once
    "br": lambda content: brotli.compress(content, mode=brotli.MODE_TEXT, quality=11),
    "gzip": lambda content: gzip.compress(content, 9, mtime=0),
}


def compress_once(response: Response) -> None:
    """Compress a file that is sent often and never changes; what is too small or no text stays as it is."""
    encoding = request.accept_encodings.best_match(PACKERS)
    config = current_app.config
    small = (response.content_length or 0) < config["COMPRESS_MIN_SIZE"]
    if not encoding or small or response.mimetype not in config["COMPRESS_MIMETYPES"]:
        return
    response.set_data(_packed(response.get_data(), encoding))
    response.content_encoding = encoding
    etag, _weak = response.get_etag()
    if etag:
        response.set_etag(f"{etag}:{encoding}")
        response.make_conditional(request)


@lru_cache(maxsize=512)
def _packed(content: bytes, encoding: str) -> bytes:
    return PACKERS[encoding](content)
