"""Domain names: IDNA 2008 wherever the desk writes or connects to one."""

import subprocess
import sys

import pytest

from helpdesk.core import domains
from plugins.email import domains as of_mail


@pytest.mark.parametrize(
    ("letters", "wire"),
    [
        ("مثال.ایران", "xn--mgbh0fb.xn--mgba3a4f16a"),
        ("Straße.example", "xn--strae-oqa.example"),  # IDNA 2003 makes it "strasse": another domain
        ("نامه‌ای.example", "xn--mgba3gch31f060k.example"),  # which loses its half-space there
        ("desk.example", "desk.example"),
    ],
)
def test_a_domain_keeps_its_letters(letters, wire):
    assert domains.wire(letters) == wire and domains.shown(wire) == letters.lower()
    assert of_mail.server(letters) == wire


def test_a_server_that_is_no_domain_stays_as_it_is():
    assert of_mail.server("127.0.0.1") == "127.0.0.1" and of_mail.server("a\u00adb.example") == "a\u00adb.example"


def test_the_library_is_not_loaded_before_such_a_name_comes():
    code = "import sys, helpdesk.core.domains as d; d.wire('desk.example'); sys.exit('idna' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
