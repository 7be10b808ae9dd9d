"""Writes a new revision of the core from what has changed in its models: tools/revision.py "what changes", or
--first to write 0001 anew.
"""

import shutil
import sys
import tempfile
from pathlib import Path

from alembic import command

from helpdesk.core.database.base import Base, Moment, Plain
from helpdesk.core.database.engine import make_engine
from helpdesk.ops.migrate import CORE, FOLDER, Chain, changing


def render(kind, item, context):
    """A revision is frozen: it spells types out and imports nothing of the desk."""
    if kind == "type" and isinstance(item, Moment):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and item is Plain:
        context.imports.add("from sqlalchemy.dialects import postgresql")
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    return False


def include(item, name, kind, reflected, counterpart):
    """Leave out what the models do not know: full-text tables and version tables."""
    return not (kind == "table" and reflected and counterpart is None)


def write(message: str, chain: Chain, number: str) -> Path:
    """Bring an empty database to the chain's end and write down what the models have beyond it."""
    engine = make_engine("sqlite://")
    with changing(engine) as connection:
        chain.run(connection, "upgrade", "head")
        config = chain.config(connection, metadata=Base.metadata, render=render, include=include)
        config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
        script = command.revision(config, message, autogenerate=True, rev_id=number)
    path = Path(script.path)
    path.write_text("".join(line for line in path.read_text().splitlines(True) if "# ###" not in line))
    return path


if __name__ == "__main__":
    message = sys.argv[1]
    if message == "--first":
        with tempfile.TemporaryDirectory() as folder:
            shutil.copy(
                write("Tables of the core", Chain(CORE, Path(folder)), "0001"), FOLDER / "versions" / "0001_tables.py"
            )
    else:
        write(message, Chain(CORE, FOLDER / "versions"), f"{len(list((FOLDER / 'versions').glob('*.py'))) + 1:04}")
