"""The only wiring: config, database, plugins, web, sockets, in that order."""

from __future__ import annotations

from pathlib import Path

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from .builtin import BUILTINS
from .config import Config, from_environment
from .core import draft_files, media, search  # noqa: F401  (its tables' triggers are made with the tables)
from .core.blobs import Blobs
from .core.database import make_engine, passing
from .core.errors import _
from .core.house import House
from .core.jobs.core import JOBS
from .core.jobs.kinds import JobKind, JobKinds
from .core.parsing import ParserPool
from .language import add_catalogues
from .plugins import Hooks, PluginRefused
from .vault import Vault
from .wake import Bell, RedisBell


def build_house(config: Config | None = None, bell: Bell | None = None) -> House:
    """Everything but the web: what the command line, the workers and the tests need."""
    config = config or from_environment()
    engine = make_engine(config.database_url)
    hooks = Hooks(passing=passing)
    for name, module in BUILTINS.items():
        hooks.add(name, module, builtin=True)
    if not config.safe_mode:
        hooks.load(config.plugins)
    learn_sentences(hooks)
    bell = bell or (RedisBell(config.redis_url) if config.redis_url else Bell())
    house = House(config, engine, hooks, Blobs(config.blobs), Vault(config.secret_key), parser=ParserPool(_environment(config)), wake=bell.ring)
    house.bell = bell
    house.channels, house.jobs = _channels(hooks), _jobs(hooks)
    registries = {"register_permissions": house.permissions, "register_settings": house.settings, "register_events": house.events}
    for hook, registry in registries.items():
        for plugin, item in hooks.gather(hook):
            registry.register(plugin, [item])
    return house


def _environment(config: Config) -> dict[str, str]:
    """What a parsing child must know: where files go and which plugins read."""
    return {
        "HELPDESK_DATA_DIR": str(config.data_dir),
        "HELPDESK_PLUGINS": ",".join(config.plugins),
        "HELPDESK_SAFE_MODE": "1" if config.safe_mode else "0",
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
            raise PluginRefused(_("The plugin %(name)s brings a channel named %(channel)s, which is there already."), name=plugin, channel=kind.name)
        channels[kind.name] = kind
    return channels


def _jobs(hooks: Hooks) -> JobKinds:
    kinds = JobKinds()
    kinds.register("core", [*JOBS, *draft_files.JOBS, media.FETCH])
    for plugin, kind in hooks.gather("register_jobs"):
        kinds.register(plugin, [kind] if isinstance(kind, JobKind) else [])
    return kinds


def create_app(config: Config | None = None, house: House | None = None) -> Flask:
    """The web application. ``house`` may be given by whoever shares it with workers in the same process."""
    from . import web
    from .web import session

    house = house or build_house(config)
    app = Flask("helpdesk", static_folder=None, template_folder="web/templates")
    app.config.update(
        SECRET_KEY=house.config.secret_key,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=house.config.url.startswith("https://"),
    )
    if house.config.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=house.config.proxies, x_proto=house.config.proxies)
    app.url_map.strict_slashes = False
    session.init(app, house)
    web.mount(app)
    return app
