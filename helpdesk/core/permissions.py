"""The registry of permissions: the core and plugins declare them, a role is the set of those it has by default."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import Invalid, _
from .registry import Registry

ROLES = ("agent", "trainer", "supervisor", "admin")


@dataclass(frozen=True)
class Permission:
    """Something a person may do. ``name`` is "plugin.what" for a plugin's; ``roles`` have it by default, admins
    always do.
    """

    name: str
    label: str
    roles: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        object.__setattr__(self, "roles", frozenset(self.roles) | {"admin"})
        unknown = self.roles - set(ROLES)
        if unknown:
            raise Invalid(_("There is no role named %(name)s."), name=", ".join(sorted(unknown)))


class Permissions(Registry[Permission]):
    """All permissions of one runtime by name."""

    FOREIGN = _("The permission %(name)s must have a name that begins with “%(owner)s.”, as its plugin.")
    TAKEN = _("There are two permissions named %(name)s.")

    def of(self, role: str) -> frozenset[str]:
        """The names of what a role may do."""
        return frozenset(name for name, permission in self.items() if role in permission.roles)


ANSWERING = frozenset({"agent", "supervisor"})
CORE = (
    Permission("tickets.read", _("Read tickets"), ANSWERING),
    Permission("tickets.write", _("Answer and change tickets"), ANSWERING),
    Permission("customers.read", _("See customers"), ANSWERING),
    Permission("customers.write", _("Change customers"), ANSWERING),
    Permission("customers.erase", _("Export and erase customers' data")),
    Permission("waiting.manage", _("Manage the line and the availability of others"), frozenset({"supervisor"})),
    Permission("reports.read", _("Read reports"), frozenset({"supervisor"})),
    Permission("settings", _("Change the desk's settings")),
    Permission("all queues", _("See every queue")),
)


def core_permissions() -> Permissions:
    """A registry that knows the core's permissions."""
    return Permissions().register("core", CORE)
