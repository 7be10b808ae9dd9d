"""Whether a JSON list in a column holds a text, in the words of both databases."""

from __future__ import annotations

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import Boolean


class has_tag(FunctionElement):  # noqa: N801  (it is written as a function)
    """True when a list of tags holds one."""

    type = Boolean()
    inherit_cache = True
    name = "has_tag"


@compiles(has_tag, "sqlite")
def _has_tag_in_sqlite(element, compiler, **options):
    tags, tag = element.clauses
    return (
        f"EXISTS (SELECT 1 FROM json_each({compiler.process(tags, **options)}) WHERE value = "
        f"{compiler.process(tag, **options)})"
    )


@compiles(has_tag, "postgresql")
def _has_tag_in_postgresql(element, compiler, **options):
    tags, tag = element.clauses
    return f"(({compiler.process(tags, **options)})::jsonb @> to_jsonb(({compiler.process(tag, **options)})::text))"
