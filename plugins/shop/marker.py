"""Whether this desk is a demo: a file in the data folder says so."""

from __future__ import annotations

from pathlib import Path


def is_demo(data_dir: Path) -> bool:
    """True when the desk was made with ``--demo``."""
    return (data_dir / "shop").exists()


def make_demo(data_dir: Path) -> None:
    """Remember that it is."""
    (data_dir / "shop").touch()
