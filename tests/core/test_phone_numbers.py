"""Telephone numbers as people write them: one form for comparing, another for reading, and what is refused."""

import subprocess
import sys

import pytest

from helpdesk.core.errors import Invalid
from helpdesk.core.phone_numbers import for_reading, is_region, normal_form

MOBILE = [
    "۰۹۱۲ ۱۲۳ ۴۵۶۷", "٠٩١٢١٢٣٤٥٦٧", "0098912 123 4567", "+98 912 1234567", "9121234567", "0912-123-4567",
    "+98 (0)912 1234567", "989121234567", "\u202a+98\u00a0912 1234567\u202c", "＋98 912 123 4567", "tel:+98-912-123-4567",
]  # fmt: skip
OFFICE = ["021-88776655 ext. 12", "021 8877 6655 داخلی ۱۲", "+98 21 8877 6655;ext=12", "(021) 8877 6655 #12"]


@pytest.mark.parametrize("written", MOBILE)
def test_one_number_has_one_form_however_it_is_written(written):
    assert normal_form(written) == "+989121234567"


@pytest.mark.parametrize("written", OFFICE)
def test_an_extension_stays_with_its_number(written):
    assert normal_form(written) == "+982188776655;ext=12"
    assert normal_form(normal_form(written)) == "+982188776655;ext=12"


@pytest.mark.parametrize(
    "written",
    ["", "+", "110", "30007732", "0912123456", "09121234567890", "0800 FLOWERS", "MCI", "02188776655/6", "0912 123 4567 Mina",
     "021 8877 6655, 021 8877 6656", "+0912123456", "+98912", "9" * 61, "0" * 5000, "۰۹۱۲۱۲۳۴۵۶۷ ☎"],
)  # fmt: skip
def test_what_is_no_number_is_refused_and_not_made_one(written):
    with pytest.raises(Invalid) as refused:
        normal_form(written)
    assert "+98 912 123 4567" in refused.value.sentence and refused.value.fields


def test_the_region_reads_numbers_without_a_countrys_code():
    assert normal_form("020 7946 0000", "GB") == normal_form("+44 20 7946 0000", "IR") == "+442079460000"
    assert normal_form("011 98 912 123 4567", "US") == "+989121234567"
    with pytest.raises(Invalid):
        normal_form("020 7946 0000", "IR")
    assert is_region("IR") and not is_region("ZZ") and not is_region("ir") and not is_region("")


def test_a_new_range_of_a_country_counts_with_its_code():
    assert normal_form("+1 (555) 010-9999") == "+15550109999"


@pytest.mark.parametrize(
    ("value", "region", "read"),
    [
        ("+989121234567", "IR", ("0912 123 4567", "")),
        ("+989121234567", "DE", ("+98 912 123 4567", "")),
        ("+982188776655;ext=12", "IR", ("021 8877 6655", "12")),
        ("+999999999999", "IR", ("", "")),
        ("mina@customer.example", "IR", ("", "")),
        ("+98912;x", "IR", ("", "")),
    ],
)
def test_it_is_read_as_people_of_a_country_write_it(value, region, read):
    assert for_reading(value, region) == read


def test_the_library_is_not_loaded_before_a_number_comes():
    code = "import sys, helpdesk.app, helpdesk.builtin; sys.exit('phonenumbers' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
