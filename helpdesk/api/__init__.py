"""Everything of ours a plugin may import, one module a subject. Nothing else is public; another major version of
``API`` breaks plugins.
"""

from helpdesk.hooks.loader import API
from helpdesk.hooks.specs import hookimpl

__all__ = ["API", "hookimpl"]
