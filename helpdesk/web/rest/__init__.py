"""The API for outside tools under ``/api/v1``: bearer token in, plain JSON out, described by its own schemas."""

from . import belongings, conversations  # noqa: F401  (they put their routes on the blueprint)
from .interface import register

__all__ = ["register"]
