"""Permissions: declare what a person may do in your plugin (``register_permissions``) and ask for it with
``uow.actor.must(name)``.
"""

from helpdesk.core.actor import Actor
from helpdesk.core.permissions import ROLES, Permission

__all__ = ["ROLES", "Actor", "Permission"]
