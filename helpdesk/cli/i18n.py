"""The command line in the operator's language: which one that is, and everything click shows put into it."""

from __future__ import annotations

import os
from collections.abc import Mapping

import click
from click import core, decorators, exceptions, formatting, parser, termui, types

from helpdesk.core.errors import _
from helpdesk.i18n import LOCALES, Reader, current, gettext, ngettext

SPEAKERS = (core, decorators, exceptions, formatting, parser, termui, types)  # click's modules that say something
WORDS = (  # what they say; click fills the places between braces itself
    _("Usage:"),
    _("Options"),
    _("Positional arguments"),
    _("Commands"),
    _("Show this message and exit."),
    _("Show the version and exit."),
    _("%(prog)s, version %(version)s"),
    _("Confirm the action without prompting."),
    _("Do you want to continue?"),
    _("Press any key to continue..."),
    _("default: {default}"),
    _("env var: {var}"),
    _("(dynamic)"),
    _("required"),
    _("deprecated"),
    _("Password"),
    _("Repeat for confirmation"),
    _("Aborted!"),
    _("Error: {message}"),
    _("Error: invalid input"),
    _("Error: The two entered values do not match."),
    _("Try '{command} {option}' for help."),
    ngettext("Did you mean {possibility}?", "(Did you mean one of: {possibilities}?)", 1),
    _("Invalid value: {message}"),
    _("Invalid value for {param_hint}: {message}"),
    _("{value!r} is not a valid {number_type}."),
    _("{value} is not in the range {range}."),
    _("{value!r} is not a valid boolean. Recognized values: {states}"),
    _("{value!r} is not a valid UUID."),
    ngettext("{value!r} is not {choice}.", "{value!r} is not one of {choices}.", 1),
    ngettext("{value!r} does not match the format {format}.", "{value!r} does not match the formats {formats}.", 1),
    _("Choose from:\n\t{choices}"),
    _("Value must be an iterable."),
    ngettext("Takes {nargs} values but 1 was given.", "Takes {nargs} values but {len} were given.", 1),
    ngettext(
        "{len_type} values are required, but {len_value} was given.",
        "{len_type} values are required, but {len_value} were given.",
        1,
    ),
    ngettext("Got unexpected extra argument ({args})", "Got unexpected extra arguments ({args})", 1),
    ngettext("Option {name!r} requires an argument.", "Option {name!r} requires {nargs} arguments.", 1),
    _("Option {name!r} does not take a value."),
    _("Argument {name!r} takes {nargs} values."),
    _("Missing command."),
    _("Missing argument"),
    _("Missing option"),
    _("Missing parameter"),
    _("Missing parameter: {param_name}"),
    _("Missing {param_type}"),
    _("No such option {name!r}."),
    _("No such command {name!r}."),
    _("Could not open file {filename!r}: {message}"),
    _("unknown error"),
    _("{name} {filename!r} does not exist."),
    _("{name} {filename!r} is a file."),
    _("{name} {filename!r} is a directory."),
    _("{name} {filename!r} is not readable."),
    _("{name} {filename!r} is not writable."),
    _("{name} {filename!r} is not executable."),
    _("file"),
    _("directory"),
    _("path"),
)


def operator(environ: Mapping[str, str] = os.environ) -> Reader:
    """Whoever sits at the command line: by HELPDESK_LANGUAGE, else by the language of their terminal."""
    wanted = (environ.get(name) for name in ("HELPDESK_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"))
    return LOCALES["fa" if next(filter(None, wanted), "").startswith("fa") else "en"]


def speak_to(reader: Reader) -> None:
    """From now on this process, click included, writes for that reader."""
    current.set(reader)
    for module in SPEAKERS:
        module._, module.ngettext = gettext, ngettext


def translate(command: click.Command) -> None:
    """Put helps and prompts of a command, and of all below it, into the reader's language.

    A docstring is one message however its lines are broken (``tools.i18n``).
    """
    sentence = " ".join((command.help or "").split())
    command.help = gettext(sentence)
    for option in command.params:
        if isinstance(option, click.Option):
            option.help = gettext(option.help) if option.help else option.help
            option.prompt = gettext(option.prompt) if option.prompt else option.prompt
    for below in getattr(command, "commands", {}).values():
        translate(below)
