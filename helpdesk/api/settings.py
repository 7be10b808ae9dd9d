"""Settings of a plugin: declare a group (``register_settings``), read it with types, write it checked, secrets
sealed.
"""

from helpdesk.core.channels.types import Secret
from helpdesk.core.settings import registry
from helpdesk.core.settings.registry import SettingsGroup, read, shown

from ._calls import writes

write = writes(registry.write)

__all__ = ["Secret", "SettingsGroup", "read", "shown", "write"]
