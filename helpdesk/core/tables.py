"""Every table of the core: importing this module makes the metadata whole."""

from helpdesk.core import permissions as core
from helpdesk.core.accounts import models as accounts
from helpdesk.core.fields import models as fields
from helpdesk.core.intake import models as intake
from helpdesk.core.jobs import models as jobs
from helpdesk.core.journal import models as journal
from helpdesk.core.outbox import models as outbox
from helpdesk.core.people import models as people
from helpdesk.core.settings import models as settings
from helpdesk.core.sla import models as sla
from helpdesk.core.tickets import counters
from helpdesk.core.tickets import message_models as messages
from helpdesk.core.tickets import models as tickets
from helpdesk.core.waiting import models as waiting

MODULES = (
    accounts,
    core,
    counters,
    fields,
    intake,
    jobs,
    journal,
    messages,
    outbox,
    people,
    settings,
    sla,
    tickets,
    waiting,
)
