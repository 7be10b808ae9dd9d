"""The desk's processes: pages, background work, or both in one, on gevent, until they are told to stop.

What starts here has been patched for gevent by the console script.
"""

from __future__ import annotations

import errno
import gc
import logging
import os
import resource
import signal
import socket

import click
import gevent
from gevent.event import Event
from gevent.pywsgi import WSGIServer

from helpdesk.app import build_runtime, create_app
from helpdesk.config import Config, from_environment
from helpdesk.core.errors import Unavailable, _
from helpdesk.core.runtime import Runtime
from helpdesk.hooks.loader import Plugin
from helpdesk.i18n import render_message
from helpdesk.ops import migrate

from . import folder_lock, logs
from .bulk_pause import BulkPause
from .connections import Handler
from .heartbeat import Heartbeat
from .intake_socket import IntakeSocket
from .places import Places
from .worker import Worker

PATIENCE = 25.0  # seconds for what is in hand when we are told to stop
BEAT = 0.5  # seconds
FILES, KEPT = 65_536, 200  # open files at most, and those the desk needs for itself
KILLED = _("The desk stopped while this plugin was being called. The plugin is off until the desk is restarted.")

log = logging.getLogger("hamdel.server")


def run_watched(heartbeat: Heartbeat, without: tuple[str, ...] = ()) -> int:
    """Everything in one process, under a supervisor."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the supervisor receives it and stops this process
    os.environ["HELPDESK_PLUGINS"] = ",".join(name for name in from_environment().plugins if name not in without)
    stop, supervisor = _until_changed(), os.getppid()
    folder_lock.hold(from_environment().data_dir)
    folder_lock.use_key(from_environment().data_dir)
    runtime = build_runtime(from_environment())
    runtime.hooks.on_call = heartbeat.call
    runtime.hooks.plugins.update({name: Plugin(name, state="stopped", reason=KILLED) for name in without})
    return _serve(runtime, stop, worker=True, ready=lambda: gevent.spawn(_beat, heartbeat, stop, supervisor))


def run_web(config: Config) -> int:
    """Pages and sockets alone."""
    folder_lock.use_key(config.data_dir)
    return _serve(build_runtime(from_environment()), _until_changed(), worker=False)


def run_worker(config: Config) -> int:
    """Background work alone."""
    _log()
    folder_lock.use_key(config.data_dir)
    stop, runtime = _until_changed(), build_runtime(from_environment())
    _be_current(runtime, upgrade=False)
    runtime.notifier.listen()
    background = Background(runtime)
    stop.wait()
    background.stop()
    return 0


def _serve(runtime: Runtime, stop: Event, worker: bool, ready=lambda: None) -> int:
    _log()
    server = _listening(runtime.config)
    runtime.notifier.listen()
    runtime.reserve.keep()
    _be_current(runtime, upgrade=worker)
    app = create_app(runtime=runtime)
    server.application = app
    server.start()
    ready()
    background = Background(runtime) if worker else None
    _settle()
    click.echo(render_message(_("The desk is at %(url)s"), url=runtime.config.url))
    stop.wait()
    server.stop_accepting()
    app.extensions["live"].close()
    if background:
        background.stop()
    server.stop(timeout=2)
    return 0


def _settle() -> None:
    """What is here now stays for good: the collector need not look through it again and again, which would double the
    cost of a page.

    It looks at the rest seldom: with a thousand consoles one look takes a tenth of a second, in which nobody is served.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)


def _log() -> None:
    """Faults of greenlets go where all others go; a connection that breaks is none."""
    logs.begin()
    hub = gevent.get_hub()
    hub.NOT_ERROR = (*hub.NOT_ERROR, ConnectionError)
    hub.print_exception = lambda _context, kind, error, trace: log.error(
        "a greenlet failed", exc_info=(kind, error, trace)
    )


def _listening(config: Config) -> WSGIServer:
    """The server with its port taken, so that nothing else is begun when it cannot be had."""
    Handler.places = Places(_open_files() - KEPT, by_address=not config.proxies)
    server = WSGIServer((config.host, config.port), log=None, error_log=log, handler_class=Handler)
    try:
        server.init_socket()
        server.socket.setsockopt(
            socket.IPPROTO_TCP, socket.TCP_NODELAY, 1
        )  # else one event after another waits for the console's acknowledgement
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            sentence = _("Port %(port)s is taken. Please stop what uses it, or set %(name)s to another port.")
            raise Unavailable(sentence, port=str(config.port), name="HELPDESK_PORT") from None
        sentence = _("The desk cannot listen on %(place)s: %(fault)s. Please check %(names)s.")
        place = f"{config.host}:{config.port}"
        raise Unavailable(
            sentence, place=place, fault=os.strerror(error.errno or 0), names="HELPDESK_HOST, HELPDESK_PORT"
        ) from None
    return server


def _open_files() -> int:
    """How many files and connections this process may have open, raised as far as the system lets it."""
    most, highest = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if highest == resource.RLIM_INFINITY else min(FILES, highest)
    if most < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, highest))
    return max(most, wanted)


def _be_current(runtime: Runtime, upgrade: bool) -> None:
    if upgrade:
        migrate.upgrade(runtime)
    elif migrate.check(runtime):
        raise Unavailable(_("The database is not up to date. Please run: helpdesk init"))


class Background:
    """The background work of a process, and the socket by which the command line hands over raw messages."""

    def __init__(self, runtime: Runtime):
        runtime.pause_bulk = BulkPause()
        self.intake_socket = IntakeSocket(runtime)
        self.worker = Worker(runtime, runtime.notifier)
        self.worker.start()

    def stop(self) -> None:
        """Take nothing new, finish what is in hand."""
        self.intake_socket.close()
        self.worker.stop(PATIENCE)


def _until_changed() -> Event:
    stop = Event()
    gevent.signal_handler(signal.SIGTERM, stop.set)
    return stop


def _beat(heartbeat: Heartbeat, stop: Event, supervisor: int) -> None:
    """Show that this process is ready and not frozen; an orphan stops."""
    heartbeat.be_ready()
    while True:
        heartbeat.beat()
        if os.getppid() != supervisor:
            stop.set()
        gevent.sleep(BEAT)
