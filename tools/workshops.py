"""Put the bundled scenarios, as they are now, into the workshops that play them: python -m tools.workshops."""

from __future__ import annotations

import json
from pathlib import Path

TRAINING = Path(__file__).resolve().parents[1] / "training"
FIRST = "%%scenario "


def with_scenarios(content: bytes) -> bytes:
    """The notebook with the text of each scenario as it is in ``training/scenarios``."""
    book = json.loads(content)
    for cell in book["cells"]:
        first = "".join(cell["source"][:1])
        if first.startswith(FIRST):
            text = (TRAINING / "scenarios" / f"{first.removeprefix(FIRST).strip()}.yaml").read_text("utf-8")
            cell["source"] = [first, *text.rstrip().splitlines(keepends=True)]
    return (json.dumps(book, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def main() -> None:
    """Rewrite the notebooks whose scenarios have changed."""
    for path in sorted((TRAINING / "workshops").glob("*.ipynb")):
        content = path.read_bytes()
        new = with_scenarios(content)
        if new != content:
            path.write_bytes(new)
            print(path)


if __name__ == "__main__":
    main()
