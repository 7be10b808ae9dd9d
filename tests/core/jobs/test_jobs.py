"""Jobs: at least once, at the right moment, never two at a time, retried, cancelled, and caught up after downtime;
on both databases.
"""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from helpdesk.api import jobs
from helpdesk.core.database import leases
from helpdesk.core.errors import Invalid, NotFound, TryAgain
from helpdesk.core.jobs import queue, runner
from helpdesk.core.jobs.kinds import JobKind, JobKinds
from helpdesk.core.jobs.models import Job
from helpdesk.core.jobs.schedule import Cron, Every, following

START = datetime(2024, 2, 28, 23, 59, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Bench:
    """A desk whose clock the test holds, and a job that writes down what it saw and does what the test says."""

    def __init__(self, runtime, uow):
        self.runtime, self.uow, self.now = runtime, uow, START
        uow.clock = lambda: self.now
        self.seen, self.acts = [], []
        self.kind = self.knows(JobKind("test.work", self.work, tries=3))

    def knows(self, kind):
        self.runtime.jobs.register("test", [kind])
        return kind

    def work(self, uow, job):
        self.seen.append((job.args, job.tries, job.slot))
        if self.acts:
            self.acts.pop(0)(uow, job)

    def run(self):
        """Claim and run what is due; returns what came of each."""
        states = []
        while (job_id := runner.claim(self.uow)) is not None:
            states.append(runner.run(self.uow, job_id))
        return states

    def job(self, job_id):
        return self.uow.session.get(Job, job_id, populate_existing=True)


@pytest.fixture
def bench(small):
    small.runtime.jobs = JobKinds()
    return Bench(small.runtime, small.uow)


def fails(error):
    def act(uow, job):
        raise error

    return act


def test_runs_once_when_due(bench):
    job_id = queue.add(bench.uow, "test.work", {"ticket": 3}, at=START + HOUR)
    assert bench.run() == []
    bench.now += HOUR
    assert bench.run() == ["done"]
    assert bench.run() == []
    assert bench.seen == [({"ticket": 3}, 1, None)]
    assert (bench.job(job_id).state, bench.job(job_id).due_at) == ("done", None)


def test_a_rolled_back_commit_leaves_no_job_and_wakes_nobody(bench):
    woken = []
    bench.runtime.wake = woken.append
    with pytest.raises(ZeroDivisionError), bench.uow.writing():
        queue.add(bench.uow, bench.kind)
        1 / 0  # noqa: B018
    with bench.uow.writing():
        pass
    assert (bench.run(), woken) == ([], [])


def test_a_key_makes_adding_idempotent(bench):
    first = queue.add(bench.uow, bench.kind, {"n": 1}, key="message 5")
    assert queue.add(bench.uow, bench.kind, {"n": 2}, key="message 5") == first
    assert queue.add(bench.uow, bench.kind, {"n": 3}) != first
    assert bench.run() == ["done", "done"]
    assert queue.add(bench.uow, bench.kind, {"n": 4}, key="message 5") == first
    assert bench.run() == []


def test_fails_are_tried_again_ever_later_and_end_with_the_last_reason(bench):
    job_id = queue.add(bench.uow, bench.kind)
    bench.acts = [fails(TryAgain("Busy.", after=7200)), fails(ValueError("oops")), fails(TryAgain("Still busy."))]
    assert bench.run() == ["queued"]
    assert bench.job(job_id).due_at - bench.now >= timedelta(hours=2)
    bench.now += timedelta(hours=3)
    assert bench.run() == ["queued"]
    assert "ValueError" in bench.job(job_id).reason
    bench.now += timedelta(hours=3)
    assert bench.run() == ["failed"]
    assert (bench.job(job_id).reason, bench.job(job_id).state) == ("Still busy.", "failed")
    queue.again(bench.uow, job_id)
    assert bench.run() == ["done"]
    assert [tries for _, tries, _ in bench.seen] == [1, 2, 3, 1]


def test_what_can_never_work_is_not_tried_again(bench):
    queue.add(bench.uow, bench.kind)
    bench.acts = [fails(NotFound())]
    assert bench.run() == ["failed"]


def test_a_dead_process_frees_its_job_and_a_killer_ends(bench, monkeypatch):
    job_id = queue.add(bench.uow, bench.kind)
    for _ in range(3):
        monkeypatch.setattr(runner, "worker_name", lambda: f"{leases.worker_name().rsplit(':', 2)[0]}:999999:1")
        assert runner.claim(bench.uow) == job_id
        monkeypatch.undo()
        assert runner.claim(bench.uow) is None, "it is in another's hand"
        assert leases.release_orphaned_leases(bench.uow, Job) == 1
    assert bench.run() == ["failed"]
    assert bench.seen == []


def test_a_lease_that_ran_out_is_taken_over_and_the_first_says_nothing_more(bench, monkeypatch):
    job_id = queue.add(bench.uow, bench.kind)
    monkeypatch.setattr(runner, "worker_name", lambda: "elsewhere:1:1")
    assert runner.claim(bench.uow) == job_id
    bench.now += leases.LEASE * 2
    monkeypatch.undo()
    assert bench.run() == ["done"]
    monkeypatch.setattr(runner, "worker_name", lambda: "elsewhere:1:1")
    assert runner.run(bench.uow, job_id) == "done"
    assert bench.job(job_id).state == "done"


@pytest.mark.parametrize("small", ["postgresql"], indirect=True)
def test_two_workers_never_share_a_job(bench):
    ids = [queue.add(bench.uow, bench.kind, {"n": n}) for n in range(12)]
    claimed = []

    def work():
        with bench.runtime.uow() as uow:
            uow.clock = lambda: bench.now
            while (job_id := runner.claim(uow)) is not None:
                claimed.append(job_id)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while (job_id := runner.claim(bench.uow)) is not None:
        claimed.append(job_id)
    assert sorted(claimed) == ids


def test_a_lane_takes_two_places_at_most(bench):
    for n in range(3):
        queue.add(bench.uow, bench.kind, {"n": n}, lane="slow account")
    other = queue.add(bench.uow, bench.kind, {"n": 3}, at=START)
    assert runner.claim(bench.uow, ["slow account", "slow account", "x"]) == other
    assert runner.claim(bench.uow, ["slow account", "slow account"]) is None
    assert runner.claim(bench.uow, ["slow account"]) is not None


def test_progress_is_kept_and_a_cancelled_job_stops_there(bench):
    job_id = queue.add(bench.uow, bench.kind)

    def act(uow, job):
        job.progress(1, 10)
        assert (bench.job(job_id).done, bench.job(job_id).total) == (1, 10)
        jobs.cancel(bench.uow, job_id)
        job.progress(10, 10)
        raise AssertionError("it was cancelled")

    bench.acts = [act]
    assert bench.run() == ["cancelled"]
    assert bench.job(job_id).state == "cancelled"


def test_each_step_of_a_job_lets_everything_else_go_first(bench, monkeypatch):
    paused = []
    monkeypatch.setattr(bench.runtime, "pause_bulk", lambda: paused.append(1))
    queue.add(bench.uow, bench.kind)
    bench.acts = [lambda uow, job: [job.progress(number, 7) for number in range(1, 8)]]
    assert bench.run() == ["done"] and len(paused) == 7, "also where nothing is written down"


def test_a_waiting_job_is_cancelled_at_once(bench):
    job_id = queue.add(bench.uow, bench.kind, at=START + HOUR)
    queue.cancel(bench.uow, job_id)
    bench.now += 2 * HOUR
    assert bench.run() == []


@pytest.mark.parametrize(("catch_up", "runs"), [("once", 1), ("skip", 0), ("all", 6)])
def test_after_downtime(bench, catch_up, runs):
    bench.knows(JobKind("test.hourly", bench.work, schedule=Every(HOUR), catch_up=catch_up))
    queue.plan(bench.uow, bench.runtime.jobs)
    bench.now = START + 5 * HOUR + timedelta(minutes=1)
    bench.run()
    slots = [slot for _, _, slot in bench.seen]
    midnight = datetime(2024, 2, 29, tzinfo=UTC)
    assert slots == [midnight + n * HOUR for n in range(runs)]
    due = bench.uow.session.query(Job).filter_by(kind="test.hourly").one().due_at
    assert bench.now < due <= bench.now + HOUR


def test_a_changed_schedule_begins_anew_and_an_unknown_kind_waits(bench):
    bench.knows(JobKind("test.hourly", bench.work, schedule=Every(HOUR)))
    queue.plan(bench.uow, bench.runtime.jobs)
    bench.runtime.jobs = JobKinds()
    bench.now += 10 * HOUR
    assert bench.run() == []
    bench.knows(JobKind("test.hourly", bench.work, schedule=Every(24 * HOUR)))
    queue.plan(bench.uow, bench.runtime.jobs)
    assert bench.run() == []
    assert bench.uow.session.query(Job).count() == 1


def test_a_scheduled_job_that_fails_goes_on_with_its_next_moment(bench):
    bench.knows(JobKind("test.hourly", bench.work, schedule=Every(HOUR), tries=1))
    queue.plan(bench.uow, bench.runtime.jobs)
    bench.acts = [fails(ValueError())]
    bench.now += HOUR
    assert bench.run() == ["failed"]
    assert "ValueError" in bench.uow.session.query(Job).one().reason
    bench.now += HOUR
    assert bench.run() == ["done"]


def test_finished_jobs_are_forgotten(bench):
    queue.add(bench.uow, bench.kind)
    queue.add(bench.uow, bench.kind, at=START + timedelta(days=90))
    bench.run()
    assert queue.forget_finished(bench.uow) == 0
    bench.now += timedelta(days=15)
    assert queue.forget_finished(bench.uow) == 1


def test_cron_goes_by_its_zone_over_clock_changes():
    nine = Cron("0 9 * * *", "Europe/Berlin")
    assert nine.after(datetime(2026, 3, 28, 12, tzinfo=UTC)) == datetime(2026, 3, 29, 7, tzinfo=UTC)
    assert nine.after(datetime(2026, 10, 24, 12, tzinfo=UTC)) == datetime(2026, 10, 25, 8, tzinfo=UTC)
    tehran = Cron("30 0 * * *", "Asia/Tehran")
    assert tehran.after(datetime(2026, 11, 28, 20, 30, tzinfo=UTC)) == datetime(2026, 11, 28, 21, tzinfo=UTC)


def test_every_is_the_same_for_whoever_asks():
    every = Every(timedelta(minutes=15))
    assert {every.after(START + timedelta(seconds=n)) for n in range(29)} == {datetime(2024, 2, 29, tzinfo=UTC)}
    assert following(every, START, START + 9 * HOUR, "all") == datetime(2024, 2, 29, tzinfo=UTC)


def test_a_wrong_declaration_is_refused():
    with pytest.raises(Exception, match="Bad"):
        Cron("61 * * * *")
    with pytest.raises(Invalid):
        JobKind("test.work", print, catch_up="maybe")
    with pytest.raises(Invalid):
        JobKinds().register("other", [JobKind("test.work", print)])
