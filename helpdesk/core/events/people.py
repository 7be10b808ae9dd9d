"""What happens to those who work here, their teams and queues, and to customers."""

from __future__ import annotations

from dataclasses import dataclass

from helpdesk.core.errors import _

from .registry import DomainEvent, UserId

Values = dict[str, str | int | bool | list[int]]


@dataclass(frozen=True, kw_only=True)
class _OfUser(DomainEvent):
    user: UserId | None


@dataclass(frozen=True, kw_only=True)
class UserAdded(_OfUser, kind="user.added", label=_("User added"), icon="user"):
    """Somebody new works here."""

    role: str


@dataclass(frozen=True, kw_only=True)
class UserChanged(_OfUser, kind="user.changed", label=_("User changed"), icon="user"):
    """Role or activity before and after."""

    before: Values
    after: Values


@dataclass(frozen=True, kw_only=True)
class UserPassword(_OfUser, kind="user.password", label=_("Password changed"), icon="user"):
    """A password was changed; every session of theirs has ended."""


@dataclass(frozen=True, kw_only=True)
class UserSessions(_OfUser, kind="user.sessions", label=_("Signed out everywhere"), icon="user"):
    """Every session of theirs was ended."""


@dataclass(frozen=True, kw_only=True)
class UserSession(_OfUser, kind="user.session", label=_("Signed out"), icon="user"):
    """One session of theirs was ended."""


@dataclass(frozen=True, kw_only=True)
class UserToken(_OfUser, kind="user.token", label=_("Access token added"), icon="user"):
    """A bearer token was made."""


@dataclass(frozen=True, kw_only=True)
class UserTokenDropped(_OfUser, kind="user.token_dropped", label=_("Access token removed"), icon="user"):
    """A bearer token was taken back."""


@dataclass(frozen=True, kw_only=True)
class RoleChanged(DomainEvent, kind="role.changed", label=_("Role changed"), icon="user"):
    """The permissions of a role before and after."""

    role: str
    before: list[str]
    after: list[str]


@dataclass(frozen=True, kw_only=True)
class TeamAdded(DomainEvent, kind="team.added", label=_("Team added"), icon="users"):
    """A new team with these users."""

    team: int
    members: list[int]


@dataclass(frozen=True, kw_only=True)
class TeamChanged(DomainEvent, kind="team.changed", label=_("Team changed"), icon="users"):
    """Members (lists of user ids) or the name before and after."""

    team: int
    before: list[int] | str
    after: list[int] | str


@dataclass(frozen=True, kw_only=True)
class QueueAdded(DomainEvent, kind="queue.added", label=_("Queue added"), icon="route"):
    """A new queue of these teams."""

    queue: int
    teams: list[int]


@dataclass(frozen=True, kw_only=True)
class QueueChanged(DomainEvent, kind="queue.changed", label=_("Queue changed"), icon="route"):
    """Name, teams, target and hand-over before and after."""

    queue: int
    before: Values
    after: Values


@dataclass(frozen=True, kw_only=True)
class CustomerChanged(DomainEvent, kind="customer.changed", label=_("Customer changed"), icon="user"):
    """A customer's name or addresses were changed."""

    customer: int


@dataclass(frozen=True, kw_only=True)
class CustomersMerged(DomainEvent, kind="customers.merged", label=_("Customers merged"), icon="merge"):
    """``source`` is gone; what was theirs is ``target``'s."""

    source: int
    target: int


@dataclass(frozen=True, kw_only=True)
class CustomerErased(DomainEvent, kind="customer.erased", label=_("Customer erased"), icon="user-off"):
    """Every word, address and file of a customer was deleted."""

    customer: int


KINDS = (
    UserAdded,
    UserChanged,
    UserPassword,
    UserSessions,
    UserSession,
    UserToken,
    UserTokenDropped,
    RoleChanged,
    TeamAdded,
    TeamChanged,
    QueueAdded,
    QueueChanged,
    CustomerChanged,
    CustomersMerged,
    CustomerErased,
)
