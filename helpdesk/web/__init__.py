"""The web side: one folder for each feature, each with ``register(app)``; this page names them all."""

from __future__ import annotations

from importlib import import_module

from .session import current_user, db, runtime, uow

__all__ = ["FEATURES", "current_user", "db", "uow", "runtime", "mount"]

FEATURES = (
    "http",
    "assets",
    "auth",
    "admin",
    "keys",
    "queue",
    "ticket",
    "line",
    "customers",
    "fields",
    "health",
    "live",
    "rest",
    "webhooks",
    "kit",
)


def mount(app) -> None:
    """Register every feature with the application."""
    for name in FEATURES:
        import_module(f"helpdesk.web.{name}").register(app)
