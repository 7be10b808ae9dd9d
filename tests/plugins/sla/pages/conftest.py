"""A whole desk with mail and this plugin behind a test client."""

import pytest

from helpdesk.app import build_runtime
from helpdesk.testing import ReadHere, databases
from tests.web.conftest import *  # noqa: F401, F403 (the fixtures of the web tests)


@pytest.fixture
def runtime(config):
    runtime = build_runtime(type(config)(**{**vars(config), "plugins": ("email", "sla")}))
    runtime.parser = ReadHere(runtime)
    databases.upgrade(runtime)
    yield runtime
    runtime.engine.dispose()
