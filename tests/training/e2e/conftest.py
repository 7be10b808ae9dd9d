"""A running desk with training, its workshops released; the browsers of the desk's own journeys."""

import pytest

from helpdesk.api import work
from helpdesk.security import passwords
from tests.e2e.conftest import RunningDesk, as_, sessions  # noqa: F401 (fixtures)
from training import bundled


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    passwords.weaken()
    desk = RunningDesk(tmp_path_factory.mktemp("desk"), plugins="email,training")
    with desk.runtime.uow(work.plugin_actor("training")) as uow:
        bundled.release(uow)
    yield desk
    desk.stop()
    desk.runtime.parser.close()
