"""Text: normalised, shortened; digits, telephone numbers and domain names in one form; JSON of other people."""

from helpdesk.core.bounded_json import loads as bounded_json
from helpdesk.core.domains import shown as domain_in_letters
from helpdesk.core.domains import wire as domain_in_ascii
from helpdesk.core.phone_numbers import REGION as PHONE_REGION
from helpdesk.core.phone_numbers import for_reading as phone_for_reading
from helpdesk.core.phone_numbers import is_region as is_phone_region
from helpdesk.core.phone_numbers import normal_form as phone_number
from helpdesk.core.text import digits, excerpt, joined, normalise, phone, plain, written_language

__all__ = [
    "PHONE_REGION",
    "bounded_json",
    "digits",
    "domain_in_ascii",
    "domain_in_letters",
    "excerpt",
    "is_phone_region",
    "joined",
    "normalise",
    "phone",
    "phone_for_reading",
    "phone_number",
    "plain",
    "written_language",
]
