"""Gives the proofs of a contract one by one, without pytest, and says what came of each."""

from __future__ import annotations

import inspect
import linecache
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from .contract_parts import LeftOut

PREFIX = "test_"


@dataclass(frozen=True)
class Proof:
    """One proof: its name in words, its ``state`` (proved, undeclared, left out, failed) and what there is to say."""

    name: str
    state: str
    told: str = ""


def proofs(contract: type) -> Iterator[Proof]:
    """Every proof of a contract, what it adds or changes first, each with an object and a folder of its own."""
    for name in _names(contract):
        case, values = getattr(getattr(contract, name), "cases", ("", (None,)))
        for value in values:
            words = name.removeprefix(PREFIX).replace("_", " ")
            yield _prove(contract, name, {case: value} if case else {}, f"{words}: {value}" if case else words)


def _names(contract: type) -> list[str]:
    found: dict[str, None] = {}
    for owner in contract.__mro__:
        found |= dict.fromkeys(name for name in vars(owner) if name.startswith(PREFIX))
    return list(found)


def _prove(contract: type, name: str, given: dict[str, Any], words: str) -> Proof:
    one = contract()
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            with TemporaryDirectory() as folder, ExitStack() as stack:
                fixtures = _Fixtures(one, stack, {"tmp_path": Path(folder), **given})
                fixtures.call(getattr(one, name))
        except Exception as error:  # whatever it is, it is what the proof found
            return Proof(words, "failed", _reason(error))
    left = "; ".join(str(warning.message) for warning in said if issubclass(warning.category, LeftOut))
    return Proof(words, "left out" if left else "undeclared" if one.undeclared else "proved", left)


class _Fixtures:
    """The fixtures of one proof, each made once, when it is first asked for."""

    def __init__(self, one: Any, stack: ExitStack, made: dict[str, Any]):
        self.one, self.stack, self.made = one, stack, made

    def call(self, function: Callable[..., Any]) -> Any:
        """Call it with the fixtures its parameters name."""
        return function(**{name: self._get(name) for name in inspect.signature(function).parameters})

    def _get(self, name: str) -> Any:
        if name not in self.made:
            self.made[name] = self._make(name)
        return self.made[name]

    def _make(self, name: str) -> Any:
        written = inspect.getattr_static(self.one, name, None)
        if not hasattr(written, "__wrapped__"):
            raise LookupError(f"the contract has no fixture named {name}")
        function = written.__wrapped__.__get__(self.one)
        if inspect.isgeneratorfunction(function):
            return self.stack.enter_context(contextmanager(lambda: self.call(function))())
        return self.call(function)


def _reason(error: Exception) -> str:
    """What failed: the error's own words, else the line that found it."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    line = linecache.getline(frame.filename, frame.lineno or 0).strip()
    said = str(error) if isinstance(error, AssertionError) else f"{type(error).__name__}: {error}"
    return f"{said or line} ({Path(frame.filename).name}:{frame.lineno})"
