"""The shape of the code: import contracts, the two laws of naming, sizes, and what lock files may hold."""

import ast
import json
import re
import statistics
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
OURS = ("helpdesk", "plugins", "training")
SOURCES = sorted(path for folder in OURS for path in (ROOT / folder).rglob("*.py"))
CORE_MAY_IMPORT = sys.stdlib_module_names | {
    "helpdesk",
    "sqlalchemy",
    "marshmallow",
    "pluggy",
    "cronsim",
    "phonenumbers",
    "idna",
    "persiantools",
}
CHANNEL_WORDS = frozenset("email mail imap smtp lmtp mime maildir mbox telegram whatsapp instagram sms".split())
READ = (".py", ".html", ".txt", ".js", ".css", ".svg")
STAFF = "staff sign in with an e-mail address, whatever channels the desk has"
ALLOWED_WORDS = {
    "helpdesk/core/people/models.py": (STAFF, {"email"}),
    "helpdesk/core/validation_messages.py": (
        "what marshmallow says of an address, to put our sentence in its place",
        {"email"},
    ),
    "helpdesk/core/fields": ("a custom field may hold an address, whatever channels the desk has", {"email"}),
    "helpdesk/web/fields": ("a custom field may hold an address, whatever channels the desk has", {"email"}),
    "helpdesk/core/people/users.py": (STAFF, {"email"}),
    "helpdesk/cli/main.py": (STAFF, {"email"}),
    "helpdesk/web/auth": (STAFF, {"email"}),
    "helpdesk/web/admin": (STAFF, {"email"}),
    "helpdesk/web/rest/resources.py": (STAFF, {"email"}),
    "helpdesk/web/rest/schemas.py": (STAFF, {"email"}),
    "helpdesk/testing/processes.py": ("the listener's port is a variable of the public face", {"smtp"}),
    "tools/i18n.py": ("the header of a catalogue has a line MIME-Version", {"mime"}),
}


def named(path):
    return path.relative_to(ROOT).as_posix()


def run(*command):
    """Run `command` in the project folder; returns (exit code, everything it printed)."""
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
    return done.returncode, done.stdout


def words(text):
    """The single words of identifiers and sentences: `smtpPort`, `smtp_port` and "SMTP port" all hold smtp and port."""
    parted = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", text.replace("e-mail", "email").replace("E-mail", "email"))
    return {word.lower() for word in re.findall(r"[A-Za-z]+", parted)}


def functions():
    """(lines without the docstring, "file:line name") of every function of ours."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                said = node.body[0] if ast.get_docstring(node) else None
                reported = said.end_lineno - said.lineno + 1 if said else 0
                yield node.end_lineno - node.lineno + 1 - reported, f"{named(path)}:{node.lineno} {node.name}"


def test_floors_import_only_downwards():
    code, printed = run(str(Path(sys.executable).with_name("lint-imports")), "--no-cache")
    assert code == 0, printed


def is_meant(remark):
    """True when the line a pyflakes remark speaks of says so itself."""
    path, line = remark.split(":")[:2]
    return "# noqa: F" in (ROOT / path).read_text("utf-8").splitlines()[int(line) - 1]


def test_every_folder_of_code_is_a_package():
    """The contracts see nothing of a folder without __init__.py."""
    assert [named(path.parent) for path in SOURCES if not (path.parent / "__init__.py").exists()] == []


def test_domain_names_are_idna_2008_in_one_place():
    """Python's own codec, also behind the resolver and TLS, writes other domains than browsers and mail servers do."""
    uses = [named(path) for path in SOURCES if re.search(r"import idna|[\"']idna[\"']", path.read_text("utf-8"))]
    assert uses == ["helpdesk/core/domains.py", "plugins/email/charset.py"]  # the second refuses it as a charset


def test_nothing_is_imported_or_named_in_vain():
    folders = [name for name in (*OURS, "tests", "tools", "wsgi.py") if (ROOT / name).exists()]
    _, printed = run(sys.executable, "-m", "pyflakes", *folders)
    remarks = [line for line in printed.splitlines() if re.match(r"\S+\.py:\d+", line)]
    unmeant = [remark for remark in remarks if not is_meant(remark)]
    assert not unmeant, "\n".join(unmeant)


def test_core_needs_no_framework():
    foreign = []
    for path in (ROOT / "helpdesk/core").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            foreign += [f"{named(path)} imports {name}" for name in names if name.split(".")[0] not in CORE_MAY_IMPORT]
    assert foreign == []


def channel_words(place):
    """{file: the channels' words in it} of a file or folder."""
    paths = [place] if place.is_file() else [path for path in place.rglob("*") if path.suffix in READ]
    found = {named(path): words(path.read_text("utf-8")) & CHANNEL_WORDS for path in paths}
    return {path: reported for path, reported in found.items() if reported}


def test_nothing_in_helpdesk_names_a_channel():
    found = channel_words(ROOT / "helpdesk")
    for place, (_, allowed) in ALLOWED_WORDS.items():
        for path in found:
            if f"{path}/".startswith(f"{place}/"):
                found[path] = found[path] - allowed
    assert {path: reported for path, reported in found.items() if reported} == {}


@pytest.mark.parametrize("place", ALLOWED_WORDS)
def test_an_allowance_is_still_needed(place):
    assert ALLOWED_WORDS[place][1] - set().union(*channel_words(ROOT / place).values()) == set()


def test_core_does_not_know_training():
    assert [
        named(path) for path in (ROOT / "helpdesk/core").rglob("*.py") if "training" in words(path.read_text("utf-8"))
    ] == []


def test_functions_are_short():
    lengths = list(functions())
    assert statistics.median(length for length, _ in lengths) <= 9
    long = sorted((length, where) for length, where in lengths if length > 40)
    assert len(long) <= 3, long


def test_modules_are_short_and_say_what_they_answer_for():
    sizes = {named(path): path.read_text("utf-8").count("\n") for path in SOURCES}
    assert {path: lines for path, lines in sizes.items() if lines > 300} == {}
    assert [named(path) for path in SOURCES if not ast.get_docstring(ast.parse(path.read_text("utf-8")))] == []


def test_types_are_strict_with_few_exceptions():
    config = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["mypy"]
    assert config == {"strict": True, "files": ["helpdesk/core", "helpdesk/api", "helpdesk/hooks"]}
    ignores = [
        (f"{named(path)}:{number}", line)
        for path in SOURCES
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if "type: ignore" in line or "mypy:" in line
    ]
    assert [where for where, line in ignores if not re.search(r"type: ignore\[[a-z-]+\]", line)] == []
    assert len(ignores) <= 20, ignores


def test_package_lock_holds_no_addresses():
    lock = json.loads((ROOT / "package-lock.json").read_text("utf-8"))
    assert len(lock["packages"]) > 3
    assert [name for name, package in lock["packages"].items() if "resolved" in package] == []
    assert [name for name, package in lock["packages"].items() if name and "integrity" not in package] == []


def test_package_lock_serves_every_machine_and_a_desk_needs_no_tools():
    """A program in many builds is locked for each of them; what only checks our pages and scripts is for developers."""
    lock = json.loads((ROOT / "package-lock.json").read_text("utf-8"))["packages"]
    manifest = json.loads((ROOT / "package.json").read_text("utf-8"))
    builds = {name for package in lock.values() for name in package.get("optionalDependencies", {})}
    assert builds and builds <= {path.removeprefix("node_modules/") for path in lock}
    tools = {path for path in lock if path.startswith(("node_modules/@biomejs/", "node_modules/axe-core"))}
    assert len(tools) > 5 and all(lock[path].get("dev") for path in tools)
    assert manifest["dependencies"].keys().isdisjoint(manifest["devDependencies"])
    assert "node --omit=dev" in (ROOT / "Makefile").read_text("utf-8").partition("node_modules/.stamp:")[2]


def test_outgoing_http_is_guarded():
    """Nothing but the guarded transport speaks HTTP to other servers; tests and stand-ins ask their own desk."""
    clients = re.compile(
        r"^\s*(?:import|from) (?:httpx|httpcore|requests|aiohttp|urllib3|urllib\.request|http\.client import HTTPS?C)",
        re.M,
    )
    uses = {named(path) for path in SOURCES if clients.search(path.read_text("utf-8"))}
    provider = "plugins/handset/standins/server.py"  # plays somebody else's server, which pushes to this desk
    ours = {"helpdesk/security/guarded.py", "helpdesk/security/http.py", "helpdesk/testing/processes.py"}
    assert uses == {*ours, provider}


@pytest.mark.parametrize("path", sorted((ROOT / "requirements").glob("*.txt")), ids=lambda path: path.stem)
def test_requirements_are_versions_and_hashes_only(path):
    entries = path.read_text("utf-8").replace("\\\n", " ").splitlines()
    pinned = re.compile(r"[A-Za-z0-9_.\[\]-]+==[^\s;]+( ; [^-]+)?(\s+--hash=sha256:[0-9a-f]{64})+\s*")
    assert entries
    assert [entry[:80] for entry in entries if not pinned.fullmatch(entry)] == []
