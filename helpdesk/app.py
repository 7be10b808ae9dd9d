"""The only wiring: config, database, plugins, web, sockets, in that order."""

from __future__ import annotations

import json
from pathlib import Path

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from helpdesk.core.database.engine import is_transient, make_engine
from helpdesk.core.errors import _
from helpdesk.core.intake.parser_pool import ParserPool
from helpdesk.core.jobs.core import JOBS
from helpdesk.core.jobs.kinds import JobKind, JobKinds
from helpdesk.core.outbox.own_reactions import REACT
from helpdesk.core.outbox.sent_changes import CHANGE
from helpdesk.core.records.erase import ERASE
from helpdesk.core.runtime import Runtime
from helpdesk.core.storage.blobs import Blobs
from helpdesk.core.tickets import draft_files, media, search  # noqa: F401  (its tables' triggers are made with the tables)
from helpdesk.core.waiting.settings import GROUP as WAITING
from helpdesk.core.waiting.settings import group_for
from helpdesk.hooks.loader import Hooks, PluginRefused
from helpdesk.runtime.local_notifier import LocalNotifier
from helpdesk.runtime.notifier import Notifier, RedisNotifier
from helpdesk.security.secret_box import SecretBox

from .builtin import BUILTINS
from .config import Config, from_environment
from .i18n import add_catalogues
from .security import http


def build_runtime(config: Config | None = None, notifier: Notifier | None = None) -> Runtime:
    """Everything but the web: what the command line, the workers and the tests need."""
    config = config or from_environment()
    http.allow_private(config.private_networks)
    engine = make_engine(config.database_url)
    hooks = Hooks(passing=is_transient)
    for name, module in BUILTINS.items():
        hooks.add(name, module, builtin=True)
    if not config.safe_mode:
        hooks.load(config.plugins)
    learn_sentences(hooks)
    notifier = notifier or (RedisNotifier(config.redis_url) if config.redis_url else LocalNotifier(config.data_dir))
    channels = _channels(hooks)
    runtime = Runtime(
        config,
        engine,
        hooks,
        Blobs(config.blobs),
        SecretBox(config.secret_key, [old.key for old in config.older_keys]),
        ParserPool(_environment(config, channels)),
        wake=notifier.notify,
    )
    runtime.notifier, runtime.live.publish, notifier.receive = notifier, notifier.publish, runtime.live.receive
    runtime.channels, runtime.jobs = channels, _jobs(hooks)
    http.allow_own(port for _plugin, port in hooks.gather("register_own_ports", runtime=runtime))
    _register(hooks, runtime)
    return runtime


def _register(hooks: Hooks, runtime: Runtime) -> None:
    """Everything plugins declare, in the registry of its kind."""
    registries = {
        "register_permissions": runtime.permissions,
        "register_settings": runtime.settings,
        "register_events": runtime.events,
        "register_clocks": runtime.clocks,
        "register_conditions": runtime.conditions,
        "register_actions": runtime.actions,
        "register_checks": runtime.checks,
        "register_metrics": runtime.metrics,
        "register_variables": runtime.variables,
        "register_waiting_kinds": runtime.waiting_kinds,
        "register_business_hours": runtime.business_hours,
    }
    for hook, registry in registries.items():
        for plugin, item in hooks.gather(hook):
            registry.register("core" if plugin in BUILTINS and hook != "register_settings" else plugin, [item])
    runtime.settings.register(WAITING, [group_for(runtime.waiting_kinds.values())])


def _environment(config: Config, channels: dict[str, type]) -> dict[str, str]:
    """What a parsing child must know: where files go, and where each channel's class is. It imports no more of them."""
    return {
        "HELPDESK_DATA_DIR": str(config.data_dir),
        "PARSE_CHANNELS": json.dumps(
            {name: [kind.__module__, kind.__qualname__, kind.interactive] for name, kind in channels.items()}
        ),
        "HELPDESK_SECRET_KEY": "not for children",
    }


def learn_sentences(hooks: Hooks) -> None:
    """Let each plugin's own catalogue take part."""
    for plugin in hooks.plugins.values():
        if getattr(plugin.module, "__file__", None):
            add_catalogues(Path(plugin.module.__file__).parent / "translations")


def _channels(hooks: Hooks) -> dict:
    channels = {}
    for plugin, kind in hooks.gather("register_channels"):
        if kind.name in channels:
            raise PluginRefused(
                _("The plugin %(name)s brings a channel named %(channel)s, which is there already."),
                name=plugin,
                channel=kind.name,
            )
        kind.plugin = plugin
        channels[kind.name] = kind
    return channels


def _jobs(hooks: Hooks) -> JobKinds:
    kinds = JobKinds()
    kinds.register("core", [*JOBS, *draft_files.JOBS, media.FETCH, CHANGE, REACT, ERASE])
    for plugin, kind in hooks.gather("register_jobs"):
        kinds.register(plugin, [kind] if isinstance(kind, JobKind) else [])
    return kinds


def create_app(config: Config | None = None, runtime: Runtime | None = None) -> Flask:
    """The web application. ``runtime`` may be given by whoever shares it with workers in the same process."""
    from . import web
    from .web import session

    runtime = runtime or build_runtime(config)
    app = Flask("helpdesk", static_folder=None, template_folder="web/templates")
    app.config.update(
        SECRET_KEY=runtime.config.secret_key,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=runtime.config.url.startswith("https://"),
    )
    app.url_map.strict_slashes = False
    session.init(app, runtime)
    web.mount(app)
    if runtime.config.proxies:  # outermost, so that whoever counts by address counts the visitor's
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=runtime.config.proxies, x_proto=runtime.config.proxies)
    return app
