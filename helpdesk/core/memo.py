"""``functools.cache`` that keeps the types of the function it caches, classes as arguments too."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import ParamSpec, TypeVar, cast

P = ParamSpec("P")
R = TypeVar("R")


def memo(function: Callable[P, R]) -> Callable[P, R]:
    """The function, asked once for the same arguments."""
    return cast(Callable[P, R], cache(function))
