"""Whether one condition can be true only when another is: then a rule behind that one never matches."""

from __future__ import annotations

from .model import Comparison, Condition, When

_ANY_OF = ("act", "intent", "state", "action", "over")
_NUMBERS = ("turn", "stay", "since", "questions", "length")


def implied(later: When, earlier: When) -> bool:
    """True when every way for ``later`` to be true makes ``earlier`` true."""
    return all(any(_implies(one, other) for other in earlier) for one in later)


def _implies(one: Condition, other: Condition) -> bool:
    return (
        all(_one_of(one, other, name) for name in _ANY_OF)
        and set(other.all_acts) <= {*one.all_acts, *(one.act if len(one.act) == 1 else ())}
        and set(other.no_act) <= set(one.no_act)
        and set(other.no_intent) <= set(one.no_intent)
        and set(other.fact) <= set(one.fact)
        and set(other.no_fact) <= set(one.no_fact)
        and all(_within(one.meter.get(name), wanted) for name, wanted in other.meter.items())
        and all(_within(getattr(one, name), getattr(other, name)) for name in _NUMBERS)
    )


def _one_of(one: Condition, other: Condition, name: str) -> bool:
    wanted, given = set(getattr(other, name)), set(getattr(one, name))
    if not wanted or (name == "act" and wanted & set(one.all_acts)):
        return True
    return bool(given) and (given <= wanted or "*" in wanted)


def _within(one: Comparison | None, other: Comparison | None) -> bool:
    """True when every whole number that fits ``one`` fits ``other``."""
    if other is None:
        return True
    if one is None:
        return False
    (low, high), (least, most) = _range(one), _range(other)
    return least <= low and high <= most


def _range(comparison: Comparison) -> tuple[float, float]:
    sign, number = comparison
    low = {"<": float("-inf"), "<=": float("-inf"), ">": number + 0.001}.get(sign, number)
    high = {">": float("inf"), ">=": float("inf"), "<": number - 0.001}.get(sign, number)
    return low, high
