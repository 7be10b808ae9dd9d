"""What the environment says about this desk, read once."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path

from .core.errors import Invalid, _


@dataclass(frozen=True)
class Config:
    """The desk's settings from outside. ``data_dir`` holds database, files and keys unless a setting says otherwise."""

    data_dir: Path
    database_url: str
    redis_url: str = ""
    host: str = "127.0.0.1"
    port: int = 8000
    url: str = "http://127.0.0.1:8000"
    secret_key: str = ""
    plugins: tuple[str, ...] = ()
    safe_mode: bool = False
    proxies: int = 0

    @property
    def blobs(self) -> Path:
        """Where attachments and large parcels are."""
        return self.data_dir / "blobs"


def from_environment(environ=os.environ) -> Config:
    """Read the ``HELPDESK_*`` variables; make the data folder and its secret key when they are missing."""
    data_dir = Path(environ.get("HELPDESK_DATA_DIR", "var")).absolute()
    data_dir.mkdir(parents=True, exist_ok=True)
    port = _port(environ.get("HELPDESK_PORT", "8000"))
    names = environ.get("HELPDESK_PLUGINS")
    return Config(
        data_dir=data_dir,
        database_url=revealed(environ.get("HELPDESK_DATABASE_URL") or f"sqlite:///{data_dir / 'hamdel.db'}", environ),
        redis_url=revealed(environ.get("HELPDESK_REDIS_URL", ""), environ),
        host=environ.get("HELPDESK_HOST", "127.0.0.1"),
        port=port,
        url=environ.get("HELPDESK_URL", f"http://127.0.0.1:{port}").rstrip("/"),
        secret_key=revealed(environ.get("HELPDESK_SECRET_KEY", ""), environ) or _kept_key(data_dir / "secret.key"),
        plugins=bundled() if names is None else tuple(n.strip() for n in names.split(",") if n.strip()),
        safe_mode=environ.get("HELPDESK_SAFE_MODE", "") not in ("", "0"),
        proxies=int(environ.get("HELPDESK_PROXIES") or 0),
    )


def bundled() -> tuple[str, ...]:
    """The plugins that come with the desk itself: the entry points of its own package."""
    return tuple(sorted(point.name for point in distribution("hamdel").entry_points if point.group == "helpdesk.plugins"))


def revealed(value: str, environ=os.environ) -> str:
    """The secret itself where a value says ``$env:NAME`` or ``$file:PATH``, else the value."""
    if value.startswith("$env:"):
        return environ.get(value[5:], "")
    if value.startswith("$file:"):
        return Path(value[6:]).read_text().strip()
    return value


def _port(value: str) -> int:
    if not (value.isascii() and value.isdigit() and 0 < int(value) < 65536):
        raise Invalid(_("%(name)s must be a port number; it is “%(value)s”."), name="HELPDESK_PORT", value=value)
    return int(value)


def _kept_key(path: Path) -> str:
    """The key in this file, made when there is none; of several processes that begin at once, one makes it for all."""
    if not path.exists():
        own = path.with_name(f"{path.name}.{os.getpid()}")
        with os.fdopen(os.open(own, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
        with suppress(FileExistsError):
            os.link(own, path)
        own.unlink()
    return path.read_text().strip()
