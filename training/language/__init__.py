"""Scenario files: how they are read, what they mean, and what is wrong with them."""

from .findings import Faulty, Finding
from .lint import lint
from .loading import load
from .model import Scenario

__all__ = ["Faulty", "Finding", "Scenario", "lint", "load"]
