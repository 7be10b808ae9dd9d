"""The engine: what a customer does about each reply. Pure: no clock, no database; chance only from the run's seed."""

from .events import Event, dump, load
from .replay import fold, fork, replay, turns_of
from .run import Run, Turn
from .step import start, step, tick

__all__ = ["Event", "Run", "Turn", "dump", "fold", "fork", "load", "replay", "start", "step", "tick", "turns_of"]
