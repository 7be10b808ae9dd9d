"""What marks a plugin: the contract's version, where its entry points stand, and the decorators of hooks.

Parsing children know of plugins no more than this.
"""

from __future__ import annotations

import pluggy

API = "1"
GROUP = "helpdesk.plugins"
PROJECT = "hamdel"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)
