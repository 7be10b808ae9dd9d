"""The desk's own defaults, written as plugins that are asked last."""

from . import acknowledge, actions, chats, conditions, language, phones, routing, signature, undelivered, waiting

BUILTINS = {
    "routing": routing,
    "chats": chats,
    "language": language,
    "acknowledge": acknowledge,
    "signature": signature,
    "conditions": conditions,
    "actions": actions,
    "phones": phones,
    "undelivered": undelivered,
    "waiting": waiting,
}
