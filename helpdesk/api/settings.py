"""Settings of a plugin: declare a group (``register_settings``), read it with types, write it checked, secrets sealed."""

from ..core.channels import Secret
from ..core.settings import registry
from ..core.settings.registry import SettingsGroup, read, shown
from ._calls import writes

write = writes(registry.write)

__all__ = ["Secret", "SettingsGroup", "read", "shown", "write"]
