"""The API for outside tools under ``/api/v1``: bearer token in, plain JSON out, described by its own schemas."""

from . import custom_fields, line, resources, tickets  # noqa: F401  (they put their routes on the blueprint)
from .api import register

__all__ = ["register"]
