"""The command line in the operator's language: which one that is, and everything click shows put into it."""

from __future__ import annotations

import os
from collections.abc import Mapping

import click
from click import core, decorators, exceptions, formatting, parser, termui, types

from .core.errors import _
from .language import READERS, Reader, current, gettext

SPEAKERS = (core, decorators, exceptions, formatting, parser, termui, types)  # click's modules that say something
WORDS = (  # what they say; click fills the places between braces itself
    _("Usage:"),
    _("Options"),
    _("Commands"),
    _("Show this message and exit."),
    _("default: {default}"),
    _("Password"),
    _("Repeat for confirmation"),
    _("Aborted!"),
    _("Error: {message}"),
    _("Error: The two entered values do not match."),
    _("Try '{command} {option}' for help."),
    _("Invalid value: {message}"),
    _("Invalid value for {param_hint}: {message}"),
    _("{value!r} is not a valid {number_type}."),
    _("Missing command."),
    _("Missing argument"),
    _("Missing option"),
    _("No such option {name!r}."),
    _("No such command {name!r}."),
    _("{name} {filename!r} does not exist."),
    _("file"),
    _("directory"),
    _("path"),
)


def operator(environ: Mapping[str, str] = os.environ) -> Reader:
    """Whoever sits at the command line: by HELPDESK_LANGUAGE, else by the language of their terminal."""
    wanted = (environ.get(name) for name in ("HELPDESK_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"))
    return READERS["fa" if next(filter(None, wanted), "").startswith("fa") else "en"]


def speak_to(reader: Reader) -> None:
    """From now on this process speaks to that reader, click too."""
    current.set(reader)
    for module in SPEAKERS:
        module._ = gettext


def translate(command: click.Command) -> None:
    """Put helps and prompts of a command, and of all below it, into the reader's language.

    A docstring is one message however its lines are broken (``helpdesk.catalogue``).
    """
    sentence = " ".join((command.help or "").split())
    command.help = gettext(sentence)
    for option in command.params:
        if isinstance(option, click.Option):
            option.help = gettext(option.help) if option.help else option.help
            option.prompt = gettext(option.prompt) if option.prompt else option.prompt
    for below in getattr(command, "commands", {}).values():
        translate(below)
