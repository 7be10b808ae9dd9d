"""What proofs are written with: fixtures, cases, refusals. They are pytest's own where it is installed, so that one
class serves a test module as well as ``helpdesk channel check``, which needs no pytest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

try:
    import pytest
except ImportError:  # an installation without the packages of tests
    pytest = None  # type: ignore[assignment]


class Fixture:
    """A fixture where there is no pytest."""

    def __init__(self, function: Callable[..., Any]):
        self.__wrapped__ = function


class Raised:
    """The error that was expected, as ``value``."""

    value: Any = None


def fixture(function: Callable[..., Any]) -> Any:
    """Something a proof takes by its name; a generator is finished after it."""
    return pytest.fixture(function) if pytest else Fixture(function)


def each(name: str, values: Sequence[Any]) -> Callable[[Any], Any]:
    """Give the proof once with each of the values, as its argument ``name``."""

    def decorate(function: Any) -> Any:
        function = pytest.mark.parametrize(name, values)(function) if pytest else function
        function.cases = (name, values)
        return function

    return decorate


@contextmanager
def raising(*kinds: type[BaseException]) -> Iterator[Raised]:
    """Inside, one of these errors must be raised."""
    caught = Raised()
    try:
        yield caught
    except kinds as error:
        caught.value = error
    else:
        raise AssertionError(f"nothing was refused ({', '.join(kind.__name__ for kind in kinds)})")
