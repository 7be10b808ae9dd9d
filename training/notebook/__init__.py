"""Workshops and runs as notebooks (nbformat 4.5), read within bounds and written so that git shows what changed.

Everything of ours is in the source of cells and under the one key ``metadata.helpdesk``. Nothing in a file is executed.
"""

from .reading import Cell, Notebook, read
from .runs import Recording, read_run, write_run
from .workshops import Workshop, read_workshop

__all__ = [
    "Cell",
    "Notebook",
    "Recording",
    "Workshop",
    "read",
    "read_run",
    "read_workshop",
    "write_run",
]
