"""The scripts of the widget as they are served: its modules joined in the order of their imports, without the comments
and the indentation that only their readers need. Thirteen small answers would be a fifth more bytes, and a wait each.

Joining needs no more than this: modules import each other by name alone, and no two have a name of their own in common.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from functools import cache
from pathlib import Path

STATIC = Path(__file__).parent / "static"
CLIENT = Path(__file__).parents[2] / "node_modules/socket.io-client/dist/socket.io.esm.min.js"
IMPORT = re.compile(r'^import \{[^}]+\} from "\./([\w.]+)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const) )", re.MULTILINE)
NOT_NEEDED = re.compile(r"^(?:[ \t]+|//.*\n|/\*\*.*\*/\n|\n)+|^//# sourceMappingURL.*$", re.MULTILINE)


@cache
def scripts() -> dict[str, bytes]:
    """What a version consists of, by name: ``main.js``, and ``client.js``, the client of Socket.IO."""
    joined = "".join(_modules("main.js", []))
    joined = joined.replace("async function start(", "export async function start(")
    return {"main.js": joined.encode(), "client.js": NOT_NEEDED.sub("", CLIENT.read_text("utf-8")).encode()}


def _modules(name: str, done: list[str]) -> list[str]:
    """The text of a module after those that it imports, each once."""
    done.append(name)
    text = (STATIC / name).read_text("utf-8")
    before = [part for other in IMPORT.findall(text) if other not in done for part in _modules(other, done)]
    return [*before, NOT_NEEDED.sub("", EXPORT.sub("", IMPORT.sub("", text)))]


@cache
def version() -> str:
    """A hash of all scripts: in the addresses of the modules, so that a browser may keep them for ever."""
    return hashlib.sha256(b"\0".join(scripts().values())).hexdigest()[:12]


@cache
def loader() -> bytes:
    """The script of the host page, which knows the version of what it fetches."""
    text = (STATIC / "widget.js").read_text("utf-8")
    return NOT_NEEDED.sub("", text).replace("WIDGET_VERSION", version()).encode()


@cache
def packed(script: bytes) -> bytes:
    """A script as gzip makes it smallest; the desk's own level is for what is packed anew each time."""
    return gzip.compress(script, 9, mtime=0)
