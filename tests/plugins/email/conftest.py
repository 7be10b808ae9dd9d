"""What the e-mail tests share."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # for servers.py beside us


@pytest.fixture(autouse=True, scope="session")
def catalogue():
    """The plugin's Persian, as the desk loads it."""
    from helpdesk.language import add_catalogues

    add_catalogues(Path(__file__).parents[3] / "plugins/email/translations")
