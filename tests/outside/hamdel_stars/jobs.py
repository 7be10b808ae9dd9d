"""What is done by the clock and on the command line."""

from __future__ import annotations

from datetime import timedelta

import click

from helpdesk.api import accounts, intake, jobs, tables, work
from helpdesk.api.i18n import _

from .tables import Average, averages


def tally(uow, job: jobs.Running) -> None:
    """Count the averages of all queues."""
    found = averages(uow)
    for number, (queue, tenths, ratings) in enumerate(found, 1):
        tables.put(uow, Average, {"queue_id": queue}, tenths=tenths, ratings=ratings)
        job.progress(number, len(found))


TALLY = jobs.JobKind(
    "stars.tally", run=tally, label=_("Averages of the ratings"), schedule=jobs.Every(timedelta(hours=1))
)


@click.group()
def stars():
    """Ratings with stars."""


@stars.command()
@click.argument("account", type=int)
@click.argument("slip")
def slip(account: int, slip: str):
    """Hand over a slip, as the machine at the box does."""
    from datetime import UTC, datetime

    with work.work(work.plugin_actor("stars")) as uow:
        click.echo(
            intake.take(uow, accounts.get(uow, account).id, intake.RawMessage(slip, slip.encode(), datetime.now(UTC)))
        )
