"""How the write functions of ``helpdesk.api`` enter the desk's own code: whoever calls them, they may open a write."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from helpdesk.core.journal.unit_of_work import UnitOfWork, code_of

Given = ParamSpec("Given")
Result = TypeVar("Result")
WRITE = "__hamdel_write__"  # marks a write function


def writes(
    function: Callable[Concatenate[UnitOfWork, Given], Result],
) -> Callable[Concatenate[UnitOfWork, Given], Result]:
    """Mark a function of the API as one that writes: it takes ``uow`` first, checks the actor and commits by itself."""

    @wraps(function)
    def called(uow: UnitOfWork, /, *given: Given.args, **named: Given.kwargs) -> Result:
        with code_of(""):
            return function(uow, *given, **named)

    setattr(called, WRITE, True)
    return called
