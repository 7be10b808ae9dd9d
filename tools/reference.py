"""Writes the reference pages of docs/ from the code they describe."""

import dataclasses
import importlib
import inspect
import pkgutil
import re
from pathlib import Path

from helpdesk import api
from helpdesk.config import bundled
from helpdesk.core.events.core import core_events
from helpdesk.core.events.registry import field_types
from helpdesk.hooks import markers, specs
from helpdesk.hooks.loader import Hooks
from helpdesk.web.live import event_list

ROOT = Path(__file__).resolve().parents[1]
MARK = "*Written from the code by `make docs`; change it there.*"
ENVIRONMENT = {
    "HELPDESK_PORT": ("8000", "Where the desk answers"),
    "HELPDESK_HOST": ("127.0.0.1", "The interface it listens on"),
    "HELPDESK_URL": (
        "http://127.0.0.1:8000",
        "How people reach it from outside: the beginning of every link in a message",
    ),
    "HELPDESK_SMTP_PORT": ("2525", "Where the SMTP and LMTP listener answers"),
    "HELPDESK_DATA_DIR": ("./var", "The folder of database, attachments and secret key"),
    "HELPDESK_DATABASE_URL": ("SQLite in the data folder", "For example postgresql+psycopg://desk@db/desk"),
    "HELPDESK_REDIS_URL": ("none", "Wakes the other server processes sooner; nothing is lost without it"),
    "HELPDESK_SECRET_KEY": (
        "made at first start",
        "Signs sessions and tokens and seals stored secrets; kept in the data folder, mode 0600",
    ),
    "HELPDESK_OLD_SECRET_KEYS": (
        "none",
        "Earlier values of HELPDESK_SECRET_KEY that still count, with commas between ([how](deploy.md#the-secret-key))",
    ),
    "HELPDESK_PLUGINS": ("the bundled ones", "Names of the plugins to switch on, with commas between"),
    "HELPDESK_PROXIES": (
        "0",
        "How many reverse proxies of yours stand before the desk; their word on the visitor's address is believed",
    ),
    "HELPDESK_PRIVATE_NETWORKS": (
        "none",
        "Networks of yours, such as 10.0.0.0/8, that channels and plugins may call over HTTP; other private "
        "addresses are refused",
    ),
    "HELPDESK_PRIVATE_ADDRESSES": (
        "0",
        "1 names this machine and every private network at once: for a gateway in the house, or a trial",
    ),
    "HELPDESK_SAFE_MODE": ("0", "1 starts with the built-in defaults only"),
    "HELPDESK_LANGUAGE": ("that of the terminal", "fa or en: what the command line speaks; pages ask each reader"),
    "HELPDESK_FAIL_POINT": ("none", "For tests: the process kills itself at this step"),
    "HELPDESK_SOAK": ("none", "For tests: 1 runs them at full size"),
}


def folded(text):
    """Docstring paragraphs on one line each."""
    return "\n\n".join(" ".join(part.split()) for part in inspect.cleandoc(text).split("\n\n"))


def row(*cells):
    """One line of a Markdown table."""
    return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"


def table(*heads, rows):
    """A Markdown table."""
    return "\n".join([row(*heads), "|" + "---|" * len(heads), *(row(*cells) for cells in rows)])


def hooks_page():
    """Every hook with its arguments and contract, in the order of hookspecs.py."""
    parts = ["# Hooks", MARK, folded(specs.__doc__)]
    for name, function in vars(specs).items():
        if hasattr(function, f"{markers.PROJECT}_spec"):
            parts += [f"## {name}{inspect.signature(function)}", folded(function.__doc__)]
    return "\n\n".join(parts) + "\n"


def events_page():
    """Every kind of event from the registry, the core's and the bundled plugins'."""
    hooks, known = Hooks(), core_events()
    hooks.load(bundled())
    for plugin, kind in hooks.gather("register_events"):
        known.register(plugin, [kind])
    rows = [
        (
            f"`{name}`",
            kind.label,
            carried(kind),
            "yes" if kind.timeline else "–",
            folded(kind.__doc__),
            f"`{kind.__name__}`",
        )
        for name, kind in sorted(known.items())
    ]
    intro = (
        "What happens at the desk, in the one journal that timeline, live changes, API and plugins "
        "(`on_event`) read. Each kind is a frozen"
        " dataclass of `helpdesk.api.events`; `uow.record(event)` writes it in the running commit. An entry "
        "has `seq`, `at`, `kind`, `actor`,"
        " `ticket_id`, `message_id`, `data` and `event`, the dataclass again (`UnknownEvent` when the plugin "
        "that declared it is gone)."
        " Fields hold ids and the desk's own values; a customer's words and names are only referred to."
    )
    return (
        "\n\n".join(
            [
                "# Events",
                MARK,
                intro,
                table("kind", "label", "carries", "on the timeline", "meaning", "class", rows=rows),
            ]
        )
        + "\n"
    )


def written(hint):
    """A type as its reader would write it: without modules, and a name for each kind of id."""
    return re.sub(r"[a-z_.]+[.](?=[A-Z])|Annotated\[int, '(?=\w+'\])|(?<=Id)'\]", "", inspect.formatannotation(hint))


def carried(kind):
    """The fields of an event kind with their types."""
    return ", ".join(f"{name}: {written(hint)}" for name, hint in field_types(kind).items()) or "–"


def read_variables():
    """The HELPDESK_ variables our code and tests read."""
    sources = [
        path for folder in ("helpdesk", "plugins", "training", "tests") for path in (ROOT / folder).rglob("*.py")
    ]
    return {name for path in sources for name in re.findall(r"\bHELPDESK_[A-Z_]+\b", path.read_text("utf-8"))}


def settings_page():
    """The environment variables, and the settings of each bundled channel's accounts."""
    hooks = Hooks()
    hooks.load(bundled())
    rows = [(f"`{name}`", default, meaning) for name, (default, meaning) in ENVIRONMENT.items()]
    parts = ["# Settings", MARK, "A secret may be written as `$env:NAME` or `$file:PATH`.", "## Environment"]
    parts.append(table("variable", "unless set", "meaning", rows=rows))
    for plugin, channel in hooks.gather("register_channels"):
        parts += [
            f"## Accounts of the channel {channel.name} (plugin {plugin})",
            table("setting", "kind", "meaning", rows=settings(channel)),
        ]
    return "\n\n".join(parts) + "\n"


def settings(channel):
    """(name, kind, meaning) of each setting of a channel."""
    for name, field in channel.Settings().fields.items():
        needed = ", required" if field.required else ""
        said = " — ".join(str(field.metadata[key]) for key in ("label", "help") if field.metadata.get(key))
        yield f"`{name}`", type(field).__name__.lower() + needed, said


def browser_events_page():
    """Every event of the socket and of the page."""
    said = (
        "Scripts of plugins import `js/desk.js` and listen to these events; everything else of our scripts may change."
    )
    parts = ["# Events in the browser", MARK, said]
    heads = {
        "From the desk, over the socket `/desk`": event_list.FROM_DESK,
        "From a console, over the same socket": event_list.FROM_CONSOLE,
    }
    for title, events in (heads | {"In the page, on `document`": event_list.IN_PAGE}).items():
        parts += [
            f"## {title}",
            table("event", "what it says", rows=[(f"`{name}`", meaning) for name, meaning in events.items()]),
        ]
    return "\n\n".join(parts) + "\n"


def api_modules():
    """(name, module) of each public module of helpdesk.api."""
    for found in sorted(pkgutil.iter_modules(api.__path__), key=lambda found: found.name):
        if not found.name.startswith("_"):
            yield found.name, importlib.import_module(f"helpdesk.api.{found.name}")


def public_names(module):
    """What a module of the API offers: its ``__all__``, else what is written in it."""
    own = [name for name, value in vars(module).items() if getattr(value, "__module__", "") == module.__name__]
    return sorted(getattr(module, "__all__", [name for name in own if not name.startswith("_")]))


def api_page():
    """Every module of helpdesk.api with what it offers."""
    said = (
        "What a plugin may import: `helpdesk.api` and its modules, one a subject. A function that writes takes `uow`,"
        " asks who acts and commits by itself; `tickets.apply(uow, steps)` does several in one commit. Plugins open no"
        " writes of their own, and none of their code runs while one is open."
    )
    parts = ["# The API for plugins", MARK, f"Version {markers.API}. {said}", folded(api.__doc__)]
    for name, module in api_modules():
        parts += [f"## helpdesk.api.{name}", folded(module.__doc__)]
        parts += [described(each, getattr(module, each)) for each in public_names(module)]
    return "\n\n".join(parts) + "\n"


def described(name, value):
    """One function, class or constant of the API."""
    if not (inspect.isfunction(value) or inspect.isclass(value)) or value.__module__ == "builtins":
        return f"### {name}"
    kind = "class " if inspect.isclass(value) else ""
    text = (value.__doc__ or "").strip()
    text = "" if text.startswith(f"{name}(") else text
    return f"### {kind}{name}\n\n`{name}{signature(value)}`" + (f"\n\n{folded(text)}" if text else "")


def signature(value):
    """How it is called; "" where that says nothing, such as for errors and schemas."""
    if inspect.isclass(value) and not dataclasses.is_dataclass(value):
        return ""
    shown = inspect.signature(value)
    parameters = [p.replace(default=p.default if is_plain(p.default) else ...) for p in shown.parameters.values()]
    text = str(shown.replace(parameters=parameters)).replace("= Ellipsis", "= …").removesuffix(" -> None")
    text = re.sub(r"(: |-> )'([^']*)'", r"\1\2", text)  # an annotation as it is written
    return re.sub(r"\b[a-z_.]+\.(?=[A-Z])", "", text)


def is_plain(value):
    """True for a default that reads the same in every process."""
    return value is inspect.Parameter.empty or isinstance(value, str | int | float | bool | tuple | frozenset | None)


PAGES = {
    "docs/api.md": api_page,
    "docs/hooks.md": hooks_page,
    "docs/events.md": events_page,
    "docs/settings.md": settings_page,
    "docs/browser-events.md": browser_events_page,
}


def main():
    for path, page in PAGES.items():
        (ROOT / path).write_text(page(), "utf-8")
        print(path)


if __name__ == "__main__":
    main()
