"""The language a message is written in, by its letters, where its channel does not know."""

from dataclasses import replace

from helpdesk.api import hookimpl
from helpdesk.api.channels import Inbound
from helpdesk.api.i18n import _
from helpdesk.api.text import written_language

DESCRIPTION = _("Tells Persian from English messages, so that each customer is answered in their language.")


@hookimpl
def filter_inbound(inbound: Inbound) -> Inbound | None:
    """Persian or English, by which has more letters at the beginning; nothing where there are none."""
    if inbound.language:
        return None
    language = written_language(inbound.text or inbound.subject)
    return replace(inbound, language=language) if language else None
