"""The migrations make exactly the tables of `store/tables.py`, on both databases."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from store.database import Database, open_database
from store.migrations.run import newest
from store.tables import metadata
from tests.support.databases import PostgreSQL

ROOT = Path(__file__).resolve().parents[2]


# Alembic cannot compare indices of expressions; the next test compares them word by word.
@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based")
def test_the_migrations_make_the_tables_as_written(db: Database) -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_object": _is_comparable}
        )

        assert compare_metadata(context, metadata) == []


def test_the_migrations_make_every_constraint_and_partial_index(db: Database) -> None:
    migrated = _described(db)

    fresh = _fresh(db)
    metadata.create_all(fresh.engine)
    expected = _described(fresh)
    fresh.close()

    assert migrated == expected


def test_an_upgrade_of_the_newest_schema_changes_nothing(db: Database) -> None:
    before = db.schema_revision()

    db.upgrade()

    assert db.schema_revision() == before == newest()


def test_a_node_starts_while_another_one_writes(db: Database, db_url: str) -> None:
    starting = open_database(db_url)

    with db.transaction():  # on SQLite nobody else may begin to write meanwhile
        starting.upgrade()
        revision = starting.schema_revision()

    starting.close()
    assert revision == newest()


def test_an_empty_postgresql_is_upgraded_by_two_nodes_at_once(
    postgresql_server: PostgreSQL,
) -> None:
    url = postgresql_server.create(empty=True)
    code = f"from store.database import open_database; open_database({url!r}).upgrade()"

    nodes = [subprocess.Popen([sys.executable, "-c", code], cwd=ROOT) for _ in range(2)]

    assert [node.wait(timeout=60) for node in nodes] == [0, 0]
    postgresql_server.drop(url)


def test_the_schema_is_made_from_any_folder_without_alembic_ini(tmp_path: Path) -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); from store.database import open_database; "
        "db = open_database('sqlite:///x.db'); db.upgrade(); print(db.schema_revision())"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )

    assert done.stdout == f"{newest()}\n"
    assert [file.name for file in tmp_path.iterdir() if file.suffix == ".ini"] == []


def _is_comparable(thing: Any, _name: str | None, kind: str, *_: Any) -> bool:
    return kind != "index" or thing.name not in _OF_EXPRESSIONS


_OF_EXPRESSIONS = {
    index.name
    for table in metadata.tables.values()
    for index in table.indexes
    if not all(isinstance(each, sqlalchemy.Column) for each in index.expressions)
}


def _fresh(db: Database) -> Database:
    if not db.is_postgresql:
        return open_database(str(db.engine.url).replace(".db", "-fresh.db"))
    schema = "as_written"
    with db.transaction() as tx:
        tx.exec_driver_sql(f"CREATE SCHEMA {schema}")
    url = db.engine.url.update_query_dict({"options": f"-csearch_path={schema}"})
    return Database(sqlalchemy.create_engine(url))


def _described(db: Database) -> object:
    """Tables, constraints and indexes in the database's own words."""
    with db.engine.connect() as connection:
        if not db.is_postgresql:
            rows = connection.exec_driver_sql(
                "SELECT type, name, tbl_name, sql FROM sqlite_master "
                "WHERE name != 'alembic_version' AND tbl_name != 'alembic_version'"
            ).all()
            return sorted(
                (kind, name, table, sorted(_words(sql))) for kind, name, table, sql in rows
            )
        constraints = connection.exec_driver_sql(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) "
            "FROM pg_constraint WHERE connamespace = current_schema()::regnamespace "
            "AND conrelid::regclass::text NOT LIKE '%%alembic%%'"
        ).all()
        indexes = connection.exec_driver_sql(
            "SELECT tablename, indexname, replace(indexdef, schemaname || '.', '') "
            "FROM pg_indexes WHERE schemaname = current_schema() AND tablename != 'alembic_version'"
        ).all()
        return sorted(map(tuple, constraints)), sorted(map(tuple, indexes))


def _words(sql: str | None) -> list[str]:
    return (sql or "").replace(",", " ").replace("(", " ( ").replace(")", " ) ").split()
