"""The desk's own defaults, written as plugins that are asked last."""

from . import acknowledge, routing

BUILTINS = {"routing": routing, "acknowledge": acknowledge}
