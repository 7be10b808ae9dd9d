"""For those who write plugins: a small desk for tests, a channel made of paper, and the tests every channel must
pass.
"""

from .contract import ChannelContract
from .contract_parts import LeftOut, Provider
from .desks import ReadHere, front_desk, small_runtime
from .letters import Letters, letter
from .proofs import each, fixture, raising

__all__ = [
    "ChannelContract",
    "LeftOut",
    "Letters",
    "Provider",
    "ReadHere",
    "each",
    "fixture",
    "front_desk",
    "letter",
    "raising",
    "small_runtime",
]
