"""What plugins add to the examination of the desk and to its figures."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .errors import Conflict, HelpdeskError, Invalid, _

NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Check:
    """One question of ``helpdesk doctor`` and ``/readyz``. ``run(uow)`` returns None when all is well, else an error
    whose sentence says what to do.
    """

    name: str
    run: Callable[[Any], HelpdeskError | None]


@dataclass(frozen=True)
class Metric:
    """One gauge of ``/metrics``, named ``hamdel_<plugin>_<name>``. ``read(uow)`` returns {label values: number},
    {(): number} without labels.
    """

    name: str
    help: str
    read: Callable[[Any], Mapping[tuple[str, ...], float]]
    labels: tuple[str, ...] = ()


class Observed(dict[tuple[str, str], Any]):
    """The checks or the metrics of one runtime, by plugin and name."""

    def register(self, owner: str, items: Iterable[Check | Metric]) -> None:
        """Add those of a plugin."""
        for item in items:
            if not NAME.fullmatch(item.name):
                raise Invalid(
                    _("“%(name)s” cannot name a check or metric: please use lower-case letters and _."), name=item.name
                )
            if (owner, item.name) in self:
                raise Conflict(_("There are two checks or metrics named %(name)s."), name=item.name)
            self[owner, item.name] = item
