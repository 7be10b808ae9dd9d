"""The front desk as a channel: the contract every channel passes."""

import pytest

from helpdesk.api.errors import Malformed
from plugins.frontdesk.channel import FrontDesk
from plugins.frontdesk.contract import FrontDeskContract, number


class TestFrontDesk(FrontDeskContract):
    pass


@pytest.mark.parametrize("raw", [b"", b"[]", b'{"visit": 1}', number(number="x"), b'{"visit":' * 3000])
def test_what_is_no_visit_is_malformed(raw):
    with pytest.raises(Malformed):
        FrontDesk(TestFrontDesk().view()).parse(TestFrontDesk().raw_message(raw))
