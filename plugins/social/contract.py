"""The proofs of the social channels, where ``helpdesk channel check`` looks for them."""

from .contracts.mastodon import MastodonContract
from .contracts.telegram import TelegramContract
from .contracts.whatsapp import WhatsAppContract

__all__ = ["MastodonContract", "TelegramContract", "WhatsAppContract"]
