"""Health: checks for ``helpdesk doctor`` and ``/readyz`` (``register_checks``), gauges for ``/metrics``
(``register_metrics``).
"""

from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.observed import Check, Metric


def report(uow: UnitOfWork, plugin: str, sentence: str) -> None:
    """Show the admin a sentence on the page of this plugin, with what went wrong there."""
    uow.hooks.fault(uow.hooks.plugins[plugin], "report", sentence)


__all__ = ["Check", "Metric", "report"]
