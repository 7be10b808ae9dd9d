"""Makes plugins/NAME and its tests from the skeleton and adds the entry point: python tools/new_plugin.py NAME."""

import configparser
import keyword
import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SETUP = ROOT / "setup.cfg"
GROUP = "helpdesk.plugins =\n"


def fault(name):
    """The sentence that says why `name` cannot be a new plugin, or None."""
    setup = configparser.ConfigParser()
    setup.read(SETUP, "utf-8")
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,30}", name) or keyword.iskeyword(name):
        return "A plugin's name is a short lower-case word, for example: make plugin name=fax"
    taken = f"\n{name} =" in setup["options.entry_points"]["helpdesk.plugins"]
    if taken or (ROOT / "plugins" / name).exists() or (ROOT / "tests/plugins" / name).exists():
        return f"There is a plugin named {name} already: choose another name or remove it first."
    return None


def renamed(text, name):
    """`text` with the skeleton's name in every spelling replaced by `name`."""
    spoken = name.replace("_", " ").title()
    text = re.sub(r"(?<!\w)_skeleton", name, text).replace("skeleton", name)
    return re.sub(r"\bSkeleton\b", spoken, text).replace("Skeleton", spoken.replace(" ", ""))


def copy(source, target, name):
    """Copies the folder `source` to `target` under the new name, in file names and in texts."""
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    for path in sorted(target.rglob("*"), reverse=True):
        if path.is_file():
            path.write_text(renamed(path.read_text("utf-8"), name), "utf-8")
        path.rename(path.with_name(renamed(path.name, name)))


def main(name):
    problem = fault(name)
    if problem:
        sys.exit(problem)
    copy(ROOT / "plugins/_skeleton", ROOT / "plugins" / name, name)
    copy(ROOT / "tests/plugins/_skeleton", ROOT / "tests/plugins" / name, name)
    setup = SETUP.read_text("utf-8")
    SETUP.write_text(setup.replace(GROUP, f"{GROUP}    {name} = plugins.{name}.plugin\n"), "utf-8")
    print(f"plugins/{name} and tests/plugins/{name} are yours; the entry point stands in setup.cfg.")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "")
