"""What the environment says about this desk, read once."""

from __future__ import annotations

import ipaddress
import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import distribution
from pathlib import Path
from urllib.parse import urlsplit

from helpdesk import key_ring
from helpdesk.core.errors import Invalid, _
from helpdesk.key_ring import KeyRing, OldKey

OLD_KEYS = "HELPDESK_OLD_SECRET_KEYS"
PRIVATE = ("127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")  # RFC 1918, 4193


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
    older_keys: tuple[OldKey, ...] = ()
    key_given: bool = False  # the secret key stands in the environment, not in the data folder
    plugins: tuple[str, ...] = ()
    safe_mode: bool = False
    proxies: int = 0
    private_networks: tuple[str, ...] = ()

    @property
    def blobs(self) -> Path:
        """Where attachments and large raw messages are."""
        return self.data_dir / "blobs"


def from_environment(environ=os.environ) -> Config:
    """Read the ``HELPDESK_*`` variables; make the data folder and its secret key when they are missing."""
    data_dir = _folder(Path(environ.get("HELPDESK_DATA_DIR") or "var").absolute())
    port = _port(environ.get("HELPDESK_PORT", "8000"))
    database = _secret("HELPDESK_DATABASE_URL", environ) or f"sqlite:///{data_dir / 'hamdel.db'}"
    _close(database)
    redis = _secret("HELPDESK_REDIS_URL", environ)
    url = (environ.get("HELPDESK_URL") or f"http://127.0.0.1:{port}").rstrip("/")
    names = environ.get("HELPDESK_PLUGINS")
    given = _secret("HELPDESK_SECRET_KEY", environ)
    keys = KeyRing(given) if given else key_ring.kept(data_dir / "secret.key")
    older = _older_keys(_secret(OLD_KEYS, environ))
    return Config(
        data_dir=data_dir,
        database_url=_address("HELPDESK_DATABASE_URL", database, "sqlite", "postgresql", "postgresql+psycopg"),
        redis_url=redis and _address("HELPDESK_REDIS_URL", redis, "redis", "rediss", "unix"),
        host=environ.get("HELPDESK_HOST", "127.0.0.1"),
        port=port,
        url=_address("HELPDESK_URL", url, "http", "https"),
        secret_key=keys.current,
        older_keys=keys.older + older,
        key_given=bool(given),
        plugins=bundled() if names is None else tuple(n.strip() for n in names.split(",") if n.strip()),
        safe_mode=environ.get("HELPDESK_SAFE_MODE", "") not in ("", "0"),
        private_networks=_private_networks(environ),
        proxies=_whole("HELPDESK_PROXIES", environ.get("HELPDESK_PROXIES") or "0"),
    )


def bundled() -> tuple[str, ...]:
    """The plugins that come with the desk itself: the entry points of its own package."""
    return tuple(
        sorted(point.name for point in distribution("hamdel").entry_points if point.group == "helpdesk.plugins")
    )


def revealed(value: str, environ=os.environ) -> str:
    """The secret itself where a value says ``$env:NAME`` or ``$file:PATH``, else the value."""
    if value.startswith("$env:"):
        return environ.get(value[5:], "")
    if value.startswith("$file:"):
        return Path(value[6:]).read_text().strip()
    return value


def _folder(path: Path) -> Path:
    """The data folder, closed to the machine's other users also when somebody made it beforehand: it holds what
    customers write.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = path.stat()
        if found.st_mode & 0o077 and found.st_uid == os.geteuid():
            path.chmod(0o700)
    except OSError as error:
        raise Invalid(_("HELPDESK_DATA_DIR cannot be made: %(reason)s."), reason=error.strerror) from error
    return path


def database_files(url: str) -> list[Path]:
    """The files of an SQLite database that are there; none of another kind of database."""
    name = url.removeprefix("sqlite:///").partition("?")[0] if url.startswith("sqlite:///") else ""
    return [path for path in (Path(f"{name}{end}") for end in ("", "-wal", "-shm")) if name and path.is_file()]


def _close(database: str) -> None:
    """Take the database from the machine's other users, also where it was made beside the data folder."""
    for path in database_files(database):
        with suppress(OSError):
            if path.stat().st_mode & 0o077:
                path.chmod(0o600)


def _secret(name: str, environ) -> str:
    """The variable's value; one that stands elsewhere must stand there, or the desk would quietly begin with
    another.
    """
    value = environ.get(name, "")
    try:
        secret = revealed(value, environ)
    except (OSError, UnicodeDecodeError):
        secret = ""
    if value and not secret:
        raise Invalid(_("%(name)s points to a place where nothing stands."), name=name)
    return secret


def _older_keys(value: str) -> tuple[OldKey, ...]:
    """Keys with commas between; what one signed counts until the end of the day before it, else as long as it stands
    there.
    """
    keys = []
    for part in filter(None, (part.strip() for part in value.split(","))):
        day, _blank, key = part.rpartition(" ")
        try:
            last = date.fromisoformat(day.strip()) + timedelta(days=1) if day else date.max
        except ValueError:
            sentence = _("%(name)s must be keys with commas between, such as %(example)s.")
            raise Invalid(sentence, name=OLD_KEYS, example="KEY,2027-01-31 KEY") from None
        keys.append(OldKey(key, datetime(last.year, last.month, last.day, tzinfo=UTC)))
    return tuple(keys)


def _port(value: str) -> int:
    if not (value.isascii() and value.isdigit() and 0 < int(value) < 65536):
        raise Invalid(_("%(name)s must be a port number; it is “%(value)s”."), name="HELPDESK_PORT", value=value)
    return int(value)


def _address(name: str, value: str, *schemes: str) -> str:
    """The address, when it is one of these schemes with a port that can be; it may hold a password, so nobody
    repeats it.
    """
    try:
        parts = urlsplit(value)
        good = parts.scheme in schemes and "://" in value and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise Invalid(
            _("%(name)s must be an address that begins with %(beginnings)s."),
            name=name,
            beginnings=", ".join(f"{s}://" for s in schemes),
        )
    return value


def _whole(name: str, value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 4):
        raise Invalid(_("%(name)s must be a whole number; it is “%(value)s”."), name=name, value=value)
    return int(value)


def _private_networks(environ) -> tuple[str, ...]:
    """The private networks that may be called: those named, and with HELPDESK_PRIVATE_ADDRESSES all but link-local
    ones, where machines of a cloud give out their secrets.
    """
    named = _networks("HELPDESK_PRIVATE_NETWORKS", environ.get("HELPDESK_PRIVATE_NETWORKS", ""))
    return named + (PRIVATE if environ.get("HELPDESK_PRIVATE_ADDRESSES", "") not in ("", "0") else ())


def _networks(name: str, value: str) -> tuple[str, ...]:
    given = tuple(part.strip() for part in value.split(",") if part.strip())
    try:
        return tuple(str(ipaddress.ip_network(part)) for part in given)
    except ValueError:
        raise Invalid(
            _("%(name)s must be networks such as %(example)s, with commas between."), name=name, example="10.0.0.0/8"
        ) from None
