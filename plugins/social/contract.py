"""The proofs of the social channels, where ``helpdesk channel check`` looks for them."""

from .contracts.telegram import TelegramContract
from .contracts.whatsapp import WhatsAppContract

__all__ = ["TelegramContract", "WhatsAppContract"]
