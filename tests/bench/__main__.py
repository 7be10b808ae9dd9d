"""Measures the desk: ``python -m tests.bench [import arrival scale fanout beside footprint] [--full]`` writes
docs/figures.md.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from . import (
    arriving,
    beside,
    chatting,
    clocks,
    fanout,
    figures,
    footprint,
    importing,
    measure,
    scale,
    sizes,
    training,
    upgrading,
    views,
    waiting,
    webhooks,
)

PARTS = {
    "import": importing.run,
    "arrival": arriving.run,
    "footprint": footprint.run,
    "fanout": fanout.run,
    "beside": beside.run,
    "chat": chatting.run,
    "scale": scale.run,
    "views": views.run,
    "clocks": clocks.run,
    "upgrade": upgrading.run,
    "waiting": waiting.run,
    "training": training.run,
    "webhooks": webhooks.run,
}
DOCS = Path(__file__).parents[2] / "docs"


def main() -> None:
    """Measure what was asked for, everything when nothing was."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=", ".join(PARTS))
    parser.add_argument("--full", action="store_true", help="a desk of a million tickets, too, and more of everything")
    parser.add_argument("--tiny", action="store_true", help="only to see that it works")
    parser.add_argument("--seconds", type=float, help="how long webhooks are pushed, a minute unless said")
    parser.add_argument("--into", type=Path, default=DOCS, help="the folder of the figures")
    chosen = parser.parse_args()
    unknown = set(chosen.parts) - PARTS.keys()
    if unknown:
        parser.error(f"there is no part named {', '.join(sorted(unknown))}")
    size = sizes.FULL if chosen.full else sizes.TINY if chosen.tiny else sizes.USUAL
    size = replace(size, pushing=chosen.seconds) if chosen.seconds else size
    for name in chosen.parts or PARTS:
        print(f"{name} …", flush=True)
        measured = PARTS[name](size)
        figures.keep(chosen.into, name, measured, min(measure.yardstick() for _turn in range(5)))
    print(chosen.into / "figures.md")


if __name__ == "__main__":
    main()
