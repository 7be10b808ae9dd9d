"""The scenarios and workshops that come with the plugin, released on a desk that does not have them yet."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from datetime import timedelta
from importlib.resources import files
from typing import Any

from sqlalchemy import select

from helpdesk.api.errors import Conflict
from helpdesk.api.i18n import _
from helpdesk.api.jobs import Every, JobKind
from helpdesk.api.work import UnitOfWork

from .releases import SCENARIO, WORKSHOP, publish_scenario, publish_workshop
from .tables import Release

log = logging.getLogger(__name__)
_VERSION = re.compile(r"^version: *([0-9]{1,6})", re.MULTILINE)


def release(uow: UnitOfWork) -> int:
    """Release what is missing and return how many that were; what is there costs one query and no parsing."""
    known = {tuple(row) for row in uow.session.execute(select(Release.kind, Release.name, Release.version))}
    count = 0
    for kind, name, version, text in _files():
        if (kind, name, version) not in known:
            count += _publish(uow, kind, name, text)
    return count


def _files() -> Iterator[tuple[str, str, int, str]]:
    """(kind, name, version, text) of each; a file is named as what is in it."""
    for file in sorted(files(__package__).joinpath("scenarios").iterdir(), key=lambda file: file.name):
        if file.name.endswith(".yaml"):
            text = file.read_text("utf-8")
            found = _VERSION.search(text)
            yield SCENARIO, file.name.removesuffix(".yaml"), int(found[1]) if found else 0, text
    for file in sorted(files(__package__).joinpath("workshops").iterdir(), key=lambda file: file.name):
        if file.name.endswith(".ipynb"):
            text = file.read_text("utf-8")
            version = json.loads(text)["metadata"]["helpdesk"]["version"]
            yield WORKSHOP, file.name.removesuffix(".ipynb"), version, text


def _publish(uow: UnitOfWork, kind: str, name: str, text: str) -> bool:
    try:
        if kind == SCENARIO:
            publish_scenario(uow, text)
        else:
            publish_workshop(uow, text.encode())
    except Conflict as other:  # a trainer was first with this version
        log.warning("“%s” as it comes with the desk was not released: %s", name, other)
        return False
    return True


def _run(uow: UnitOfWork, _job: Any) -> None:
    release(uow)


LABEL = _("Release the workshops that come with the desk")
RELEASE = JobKind("training.release", _run, LABEL, schedule=Every(timedelta(minutes=10)))
