"""The proofs of the social channels, where ``helpdesk channel check`` looks for them."""

from .contracts.mastodon import MastodonContract
from .contracts.messenger import InstagramContract, MessengerContract
from .contracts.telegram import TelegramContract
from .contracts.whatsapp import WhatsAppContract

__all__ = ["InstagramContract", "MastodonContract", "MessengerContract", "TelegramContract", "WhatsAppContract"]
