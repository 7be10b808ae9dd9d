"""The account of a simulated channel with a queue of its own, made when it is first needed."""

from __future__ import annotations

from sqlalchemy import select

from helpdesk.core.database.rows import insert_if_new
from helpdesk.core.errors import Invalid, _
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.people import roles, teams
from helpdesk.core.people.models import Queue, Team, User

from . import accounts
from .models import Account


def ensure(uow: UnitOfWork, channel: str, name: str, seen_by: str) -> Account:
    """The account of a simulated channel, made under this name with a queue and a team if there is none.

    Whoever has the permission ``seen_by`` is in the team, and so sees every ticket of it, as of this call.
    """
    uow.actor.must("settings")
    if not accounts.channel_type(uow, channel).simulated:
        raise Invalid(_("Only a simulated channel has such an account."))
    query = select(User.id).where(User.active, User.role.in_(roles.having(uow, seen_by))).order_by(User.id)
    members = list(uow.session.scalars(query))
    known = uow.session.scalar(select(Account).where(Account.channel == channel).order_by(Account.id).limit(1))
    team = uow.session.scalar(select(Team).where(Team.name == name))
    if known and (team is None or sorted(user.id for user in team.members) == members):
        return known
    with uow.writing() as session:
        insert_if_new(session, Team, name=name)
        team = session.scalars(select(Team).where(Team.name == name)).one()
        teams.set_members(uow, team.id, members)
        account = session.scalar(select(Account).where(Account.channel == channel).order_by(Account.id).limit(1))
        if account is None:
            queue = session.scalar(select(Queue).where(Queue.name == name)) or teams.add_queue(uow, name, [team.id])
            account = accounts.create(uow, channel, name, {}, queue.id)
    return account
