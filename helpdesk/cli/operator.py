"""What an operator does on the command line: look after the desk, back it up, bring it back, run its parts apart."""

from __future__ import annotations

import importlib.metadata
import re
import shutil
import socket
import stat
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from helpdesk.config import database_files
from helpdesk.core.errors import _
from helpdesk.core.runtime import Runtime
from helpdesk.core.tickets import counters
from helpdesk.i18n import render_message
from helpdesk.ops import migrate
from helpdesk.ops.backup import backup, restore, resume
from helpdesk.ops.health import Finding, findings

PYTHON = (3, 11)
SPACE = 1024**3  # bytes of disk below which the desk is in danger
STARTED_LATER = {"worker"}  # not a fault while the desk does not run


def register(cli) -> None:
    """Add the operator's commands to the command line."""
    for command in (doctor, backup_command, restore_command, resume_command, web, worker):
        cli.add_command(command)


@click.command()
@click.pass_obj
def doctor(commands):
    """Check everything the desk needs and say what to do about each fault; exit code 1 when there is one."""
    ill = 0
    for finding in examine(commands.runtime):
        cause = render_message(finding.sentence, **finding.values) if finding.sentence else ""
        click.echo(f"{'ok ' if finding.well else '!! '} {finding.part:12} {cause}".rstrip())
        ill += not finding.well
    sys.exit(1 if ill else 0)


@click.command("backup")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--with-key",
    is_flag=True,
    help=_("Include the secret key; whoever has it can read the stored passwords of accounts."),
)
@click.pass_obj
def backup_command(commands, folder, with_key):
    """Back up rows and files into FOLDER while the desk runs; repeated, it copies only new files."""
    about = backup(commands.runtime, folder, with_key)
    sentence = _("Saved in %(folder)s. Rows: %(rows)s, files: %(files)s.")
    click.echo(render_message(sentence, rows=sum(about["tables"].values()), files=about["files"], folder=str(folder)))
    if not with_key:
        click.echo(
            render_message(
                _("The secret key is not among them; keep %(path)s in another safe place."),
                path=str(commands.runtime.data_dir / "secret.key"),
            )
        )


@click.command("restore")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.pass_obj
def restore_command(commands, folder):
    """Restore the backup in FOLDER into an empty desk. It sends nothing until you run helpdesk resume."""
    about = restore(commands.runtime, folder)
    sentence = _("Restored. Rows: %(rows)s, files: %(files)s. Nothing is sent until you run: helpdesk resume")
    click.echo(render_message(sentence, rows=sum(about["tables"].values()), files=about["files"]))


@click.command("resume")
@click.pass_obj
def resume_command(commands):
    """Let a restored desk send again."""
    click.echo(render_message(_("The desk sends again.") if resume(commands.runtime) else _("Sending was not paused.")))


@click.command()
@click.pass_obj
def web(commands):
    """Serve pages and live updates only; background work runs in helpdesk worker."""
    from helpdesk.runtime.server import run_web

    sys.exit(run_web(commands.config))


@click.command()
@click.pass_obj
def worker(commands):
    """Fetch, listen and send only, without pages."""
    from helpdesk.runtime.server import run_worker

    sys.exit(run_worker(commands.config))


# The examination --------------------------------------------------------------------------------------------------


def examine(runtime: Runtime) -> Iterator[Finding]:
    """Everything the running desk looks at, and what can only be seen from outside."""
    running = _answers(runtime.config.host, runtime.config.port)
    yield from _python()
    yield from _libraries()
    yield from _key(runtime)
    yield from _database_file(runtime)
    yield from _folder(runtime)
    yield from _space(runtime)
    yield from _counters(runtime)
    yield Finding("port", *_port(runtime, running))
    for finding in findings(runtime):
        if running or finding.part not in STARTED_LATER:
            yield finding


def _python() -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    sentence = _("Python %(version)s is too old; the desk needs %(needed)s.")
    needed = ".".join(map(str, PYTHON))
    yield (
        Finding("python", sentence, {"version": version, "needed": needed})
        if sys.version_info < PYTHON
        else Finding("python")
    )


def _libraries() -> Iterator[Finding]:
    missing = [name for name in _required() if not _installed(name)]
    sentence = _("These libraries are missing: %(names)s. Please install the desk again.")
    yield Finding("libraries", sentence, {"names": ", ".join(missing)}) if missing else Finding("libraries")


def _required() -> list[str]:
    """The libraries the desk cannot do without, as its own package names them."""
    lines = importlib.metadata.distribution("hamdel").requires or []
    return [re.match(r"[A-Za-z0-9._-]+", line)[0] for line in lines if "extra ==" not in line]


def _installed(name: str) -> bool:
    try:
        importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def _key(runtime: Runtime) -> Iterator[Finding]:
    return _closed("secret key", [runtime.data_dir / "secret.key"])


def _database_file(runtime: Runtime) -> Iterator[Finding]:
    """What customers write stands in it, wherever it is."""
    return _closed("database file", database_files(runtime.config.database_url))


def _closed(name: str, paths: Iterable[Path]) -> Iterator[Finding]:
    """What is closed at start where that is possible; whoever else owns it must close it."""
    sentence = _("Others can read %(path)s. Please run: chmod 600 %(path)s")
    open_ = [path for path in paths if path.exists() and path.stat().st_mode & 0o077]
    yield Finding(name, sentence, {"path": str(open_[0])}) if open_ else Finding(name)


def _folder(runtime: Runtime) -> Iterator[Finding]:
    """The data folder is closed at start where that is possible; who else owns it must close it."""
    mode = stat.S_IMODE(runtime.data_dir.stat().st_mode)
    sentence = _("Other users of this machine can look into %(path)s. Please run: chmod 700 %(path)s")
    yield Finding("data folder", sentence, {"path": str(runtime.data_dir)}) if mode & 0o077 else Finding("data folder")


def _space(runtime: Runtime) -> Iterator[Finding]:
    free = shutil.disk_usage(runtime.data_dir).free
    sentence = _("Only %(megabytes)s MB are left on the disk of %(path)s.")
    yield (
        Finding("disk", sentence, {"megabytes": free // 1024**2, "path": str(runtime.data_dir)})
        if free < SPACE
        else Finding("disk")
    )


def _counters(runtime: Runtime) -> Iterator[Finding]:
    """The counters of queues and people, against the tickets; those that are wrong are counted anew."""
    if migrate.check(runtime):
        return
    with runtime.uow() as uow:
        wrong = counters.mend(uow)
    sentence = _("%(count)s counters of queues and people were wrong. They have been counted anew.")
    yield Finding("counters", sentence, {"count": wrong}) if wrong else Finding("counters")


def _port(runtime: Runtime, running: bool) -> tuple[str, dict]:
    """A taken port is well when a desk answers there."""
    place = {"port": str(runtime.config.port), "name": "HELPDESK_PORT"}
    if running or _free(runtime.config.host, runtime.config.port):
        return "", {}
    return _("Port %(port)s is taken. Please stop what uses it, or set %(name)s to another port."), place


def _answers(host: str, port: int) -> bool:
    """True when a desk answers on this port."""
    try:
        with socket.create_connection((host, port), timeout=2) as connection:
            connection.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
            return b" 200 " in connection.recv(64)
    except OSError:
        return False


def _free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
