"""Tables, migrations and imports: all of it or nothing, on both databases."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, func, insert, inspect, select, text

from risk_model.errors import InputError, NotEnoughDataError, RiskModelError
from service.drawing import Wanted, draw_list
from service.importing import import_data_set
from service.running import Running
from service.settings import Settings
from service.storage.engine import MIGRATIONS, for_writing, is_current, migrate, open_engine, revisions
from service.storage.register import newest_import
from service.storage.row_states import read_actions
from service.tables import schema
from service.tables.lists import row_actions

NOW = datetime(2026, 1, 12, tzinfo=UTC)
PERSONAL = {"sex", "birth_year", "education", "marital_status", "worker_ref"}


def quiet(_done: int, _total: int, _text: str) -> None:
    """Progress that nobody watches."""


def migrations_on(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def counts(running: Running) -> dict[str, int]:
    with running.engine.connect() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in schema.metadata.sorted_tables
        }


def test_the_migrations_make_exactly_the_tables_the_code_reads(empty: Running) -> None:
    with empty.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), schema.metadata) == []
    assert is_current(empty.engine)


def test_the_numbers_of_the_files_are_the_revisions_in_order() -> None:
    chain = ScriptDirectory(str(MIGRATIONS)).walk_revisions()
    assert [script.revision for script in chain][::-1] == list(revisions())


def test_migrations_go_down_and_up_again_with_data_in_the_tables(running: Running) -> None:
    assert counts(running)["placements"] == 61
    migrate(running.engine, "base")
    assert set(inspect(running.engine).get_table_names()) <= {"alembic_version"}
    assert not is_current(running.engine)
    migrate(running.engine)
    assert counts(running)["placements"] == 0


def test_what_was_done_with_rows_outlives_the_index_that_finds_it(running: Running) -> None:
    drawn = draw_list(running, Wanted(10, "BP3MI-NTT", "placement", 5), now=NOW, by=("user:test", "supervisor"))
    done = {"list_id": drawn.list_id, "action": "accept", "by": "user:test", "at": datetime(2026, 1, 12), "detail": {}}
    with running.engine.begin() as connection:
        connection.execute(insert(row_actions), [{**done, "rank": rank} for rank in (2, 1, 2)])

    def indexed() -> bool:
        found = inspect(running.engine).get_indexes("row_actions")
        return ["list_id", "rank"] in [index["column_names"] for index in found]

    def ranks() -> list[int]:
        with running.engine.connect() as connection:
            return [row["rank"] for row in read_actions(connection, drawn.list_id)]

    assert (indexed(), ranks()) == (True, [2, 1, 2])
    for revision, is_there in (("0008", False), ("0009", True)):
        turn = command.downgrade if revision == "0008" else command.upgrade
        with for_writing(running.engine).begin() as connection:
            turn(migrations_on(connection), revision)
        assert (indexed(), ranks()) == (is_there, [2, 1, 2])


def test_migrating_twice_changes_nothing(running: Running) -> None:
    before = counts(running)
    migrate(running.engine)
    assert counts(running) == before


def test_nothing_personal_has_a_column(empty: Running) -> None:
    inspector = inspect(empty.engine)
    found = {
        (name, column["name"])
        for name in inspector.get_table_names()
        for column in inspector.get_columns(name)
        if column["name"] in PERSONAL
    }
    assert found == {("placement_workers", "worker_ref"), ("worker_requests", "worker_ref")}


def test_an_import_holds_the_cohort_its_scores_and_what_happened_around_it(shared_running: Running) -> None:
    held = counts(shared_running)
    assert held["placements"] == held["scores"] == 61
    around = ("recent_visits", "mandatory_cases", "resting_placements", "area_events", "imports")
    assert [held[name] for name in around] == [1, 1, 1, 1, 1]
    newest = newest_import(shared_running.engine)
    assert newest is not None
    assert (newest.as_of, newest.data_origin) == (datetime(2026, 1, 1), "simulated")


def test_an_earlier_date_holds_only_what_was_known_then(running: Running, data_set: Path) -> None:
    with pytest.raises(NotEnoughDataError, match="choose a later --as-of"):
        import_data_set(running, data_set, as_of=datetime(2025, 1, 11), now=NOW, progress=quiet)
    import_data_set(running, data_set, as_of=datetime(2025, 2, 1), now=NOW, progress=quiet)
    with running.engine.connect() as connection:
        assert set(connection.execute(select(schema.register.scores.c.stage)).scalars()) == {"before"}
        assert set(connection.execute(select(schema.register.placements.c.departed_on)).scalars()) == {None}
    assert counts(running)["mandatory_cases"] == 0


def test_an_import_that_fails_half_way_leaves_the_register_as_it_was(running: Running, data_set: Path) -> None:
    before, was = counts(running), newest_import(running.engine)

    def fail_while_storing(done: int, _total: int, step: str) -> None:
        if step.startswith("scoring") and done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_data_set(running, data_set, as_of=datetime(2025, 2, 1), now=NOW, progress=fail_while_storing)
    assert counts(running) == before
    assert newest_import(running.engine) == was


def test_a_running_service_follows_a_newer_import(running: Running, data_set: Path) -> None:
    assert running.scoring().histories.as_of == datetime(2026, 1, 1, tzinfo=UTC)
    import_data_set(running, data_set, as_of=datetime(2025, 6, 1), now=NOW, progress=quiet)
    assert running.scoring().histories.as_of == datetime(2025, 6, 1, tzinfo=UTC)


def test_a_folder_that_is_no_data_set_changes_nothing(running: Running, tmp_path: Path) -> None:
    before = counts(running)
    (tmp_path / "placements.parquet").write_bytes(b"not a table")
    with pytest.raises(RiskModelError, match="placements"):
        import_data_set(running, tmp_path, as_of=None, now=NOW, progress=quiet)
    assert counts(running) == before


def test_sqlite_writes_ahead_and_keeps_every_acknowledged_write(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'made' / 'service.db'}")
    with engine.connect() as connection:
        found = [connection.execute(text(f"PRAGMA {name}")).scalar() for name in ("journal_mode", "synchronous")]
    engine.dispose()
    assert found == ["wal", 2]


def test_a_database_that_does_not_answer_is_named_without_its_password() -> None:
    with pytest.raises(InputError, match="RISK_DATABASE_URL") as caught:
        open_engine("postgresql+psycopg://clerk:secret@127.0.0.1:1/none")
    assert "secret" not in str(caught.value)


def test_a_release_is_needed_for_nothing_here(
    databases: Any, make_settings: Callable[..., Settings], data_set: Path, tmp_path: Path
) -> None:
    running = Running(make_settings(databases.new(), model_dir=tmp_path))
    migrate(running.engine)
    report = import_data_set(running, data_set, as_of=None, now=NOW, progress=quiet)
    running.close()
    assert (report.placements, report.model_version) == (61, "published_rule")
