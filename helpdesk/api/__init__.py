"""Everything of ours a plugin may import, one module a subject. Nothing else is public; another major version of
``API`` breaks plugins.
"""

from helpdesk.hooks.markers import API, hookimpl, hookspec

__all__ = ["API", "hookimpl", "hookspec"]
