"""Plugins: found by name, called in four ways, their faults kept apart.

An entry point in the group ``helpdesk.plugins`` makes a plugin available, configuration switches it on. A fault in one
hook is written down against its plugin and never reaches the next plugin or the caller. In-process plugins are trusted
code: this guards against mistakes, not against malice.
"""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from inspect import isroutine, signature
from typing import Any

import pluggy

from helpdesk.core.errors import HelpdeskError, _, dump_message, load_message
from helpdesk.core.journal.unit_of_work import WRITING, code_of

from . import specs
from .markers import API, GROUP, PROJECT

DEADLINE = 2.0  # seconds a hook may take
STRIKES, WITHIN = 3, 600.0  # this many overruns in so many seconds switch a plugin off
FAULTS = (Exception, SystemExit)  # sys.exit() in a hook would end a thread of the desk without a word

log = logging.getLogger("hamdel.plugins")


class PluginRefused(HelpdeskError):
    """A plugin that cannot be loaded; the sentence says why."""


@dataclass
class Plugin:
    """What is known of one plugin: ``state`` is on, off, refused or stopped; ``reason`` says why it is not on
    (``dump_message``).
    """

    name: str
    module: Any = None
    state: str = "on"
    reason: str = ""
    builtin: bool = False
    overruns: list[float] = field(default_factory=list)  # when it took too long lately, by the monotonic clock
    failures: int = 0  # faults since the start; ``faults`` is emptied when they are saved
    faults: list[tuple[str, str]] = field(default_factory=list)  # (hook, text), newest last, until they are saved

    @property
    def description(self) -> str:
        """What it does, in one sentence of its own catalogue; "" while it is off, since nothing of it is loaded
        then.
        """
        said = getattr(self.module, "DESCRIPTION", "")
        return said if isinstance(said, str) else ""


def _deadline(seconds: float) -> Any:
    """A timeout that interrupts a cooperative wait under gevent; elsewhere overruns are noticed afterwards."""
    try:
        from gevent import Timeout, monkey  # type: ignore[import-untyped]
    except ImportError:
        return None
    return Timeout(seconds) if monkey.is_module_patched("socket") else None


class Hooks:
    """All loaded plugins and the four ways to call them: ``gather``, ``pipe``, ``ask``, ``announce``.

    An error of which ``passing`` is true is no plugin's fault (the database is away) and goes on to the caller.
    """

    def __init__(
        self,
        deadline: float = DEADLINE,
        on_call: Callable[[str], None] | None = None,
        passing: Callable[[Exception], bool] = lambda error: False,
    ):
        self.manager = pluggy.PluginManager(PROJECT)
        self.manager.add_hookspecs(specs)
        self.plugins: dict[str, Plugin] = {}
        self._specified: list[Any] = []
        self.deadline = deadline
        self.on_call = on_call
        self.passing = passing

    # Loading -----------------------------------------------------------------------------------------------------

    def add(self, name: str, module: Any, builtin: bool = False) -> Plugin:
        """Register a module or object as a plugin. A plugin that does not fit is kept as ``refused`` with the
        reason.
        """
        plugin = Plugin(name, module, builtin=builtin)
        self.plugins[name] = plugin
        try:
            self._check(module, builtin)
            self.specify(module)
            self.manager.register(module, name=name)
            self._check_hooks(module)
        except HelpdeskError as error:
            self.refuse(plugin, dump_message(error))
        except Exception as error:
            self.refuse(plugin, dump_message(str(error)))
        return plugin

    def load(self, wanted: Iterable[str]) -> None:
        """Load the named plugins from their entry points, one by one; those installed but not wanted stay ``off``."""
        wanted = list(wanted)
        available = {point.name: point for point in entry_points(group=GROUP)}
        modules: dict[str, Any] = {}
        for name in wanted:
            if name not in available:
                reason = dump_message(_("No installed package offers a plugin named %(name)s."), name=name)
                self.plugins[name] = Plugin(name, state="refused", reason=reason)
                continue
            try:
                module = available[name].load()
                self.specify(module)
            except FAULTS as error:
                reason = dump_message(_("It could not be imported: %(fault)s"), fault=str(error))
                self.plugins[name] = Plugin(name, state="refused", reason=reason)
                continue
            modules[name] = module
        for name, module in modules.items():
            self.add(name, module)
        for name in available.keys() - set(wanted):
            self.plugins[name] = Plugin(name, state="off")

    def specify(self, module: Any) -> None:
        """Let other plugins implement the hooks that this one brings, whichever of them is loaded first: the functions
        marked ``hookspec`` of its module ``SPECS``.
        """
        own = getattr(module, "SPECS", None)
        if own is not None and own not in self._specified:
            self._specified.append(own)
            self.manager.add_hookspecs(own)

    def refuse(self, plugin: Plugin, reason: str, state: str = "refused") -> None:
        """Take a plugin out, with a reason the admin sees."""
        plugin.state, plugin.reason = state, reason
        if self.manager.has_plugin(plugin.name):
            self.manager.unregister(name=plugin.name)
        log.warning("plugin %s is %s: %s", plugin.name, state, load_message(reason))

    def _check(self, module: Any, builtin: bool) -> None:
        version = getattr(module, "API", None)
        if not builtin and str(version).split(".")[0] != API.split(".")[0]:
            raise PluginRefused(
                _("It is written for plugin contract %(its)s; this desk speaks %(ours)s."), its=str(version), ours=API
            )

    def _check_hooks(self, module: Any) -> None:
        """Refuse what pluggy would let pass in silence: misspelt hooks, wrappers, default arguments."""
        known = {
            name
            for module_of_hooks in (specs, *self._specified)
            for name in dir(module_of_hooks)
            if hasattr(getattr(module_of_hooks, name), PROJECT + "_spec")
        }
        for name in dir(module):
            function = getattr(module, name, None)
            marker = getattr(function, PROJECT + "_impl", None) if isroutine(function) else None
            if marker is None:
                continue
            if name not in known:
                raise PluginRefused(_("It has a hook named %(hook)s, which the desk does not know."), hook=name)
            if marker.get("wrapper") or marker.get("hookwrapper"):
                raise PluginRefused(
                    _("Its %(hook)s is a hook wrapper; wrappers are not part of the contract."), hook=name
                )
            if any(p.default is not p.empty for p in signature(getattr(module, name)).parameters.values()):
                raise PluginRefused(
                    _("Its %(hook)s has default arguments; they differ between pluggy versions."), hook=name
                )

    # Calling -----------------------------------------------------------------------------------------------------

    def gather(self, hook: str, **given: Any) -> list[tuple[str, Any]]:
        """Call a ``register_*`` hook: (plugin name, returned item) pairs. A fault stops the start and names the
        plugin.
        """
        found = []
        for plugin, function in self._implementations(hook):
            try:
                result = function(**self._fitting(function, given))
            except FAULTS as error:
                sentence = _("The plugin %(name)s failed in %(hook)s: %(fault)s")
                raise PluginRefused(sentence, name=plugin.name, hook=hook, fault=str(error)) from error
            found += [(plugin.name, item) for item in (result or ())]
        return found

    def pipe(self, hook: str, value: Any, **given: Any) -> Any:
        """Hand a value through every ``filter_*``; a plugin that fails or returns None leaves it as it was."""
        first = hook.split("_", 1)[1]
        for plugin, function in self._implementations(hook):
            result = self._call(plugin, hook, function, {first: value, **given})
            if isinstance(result, type(value)):
                value = result
        return value

    def ask(self, hook: str, **given: Any) -> Any:
        """The first answer that is not None; built-ins are asked last."""
        for plugin, function in self._implementations(hook):
            result = self._call(plugin, hook, function, given)
            if result is not None:
                return result
        return None

    def announce(self, hook: str, **given: Any) -> list[tuple[str, Any]]:
        """Tell everybody; (plugin name, result) of those that returned something."""
        results = []
        for plugin, function in self._implementations(hook):
            result = self._call(plugin, hook, function, given)
            if result is not None:
                results.append((plugin.name, result))
        return results

    def listeners(self, hook: str) -> list[str]:
        """The names of the plugins that have this hook, in the order they are called."""
        return [plugin.name for plugin, _function in self._implementations(hook)]

    def call_plugin(self, name: str, hook: str, **given: Any) -> Any:
        """Call one plugin's hook; None when it failed or has none."""
        for plugin, function in self._implementations(hook):
            if plugin.name == name:
                return self._call(plugin, hook, function, given)
        return None

    def guarded(self, name: str, what: str, function: Callable[[], Any]) -> Any:
        """Call what a plugin registered, as one of its hooks; None when it failed or the plugin is off."""
        plugin = self.plugins[name]
        return self._call(plugin, what, function, {}) if plugin.state == "on" else None

    def _seconds(self, hook: str) -> float:
        """How long a hook may take: what its specification says, else what all may."""
        caller = getattr(self.manager.hook, hook, None)
        specified = caller.spec.function if caller is not None and caller.spec else None
        return float(getattr(specified, "seconds", self.deadline))

    def _implementations(self, hook: str) -> list[tuple[Plugin, Callable[..., Any]]]:
        implementations = getattr(self.manager.hook, hook).get_hookimpls()
        pairs = [(self.plugins[i.plugin_name], i.function) for i in reversed(implementations)]
        return sorted(pairs, key=lambda pair: pair[0].builtin)

    def _fitting(self, function: Callable[..., Any], given: dict[str, Any]) -> dict[str, Any]:
        return {name: given[name] for name in signature(function).parameters if name in given}

    def _call(self, plugin: Plugin, hook: str, function: Callable[..., Any], given: dict[str, Any]) -> Any:
        if WRITING.get():
            raise RuntimeError(f"{hook} is called while a write is open")
        if self.on_call and not plugin.builtin:
            self.on_call(plugin.name)
        allowed = self._seconds(hook)
        timeout, started = _deadline(allowed), time.monotonic()
        try:
            if timeout:
                timeout.start()
            with code_of(plugin.name):
                return function(**self._fitting(function, given))
        except FAULTS as error:
            if isinstance(error, Exception) and self.passing(error):
                raise
            self.fault(plugin, hook, traceback.format_exc(limit=-4))
        except BaseException as error:
            if error is not timeout:
                raise
        finally:
            if timeout:
                timeout.close()
            if self.on_call and not plugin.builtin:
                self.on_call("")
            self._mind_the_time(plugin, hook, time.monotonic() - started, allowed)
        return None

    def fault(self, plugin: Plugin, hook: str, text: str) -> None:
        """Keep a fault against its plugin; it is saved and shown on the plugins page."""
        plugin.failures += 1
        plugin.faults.append((hook, text))
        del plugin.faults[:-50]
        log.warning("plugin %s failed in %s", plugin.name, hook)

    def _mind_the_time(self, plugin: Plugin, hook: str, seconds: float, allowed: float) -> None:
        if seconds < allowed:
            return
        now = time.monotonic()
        plugin.overruns = [*(at for at in plugin.overruns if at > now - WITHIN), now]
        self.fault(plugin, hook, f"It took more than {allowed:g} s.")
        if len(plugin.overruns) >= STRIKES and not plugin.builtin and plugin.state == "on":
            sentence = _("It took more than %(seconds)s s three times, last in %(hook)s.")
            self.refuse(plugin, dump_message(sentence, seconds=allowed, hook=hook), state="stopped")
