"""Whether this desk is a demo: a file in its data folder says so, to every process and without asking the database."""

from __future__ import annotations

from pathlib import Path

NAME = "demo"


def is_demo(data_dir: Path) -> bool:
    """True for the data folder of a desk that was made with ``--demo``."""
    return (data_dir / NAME).exists()


def mark(data_dir: Path) -> None:
    """Remember that it was."""
    (data_dir / NAME).touch(mode=0o600)
