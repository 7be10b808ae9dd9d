"""A whole desk with training behind a test client; the example scenario and the late parcel are released."""

from pathlib import Path

import pytest

from helpdesk.api import work
from helpdesk.app import build_runtime
from helpdesk.testing import databases
from tests.web.conftest import *  # noqa: F401, F403 (the fixtures of the web tests)
from training import releases

SCENARIOS = Path(__file__).parents[3] / "training/scenarios"


@pytest.fixture
def runtime(config):
    runtime = build_runtime(type(config)(**{**vars(config), "plugins": ("email", "training")}))
    databases.upgrade(runtime)
    yield runtime
    runtime.engine.dispose()


@pytest.fixture
def released(runtime, text):
    """The names that were released."""
    with runtime.uow(work.plugin_actor("training")) as uow:
        releases.publish_scenario(uow, text)
        releases.publish_scenario(uow, (SCENARIOS / "late-parcel.yaml").read_text("utf-8"))
    return ["wet-book", "late-parcel"]


@pytest.fixture
def begun(agent, released):
    """begun("late-parcel", "fa") begins a run as the agent; its address."""

    def begin(name="late-parcel", lang="en"):
        answer = agent.post(f"/x/training/scenarios/{name}/begin", {"lang": lang})
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"]

    return begin
