"""Every form the archive ever had comes to the form of today, with all it held."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from monitor.errors import ArchiveFull, StoreError
from monitor.store import evidence
from monitor.store.archive import Archive
from monitor.store.migrations import STEPS, schema_version
from monitor.store.reading import list_hits

FORMS = sorted((Path(__file__).parent.parent / "data" / "schema").glob("v*.sql"))
_SHAPE = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY 1, 2"


@pytest.fixture(params=FORMS, ids=lambda path: path.stem)
def past(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """An archive of a past form, with data."""
    path = tmp_path / "past.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.executescript(request.param.read_text(encoding="utf-8"))
    return path


def content(path: Path) -> dict[str, list[dict[str, object]]]:
    """Every row of every table, by table."""
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        tables = [
            r["name"]
            for r in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            if not r["name"].startswith(("entries_fts", "sqlite_", "_sqlite"))
        ]
        return {t: [dict(r) for r in connection.execute(f"SELECT * FROM {t}")] for t in tables}


def test_the_form_before_todays_is_among_the_past_ones() -> None:
    """Whoever adds a form dumps the one before it first: ``scripts/dump_archive.py``."""
    assert FORMS[-1].stem == f"v{schema_version() - 1:03d}"


def test_a_past_form_migrates_to_what_a_fresh_archive_is(past: Path, tmp_path: Path) -> None:
    with Archive.open(past) as migrated, Archive.open(tmp_path / "fresh.db") as fresh:
        shapes = [[tuple(r) for r in a.rows(_SHAPE)] for a in (migrated, fresh)]
        versions = [a.rows("PRAGMA user_version")[0][0] for a in (migrated, fresh)]
        assert migrated.rows("PRAGMA foreign_key_check") == []
    assert shapes[0] == shapes[1]
    assert versions == [schema_version(), schema_version()]


def test_a_migration_keeps_every_value_of_every_row(past: Path) -> None:
    before = content(past)
    Archive.open(past).close()
    after = content(past)
    assert sum(len(rows) for rows in before.values()) > 30
    assert set(before) - set(after) <= {"story_keys"}, "told anew by `story_index`"
    for table, rows in before.items():
        if table not in after:
            continue
        kept = [{k: row[k] for k in old} for row, old in zip(after[table], rows, strict=True)]
        assert kept == rows, table


def test_a_migrated_archive_finds_proves_and_goes_on(past: Path) -> None:
    with Archive.open(past) as archive:
        assert [h["organisation"] for h in list_hits(archive, since=None, search="clearview")] == [
            "Clearview AI"
        ]
        rows = [dict(r) for r in archive.rows("SELECT * FROM evidence ORDER BY seq")]
        assert evidence.broken_at(rows) is None
        for view in archive.rows("SELECT name FROM sqlite_master WHERE type = 'view'"):
            archive.rows(f"SELECT * FROM {view['name']}")


def test_going_back_is_putting_the_copy_of_before_in_place(past: Path) -> None:
    before = content(past)
    with closing(sqlite3.connect(past)) as connection:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
    told: list[str] = []
    Archive.open(past, tell=told.append).close()
    saved = past.with_name(f"{past.name}.before-v{schema_version()}")
    assert str(saved) in told[0]
    assert content(saved) == before
    with closing(sqlite3.connect(saved)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone()[0] == version
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        # a plain file of its own: copying it is enough
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "delete"


def test_an_older_archive_is_not_migrated_by_who_only_reads(past: Path) -> None:
    before = past.read_bytes()
    with pytest.raises(StoreError, match="older regwatch"):
        Archive.open_readonly(past)
    with Archive.open_readonly(past, older=True) as archive:
        assert archive.rows("SELECT count(*) FROM entries")[0][0] == 3
    assert past.read_bytes() == before


def test_a_migration_without_room_for_the_copy_leaves_the_archive_as_it_was(past: Path) -> None:
    before = content(past)
    past.with_name(f"{past.name}.before-v{schema_version()}.part").mkdir()
    with pytest.raises(ArchiveFull):
        Archive.open(past)
    assert content(past) == before


def test_a_step_that_fails_takes_the_whole_migration_back(
    past: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def m999_broken(db: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    before = content(past)
    monkeypatch.setattr("monitor.store.migrations.STEPS", [*STEPS, m999_broken])
    with pytest.raises(ArchiveFull):
        Archive.open(past)
    monkeypatch.undo()
    assert content(past) == before
    with Archive.open(past) as archive:
        assert archive.rows("PRAGMA user_version")[0][0] == schema_version()


def test_a_migration_tells_its_steps(past: Path) -> None:
    from collections.abc import Iterator
    from contextlib import contextmanager

    totals: list[int] = []
    steps: list[str] = []

    @contextmanager
    def meter(total: int) -> Iterator[object]:
        totals.append(total)
        yield steps.append

    Archive.open(past, meter=meter).close()  # type: ignore[arg-type]  # a narrower yield
    assert totals == [len(steps)]
    assert (steps[0], steps[-1]) == ("saved", "views")


def test_an_earlier_copy_is_kept_and_the_new_one_has_a_name_of_its_own(past: Path) -> None:
    first = past.read_bytes()
    Archive.open(past).close()
    for end in ("-wal", "-shm"):
        past.with_name(past.name + end).unlink(missing_ok=True)
    past.write_bytes(first)
    with closing(sqlite3.connect(past)) as connection:
        connection.execute("UPDATE entries SET title = 'weeks later' WHERE id = 1")
        connection.commit()
    before = content(past)
    told: list[str] = []
    Archive.open(past, tell=told.append).close()
    earlier = past.with_name(f"{past.name}.before-v{schema_version()}")
    saved = past.with_name(f"{earlier.name}-2")
    assert f"saving it as {saved}," in told[0]
    assert content(saved) == before
    assert content(earlier) != before


def test_a_migration_that_fails_again_and_again_leaves_no_row_of_copies(
    past: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = content(past)

    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("monitor.store.archive.apply", fail)
    for _ in range(2):
        with pytest.raises(RuntimeError):
            Archive.open(past)
    assert content(past) == before
    assert list(past.parent.glob("*.before-v*")) == []
