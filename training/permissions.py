"""What people may do in training."""

from __future__ import annotations

from helpdesk.api.i18n import _
from helpdesk.api.permissions import Permission

PRACTISE, WRITE, REVIEW = "training.practise", "training.write", "training.review"
PERMISSIONS = [
    Permission(PRACTISE, _("Take part in training"), frozenset({"agent", "trainer", "supervisor"})),
    Permission(WRITE, _("Write and release workshops"), frozenset({"trainer"})),
    Permission(REVIEW, _("See what others did in training"), frozenset({"trainer", "supervisor"})),
]
