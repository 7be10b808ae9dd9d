"""One rubric for practice and real work: what each level means, and what can be measured without a reviewer."""

from .conversation import Message, of_run, parse
from .definition import core
from .scoring import Rating, Scorecard, levels, score

__all__ = ["Message", "Rating", "Scorecard", "core", "levels", "of_run", "parse", "score"]
