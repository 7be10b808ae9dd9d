"""Health: checks for ``helpdesk doctor`` and ``/readyz`` (``register_checks``), gauges for ``/metrics``
(``register_metrics``).
"""

from helpdesk.core.observed import Check, Metric

__all__ = ["Check", "Metric"]
