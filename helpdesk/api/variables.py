"""Variables: what saved replies and other texts written beforehand may say of a ticket, declared with
``register_variables``.
"""

from __future__ import annotations

from collections.abc import Iterable

from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.variables import Variable


def known(uow: UnitOfWork) -> list[Variable]:
    """All variables of this desk, each once."""
    return uow.runtime.variables.listed()


def values(uow: UnitOfWork, ticket_id: int, names: Iterable[str]) -> dict[str, str]:
    """{name: value} of those that are known of a ticket, for the reader of the moment; a variable that fails counts as
    not known.
    """
    found = {name: uow.runtime.variables[name] for name in names if name in uow.runtime.variables}
    return {name: str(variable.value(uow, ticket_id) or "") for name, variable in found.items()}


__all__ = ["Variable", "known", "values"]
