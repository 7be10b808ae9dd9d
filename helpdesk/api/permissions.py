"""Permissions: declare what a person may do in your plugin (``register_permissions``) and ask for it with ``uow.actor.must(name)``."""

from ..core.permissions import ROLES, Permission
from ..core.rights import Actor

__all__ = ["ROLES", "Actor", "Permission"]
