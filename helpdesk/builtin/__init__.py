"""The desk's own defaults, written as plugins that are asked last."""

from . import acknowledge, actions, conditions, phones, routing

BUILTINS = {
    "routing": routing,
    "acknowledge": acknowledge,
    "conditions": conditions,
    "actions": actions,
    "phones": phones,
}
