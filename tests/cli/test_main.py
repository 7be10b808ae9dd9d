"""The command line as the operator sees it: in their language, errors in a sentence, answers that a script can read."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from helpdesk.cli.i18n import operator
from helpdesk.cli.main import add_plugin_commands, cli
from helpdesk.config import from_environment
from helpdesk.i18n.catalogues import lookup

ROOT = Path(__file__).resolve().parents[2]
PERSIAN = re.compile("[آ-ی]")
NEW_AGENT = ("user", "add", "sara@desk.example", "--name", "سارا", "--password", "a long enough password")


@pytest.fixture(scope="module")
def helpdesk(tmp_path_factory):
    """helpdesk("fa", "user", "add", …) runs the real program on a desk of its own."""
    folder = tmp_path_factory.mktemp("desk")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HELPDESK_", "LC_", "LANG"))}

    def run(language, *words, typed=""):
        environment = kept | {
            "HELPDESK_DATA_DIR": str(folder),
            "HELPDESK_PLUGINS": "email",
            "LC_ALL": "C.UTF-8",
            "HELPDESK_LANGUAGE": language,
        }
        done = subprocess.run(
            [sys.executable, "-m", "helpdesk", *words],
            cwd=ROOT,
            env=environment,
            input=typed,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert "Traceback" not in done.stderr
        return done

    assert run("en", "init").returncode == 0
    return run


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"), ({"LANG": "fa_IR.UTF-8"}, "fa"), ({"LC_ALL": "en_GB.UTF-8", "LANG": "fa_IR"}, "en"), ({"LC_ALL": "", "LC_MESSAGES": "fa_IR"}, "fa"),
        ({"HELPDESK_LANGUAGE": "fa", "LC_ALL": "C"}, "fa"), ({"HELPDESK_LANGUAGE": "en", "LANG": "fa_IR"}, "en"), ({"LANG": "de_DE"}, "en"),
    ],
)  # fmt: skip
def test_the_operators_language(environment, language):
    assert operator(environment).language == language


def test_help_in_both_languages(helpdesk):
    english, persian = (helpdesk(language, "--help") for language in ("en", "fa"))
    assert (english.returncode, persian.returncode) == (0, 0)
    assert (
        "Options:" in english.stdout and "Create the database" in english.stdout and not PERSIAN.search(english.stdout)
    )
    lines = [line for line in persian.stdout.splitlines() if line.strip()]
    assert [line for line in lines if not PERSIAN.search(line)] == []
    assert "ایمیل" in helpdesk("fa", "email", "import", "--help").stdout


def test_every_command_says_what_it_does():
    add_plugin_commands(from_environment())

    def silent(group, before=""):
        for name, command in group.commands.items():
            yield from [] if command.help else [before + name]
            yield from silent(command, f"{before}{name} ") if isinstance(command, click.Group) else ()

    assert list(silent(cli)) == []


@pytest.mark.parametrize(
    ("language", "sentence"), [("en", "Nobody signs in with nobody@desk.example."), ("fa", "nobody@desk.example")]
)
def test_an_error_is_a_sentence_and_the_exit_code_1(helpdesk, language, sentence):
    done = helpdesk(language, "token", "add", "--user", "nobody@desk.example")
    assert (done.returncode, done.stdout) == (1, "")
    assert sentence in done.stderr and bool(PERSIAN.search(done.stderr)) == (language == "fa")


@pytest.mark.parametrize("language", ["en", "fa"])
def test_what_is_not_understood_is_said_too(helpdesk, language):
    for words in (["nonsense"], ["token", "add"], ["email", "import", "/nowhere", "--account", "support"]):
        done = helpdesk(language, *words)
        assert done.returncode == (
            75 if words == ["nonsense"] else 2
        )  # it may be a command of a plugin that is off today
        assert [bool(PERSIAN.search(line)) for line in done.stderr.splitlines() if line] == [language == "fa"] * 3


DEVELOPERS = (  # what click says to who writes commands, not to who runs them
    "DeprecationWarning", "Could not determine name", "No options defined", "Arguments take exactly one", "Name '{name}' defined twice", "Boolean option",
    "Invalid start character", "Unknown color", "Unknown standard stream", "Choice({choices})", "{editor}", "Couldn't detect Bash", "Shell completion",
    "Windows error",
)  # fmt: skip


def clicks_sentences():
    """What click's own modules mark for translation: the message, or the singular of one with numbers."""
    for path in Path(click.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and getattr(node.func, "id", "") in ("_", "ngettext")
                and isinstance(node.args[0], ast.Constant)
            ):
                yield node.args[0].value


@pytest.mark.parametrize("sentence", sorted(set(clicks_sentences())))
def test_everything_click_says_to_operators_has_its_persian(sentence):
    day_of_a_progress_bar = len(sentence) == 1
    assert day_of_a_progress_bar or sentence.startswith(DEVELOPERS) or lookup("fa", sentence) != sentence


@pytest.mark.parametrize(
    "words",
    [
        ["user", "add", "a@b.example", "--role", "king"],
        ["init", "surplus"],
        ["token", "add", "--user"],
        ["user", "add", "--nam", "x"],
    ],
)
def test_numbers_of_things_are_said_in_persian_too(helpdesk, words):
    last = helpdesk("fa", *words).stderr.splitlines()[-1]
    assert PERSIAN.search(last) and not re.search("is not one of|unexpected|requires|Did you", last)


@pytest.mark.parametrize(
    "given",
    [
        "HELPDESK_PORT=x",
        "HELPDESK_PROXIES=many",
        "HELPDESK_DATABASE_URL=nonsense",
        "HELPDESK_REDIS_URL=http://x",
        "HELPDESK_URL=desk",
    ],
)
def test_an_environment_that_makes_no_sense_is_one_sentence_once(tmp_path, given):
    name, _equals, value = given.partition("=")
    environment = os.environ | {"HELPDESK_DATA_DIR": str(tmp_path), "LC_ALL": "C.UTF-8", name: value}
    done = subprocess.run(
        [sys.executable, "-m", "helpdesk", "plugins"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout, done.stderr.count(name), done.stderr.count("\n")) == (75, "", 1, 1)


def test_a_token_is_all_that_is_printed(helpdesk):
    assert helpdesk("fa", *NEW_AGENT).returncode == 0
    done = helpdesk("fa", "token", "add", "--user", "sara@desk.example")
    assert done.returncode == 0 and re.fullmatch(r"[\w-]{20,}\n", done.stdout, re.ASCII) and done.stderr == ""


def test_a_password_is_asked_for_in_the_operators_language(helpdesk):
    done = helpdesk("fa", "user", "password", "sara@desk.example", typed="one thing too long\nanother thing\n")
    assert done.returncode == 1 and "گذرواژه" in done.stdout + done.stderr and "Repeat" not in done.stdout + done.stderr


@pytest.mark.parametrize("language", ["en", "fa"])
def test_wrong_settings_are_named_each(helpdesk, language):
    settings = ("address=nonsense", "smtp_port=many", "flavour=vanilla")
    done = helpdesk(
        language, "account", "add", "email", "sales", *(word for pair in settings for word in ("--set", pair))
    )
    assert (done.returncode, done.stdout) == (1, "")
    named = {line.split(":")[0].strip(): line for line in done.stderr.splitlines()[1:]}
    assert {"address", "smtp_port", "flavour"} <= named.keys()
    assert [bool(PERSIAN.search(line)) for line in named.values()] == [language == "fa"] * len(named)


def test_the_id_of_a_new_account_is_printed(helpdesk):
    done = helpdesk("fa", "account", "add", "email", "support", "--set", "address=support@desk.example")
    assert (done.returncode, done.stdout.strip()) == (0, "1")
