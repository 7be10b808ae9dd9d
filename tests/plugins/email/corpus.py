"""Where the corpus of mail lies: beside the project, or further up where there is one."""

from pathlib import Path

CORPUS = next(
    (above / "shared/corpus" for above in Path(__file__).resolve().parents[4:] if (above / "shared/corpus").is_dir()),
    Path("no-corpus"),
)
