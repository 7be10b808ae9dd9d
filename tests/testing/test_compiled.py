"""Statements and templates are compiled once in a test process."""

from flask import Flask, render_template
from jinja2 import DictLoader, Environment
from sqlalchemy import Column, Integer, MetaData, Table, create_engine, event, insert, select

from helpdesk.core.database.engine import make_engine

NUMBERS = Table("numbers", MetaData(), Column("number", Integer))


def compiled_before(engine, number):
    """Whether (the insert, the select) of this engine were compiled before, and what is read."""
    known = []
    event.listen(engine, "after_cursor_execute", lambda *given: known.append(given[4].cache_hit.name == "CACHE_HIT"))
    with engine.begin() as connection:
        NUMBERS.create(connection)
        known.clear()
        connection.execute(insert(NUMBERS), {"number": number})
        return known, connection.scalars(select(NUMBERS.c.number)).all()


def test_a_second_database_compiles_nothing_anew(tmp_path):
    assert compiled_before(make_engine(f"sqlite:///{tmp_path / 'a'}"), 1) == ([False, False], [1])
    assert compiled_before(make_engine(f"sqlite:///{tmp_path / 'b'}"), 2) == ([True, True], [2])


def test_another_kind_of_database_compiles_its_own():
    sqlite, other = create_engine("sqlite://"), create_engine("postgresql+psycopg://")
    assert sqlite.dialect == create_engine("sqlite://").dialect and sqlite.dialect != other.dialect


def test_a_second_application_compiles_no_template_anew(monkeypatch):
    compiled = []
    generate = Environment._generate
    monkeypatch.setattr(
        Environment, "_generate", lambda *given, **named: compiled.append(1) or generate(*given, **named)
    )
    for _ in range(2):
        app = Flask(__name__)
        app.jinja_loader = DictLoader({"a.html": "{{ 1 + 1 }} compiled once"})
        with app.app_context():
            assert render_template("a.html") == "2 compiled once"
    assert len(compiled) == 1
