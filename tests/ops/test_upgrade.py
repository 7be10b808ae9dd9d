"""A desk of an earlier version comes over to the tables of this one without loss, on both databases."""

import logging
from datetime import UTC, datetime

import pytest
from sqlalchemy import MetaData, event, func, inspect, select, text, update
from sqlalchemy.orm import Session

from helpdesk.core.database.engine import make_engine
from helpdesk.core.errors import Unavailable
from helpdesk.core.runtime import Runtime
from helpdesk.core.storage.blobs import Blobs
from helpdesk.core.tickets import counters
from helpdesk.core.tickets.models import Ticket
from helpdesk.hooks.loader import Hooks
from helpdesk.ops import migrate

AT = datetime(2026, 3, 20, 12, 30, tzinfo=UTC)
RENAMED = {"open_thread": "conversation_thread"}
ROWS = {
    "queue": [{"id": 1, "name": "Front", "promise": 60, "handover": False}],
    "account": [
        {"id": number, "channel": channel, "name": channel, "address": "", "queue_id": 1, "settings": {}, "enabled": True, "cursor": {}, "health": {}}
        | {"created_at": AT}
        for number, channel in ((1, "letters"), (2, "pigeons"))
    ],
    "user": [{"id": 1, "email": "a@desk.example", "name": "Sara", "role": "agent", "password_hash": "x", "epoch": 0, "active": True, "language": "fa"}
        | {"preferences": {}, "created_at": AT}],
    "customer": [{"id": 1, "name": "مینا", "language": "fa", "created_at": AT}],
    "identity": [{"id": 1, "customer_id": 1, "kind": "post", "address": "mina", "verified_at": None, "bounced": ""}],
    "ticket": [
        {"id": number, "subject": "سفارش", "status": "open", "active": True, "priority": "normal", "queue_id": 1, "assignee_id": 1, "customer_id": 1}
        | {"account_id": 1, "channel": "letters", "tags": ["vip"], "due_at": AT, "created_at": AT, "updated_at": AT, "preview": "", "last_message_id": 4}
        | {"last_inbound_id": 1, "unread": 0, "rests_until": None, "merged_into_id": None, "follow_up_of_id": None}
        for number in (1, 2)
    ],
    "parcel": [
        {"id": number, "account_id": 2, "external_id": f"p{number}", "raw": b"\0raw", "blob": "", "size": 4, "at": AT, "state": "done", "quiet": False}
        | {"attempts": 1, "lease_until": None, "worker": "", "reason": "", "first_id": None}
        for number in (1, 2)
    ],
    "message": [
        {"id": number, "ticket_id": 1, "kind": kind, "at": AT, "user_id": None, "customer_id": None, "author": "مینا", "address": "mina", "text": "سلام"}
        | {"quoted": "", "html": "", "parcel_id": raw_message, "external_id": known, "automatic": "", "unverified": False, "withdrawn": False}
        | {"details": {"authentic": True}}
        for number, kind, raw_message, known in (
            (1, "in", 1, "m1"), (2, "out", None, "m2"), (3, "note", None, ""), (4, "in", None, "m4"), (5, "in", 2, "m1"),
        )
    ],
    "delivery": [
        {"id": 1, "message_id": 2, "account_id": 2, "to": [{"kind": "post", "value": "mina", "name": ""}], "cc": [], "outcomes": {}, "subject": "s"}
        | {"state": "sent", "due_at": AT, "lease_until": None, "worker": "", "tries": 1, "reason": "", "external_id": "m2", "created_at": AT}
        | {"sent_at": AT}
    ],
    "attempt": [{"id": 1, "delivery_id": 1, "at": AT, "outcome": "sent", "detail": "250"}],
    "attachment": [{"id": 1, "message_id": 1, "name": "رسید.pdf", "type": "application/pdf", "size": 3, "sha256": "0" * 64, "cid": "", "inline": False}],
    "message_text": [{"message_id": number, "spaced": f"سلام {number}", "joined": f"سلام {number}"} for number in range(1, 6)],
    "reference": [{"account_id": 1, "external_id": "m0", "ticket_id": 1}],
    "open_thread": [{"account_id": 1, "thread": "visitor-7", "ticket_id": 1}],
    "participant": [{"ticket_id": 1, "kind": "post", "address": "mina", "name": "مینا"}],
    "merge": [{"id": 1, "source_id": 2, "target_id": 1, "messages": [4], "before": {}, "user_id": 1, "at": AT, "undone_at": None}],
    "draft": [{"user_id": 1, "ticket_id": 1, "mode": "reply", "text": "نیمه", "updated_at": AT}],
    "event": [{"seq": 1, "at": AT, "kind": "ticket.opened", "actor": "desk", "ticket_id": 1, "message_id": 1, "data": {"after": {"queue": 1}}}],
    "setting": [{"name": "sending paused", "value": {"at": "x"}}],
}  # fmt: skip
VISITS = (
    "CREATE TABLE visits_row (id INTEGER PRIMARY KEY, message_id {key} NOT NULL REFERENCES message (id), "
    "ticket_id {key} NOT NULL REFERENCES ticket (id))"
)


@pytest.fixture
def runtime(database_url, tmp_path):
    engine = make_engine(database_url)
    yield Runtime(None, engine, Hooks(), Blobs(tmp_path / "blobs"), None, parser=None)
    engine.dispose()


def core(runtime, revision):
    with migrate.changing(runtime.engine) as connection:
        migrate.chains(runtime)[0].run(connection, "upgrade", revision)


def read(runtime):
    """{table: its rows in the order of their keys} as the database has them."""
    metadata = MetaData()
    metadata.reflect(runtime.engine)
    with runtime.engine.connect() as connection:
        tables = [
            table
            for table in metadata.tables.values()
            if "fts" not in table.name and not table.name.startswith("alembic")
        ]
        return {
            t.name: [dict(row._mapping) for row in connection.execute(select(t).order_by(*t.primary_key))]
            for t in tables
        }


@pytest.fixture
def old(runtime):
    """A desk at revision 0002 with data of every kind, and a plugin's table that points into it."""
    core(runtime, "0002")
    metadata = MetaData()
    metadata.reflect(runtime.engine)
    with runtime.engine.begin() as connection:
        for name, rows in ROWS.items():
            connection.execute(metadata.tables[name].insert(), rows)
        connection.execute(text(VISITS.format(key="INTEGER" if runtime.engine.dialect.name == "sqlite" else "BIGINT")))
        connection.execute(text("INSERT INTO visits_row VALUES (1, 2, 1)"))
    return read(runtime)


def test_no_row_and_no_value_is_lost(runtime, old):
    core(runtime, "message_accounts")
    new = read(runtime)
    for name, rows in old.items():
        found = new[RENAMED.get(name, name)]
        assert len(found) == len(rows)
        for before, after in zip(rows, found, strict=True):
            assert {column: after[column] for column in before if column in after} == {
                column: v for column, v in before.items() if column in after
            }
    assert new["conversation_thread"] == [{"account_id": 1, "thread_key": "visitor-7", "ticket_id": 1}]


def test_a_message_gets_the_account_it_came_or_left_by(runtime, old):
    core(runtime, "message_accounts")
    new = read(runtime)
    known = {row["id"]: (row["account_id"], row["form"], row["visibility"]) for row in new["message"]}
    assert known == {
        1: (2, "text", "private"),  # its raw message's
        2: (2, "text", "private"),  # its delivery's
        3: (None, "text", "internal"),
        4: (1, "text", "private"),  # its ticket's
        5: (2, "text", "private"),
    }
    ids = {(row["account_id"], row["external_id"], row["message_id"]) for row in new["message_external_id"]}
    assert ids == {(2, "m1", 1), (2, "m2", 2), (1, "m4", 4)}, "the first message keeps an id that came twice"


def test_plugins_foreign_keys_and_the_search_index_survive(runtime, old):
    migrate.upgrade(runtime)
    assert {key["referred_table"] for key in inspect(runtime.engine).get_foreign_keys("visits_row")} == {
        "message",
        "ticket",
    }
    if runtime.engine.dialect.name == "sqlite":
        with runtime.engine.connect() as connection:
            assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
            assert connection.scalar(text("SELECT count(*) FROM message_fts WHERE message_fts MATCH 'سلام'")) == 5


def test_active_tickets_are_counted_and_from_then_on_kept(runtime, old):
    migrate.upgrade(runtime)
    with Session(runtime.engine) as session:
        active = session.query(Ticket).filter(Ticket.active).count()
        kept = session.query(counters.TicketCount).filter_by(scope=counters.QUEUE)
        assert sum(row.active for row in kept) == active > 0
        session.rollback()
        assert counters.wrong(session) == 0
        session.execute(update(Ticket).values(active=False))
        session.commit()
        assert counters.wrong(session) == 0
        assert {row.active for row in kept.populate_existing()} == {0}


def test_a_desk_whose_rows_point_nowhere_is_not_upgraded(runtime, old):
    if runtime.engine.dialect.name != "sqlite":
        return
    with runtime.engine.connect() as connection:
        connection.connection.dbapi_connection.execute("PRAGMA foreign_keys=OFF")
        connection.connection.dbapi_connection.execute("UPDATE visits_row SET message_id = 99")
        connection.connection.dbapi_connection.execute("PRAGMA foreign_keys=ON")
    with pytest.raises(Unavailable, match="visits_row"):
        migrate.upgrade(runtime)
    assert "message_external_id" not in inspect(runtime.engine).get_table_names()


def test_progress_is_told_and_the_work_grows_with_the_messages_alone(runtime, caplog):
    """Statements are counted, not time: one portion more for each portion of messages."""
    core(runtime, "0002")
    metadata = MetaData()
    metadata.reflect(runtime.engine)
    given = {name: rows for name, rows in ROWS.items() if name in ("queue", "account", "user", "customer", "ticket")}
    message = {**ROWS["message"][3], "kind": "note", "external_id": ""}
    with runtime.engine.begin() as connection:
        for name, rows in given.items():
            connection.execute(metadata.tables[name].insert(), rows)
        connection.execute(
            metadata.tables["message"].insert(), [{**message, "id": number} for number in (1, 50_000, 50_001, 100_001)]
        )
    statements = []
    event.listen(runtime.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    with caplog.at_level(logging.INFO, "hamdel.migrate"):
        core(runtime, "message_accounts")
    assert [record.getMessage() for record in caplog.records if record.name == "hamdel.migrate"] == [
        "messages: 50000 of 100001", "messages: 100000 of 100001", "messages: 100001 of 100001",
    ]  # fmt: skip
    assert sum("UPDATE message" in statement for statement in statements) == 3
    with runtime.engine.connect() as connection:
        table = metadata.tables["message"]
        assert connection.scalar(select(func.count()).select_from(table).where(text("visibility = 'internal'"))) == 4


# Names: the tables of the old words become those of the new ones ---------------------------------------------------

TABLES = {"parcel": "raw_message", "arrival": "seen_message", "open_thread": "conversation_thread"}
COLUMNS = {
    "parcel_id": "raw_message_id", "quiet": "imported", "rests_until": "snoozed_until", "promise": "target_minutes",
    ("ticket", "due_at"): "target_at", ("open_thread", "thread"): "thread_key",
}  # fmt: skip
KEYS = {
    "rests_until": "snoozed_until",
    "quiet": "silent",
    "parcel": "raw_message",
    "promise": "target_minutes",
    "voices": "participants",
}
FACTS = {"status": "open", "rests_until": "2026-03-21T08:00:00+00:00"}
OLD_WORDS = {
    "arrival": [{"account_id": 2, "identity": "f" * 64, "parcel_id": 1}],
    "event": [
        {"seq": seq, "at": AT, "kind": kind, "actor": "desk", "ticket_id": ticket, "message_id": None, "data": data}
        for seq, kind, ticket, data in (
            (2, "parcel.quarantined", None, {"parcel": 1, "account": 2}),
            (3, "parcel.retried", None, {"parcel": 1}),
            (4, "message.quiet", 1, {"quiet": True, "before": FACTS, "after": {**FACTS, "rests_until": None}}),
            (5, "queue.changed", None, {"queue": 1, "before": {"promise": 60}, "after": {"promise": 30}}),
            (6, "ticket.changed", 1, {"before": {"tags": ['"quiet":', "promise"]}, "after": {"tags": []}}),
            (100_007, "ticket.opened", 2, {"quiet": True}),
        )
    ],
    "merge": [
        {"id": 2, "source_id": 2, "target_id": 1, "messages": [], "user_id": 1, "at": AT, "undone_at": AT}
        | {"before": {"source": {**FACTS, "due_at": "9999-01-01T00:00:00+00:00"}, "voices": [["post", "mina"]]}}
    ],
    "message": [
        {**ROWS["message"][1], "id": 6, "external_id": "m6", "details": {"before": {**FACTS, "due_at": "9999-01-01T00:00:00+00:00"}}},
        {**ROWS["message"][0], "id": 7, "external_id": "m7", "parcel_id": None, "details": {"due_at": "what the customer's program said"}},
    ],
}  # fmt: skip


def renamed(value, more=()):
    """A stored JSON value with the new keys."""
    if isinstance(value, dict):
        return {{**KEYS, **dict(more)}.get(name, name): renamed(item, more) for name, item in value.items()}
    return value


@pytest.fixture
def worded(runtime, old):
    """The same desk with rows in which the old words are stored."""
    metadata = MetaData()
    metadata.reflect(runtime.engine)
    with runtime.engine.begin() as connection:
        for name, rows in OLD_WORDS.items():
            connection.execute(metadata.tables[name].insert(), rows)
    return read(runtime)


def test_every_row_comes_over_under_the_new_names(runtime, worded):
    core(runtime, "vocabulary")
    new = read(runtime)
    for table, rows in worded.items():
        found = new[TABLES.get(table, table)]
        assert len(found) == len(rows), table
        for before, after in zip(rows, found, strict=True):
            for column, value in before.items():
                column_now = COLUMNS.get((table, column), COLUMNS.get(column, column))
                if column_now not in after:
                    assert (table, column) == ("message", "external_id")  # a row of message_external_id now
                    continue
                if table == "event" and column == "kind":
                    value = value.replace("parcel.", "raw_message.").replace("message.quiet", "message.automatic")
                if (table, column) in (("event", "data"), ("merge", "before")) or (
                    table == "message" and before["kind"] == "out"
                ):
                    value = renamed(value, [("due_at", "target_at")] if table != "event" else [])
                assert after[column_now] == value, (table, column)


def test_nothing_bears_an_old_name_any_more(runtime, worded):
    core(runtime, "vocabulary")
    inspector = inspect(runtime.engine)
    names = set(inspector.get_table_names())
    for table in inspector.get_table_names():
        names |= {column["name"] for column in inspector.get_columns(table)} if "fts" not in table else set()
        names |= {index["name"] for index in inspector.get_indexes(table)}
        names |= {key["name"] for key in inspector.get_foreign_keys(table) + inspector.get_unique_constraints(table)}
        names.add(inspector.get_pk_constraint(table)["name"])
    assert {
        name for name in names if name and any(word in name for word in ("parcel", "arrival", "rest", "promise"))
    } == set()


def test_the_old_names_come_back(runtime, worded):
    core(runtime, "message_accounts")
    before = read(runtime)
    migrate.upgrade(runtime)
    with migrate.changing(runtime.engine) as connection:
        migrate.chains(runtime)[0].run(connection, "downgrade", "message_accounts")
    assert read(runtime) == before


def test_progress_of_renaming_is_logged_for_each_portion(runtime, worded, caplog):
    with caplog.at_level(logging.INFO, "hamdel.migrate"):
        core(runtime, "vocabulary")
    said = [record.getMessage() for record in caplog.records if record.name == "hamdel.migrate"]
    assert [line for line in said if line.startswith("event")] == [
        f"event: {n} of 100007" for n in (50_000, 100_000, 100_007)
    ]


def test_running_targets_become_clocks(runtime, worded):
    """A target that ran goes on as the clock of the answer that is owed; what an automatic or solved ticket has is none."""
    core(runtime, "clocks")
    with runtime.engine.connect() as connection:
        clocks = connection.execute(text("SELECT ticket_id, name, state, target_at, due_at FROM clock")).all()
        owed = connection.execute(
            text(
                "SELECT id, target_at FROM ticket WHERE status IN ('open', 'pending') AND merged_into_id IS NULL AND target_at < '9000-01-01'"
            )
        ).all()
    assert [(c.ticket_id, c.state, c.target_at, c.due_at) for c in clocks] == [
        (t.id, "running", t.target_at, t.target_at) for t in owed
    ]
    assert owed
