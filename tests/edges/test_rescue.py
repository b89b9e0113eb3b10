"""A damaged archive: named, left as it is, and what can be read of it saved."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from classifiers.model import Model
from monitor.cli import cli
from monitor.domain import ParsedEntry
from monitor.errors import (
    ArchiveFull,
    DamagedArchive,
    ForeignDatabase,
    MonitorError,
    StoreError,
    UsageError,
)
from monitor.identity import entry_keys
from monitor.recording import Recorder, record_items
from monitor.store import entries, evidence, feeds, keeping
from monitor.store.archive import Archive
from monitor.store.codec import moment
from monitor.store.rescue import rescue

COUNT = 400


@pytest.fixture
def whole(tmp_path: Path, now: datetime) -> Path:
    """An archive of some hundred entries, in one plain file."""
    path = tmp_path / "regwatch.db"
    with Archive.open(path) as archive:
        with archive.write() as connection:
            row = feeds.ensure_source(connection, "A", "press")
            for n in range(COUNT):
                entry = ParsedEntry(f"Title {n}", url=f"https://a.example/{n}", guid=str(n), summary="word " * 60)  # fmt: skip
                entries.insert(connection, row, [(entry, entry_keys(entry), now + timedelta(hours=n))], fetch_id=None, baseline=False)  # fmt: skip
                evidence.append(connection, now, "fact", {"n": n})
        archive.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


def spoil(path: Path, page: int) -> bytes:
    content = bytearray(path.read_bytes())
    content[(page - 1) * 4096 : page * 4096] = b"\xa5" * 4096
    path.write_bytes(content)
    return bytes(content)


def pages_of(path: Path, table: str) -> list[int]:
    """The leaf pages of a table, found by what they say."""
    content = path.read_bytes()
    marker = {"entries": b"https://a.example/", "evidence": b'{"n":'}[table]
    return [
        n + 1
        for n in range(len(content) // 4096)
        if content[n * 4096] == 13 and marker in content[n * 4096 : (n + 1) * 4096]
    ]


def test_a_damaged_archive_is_named_and_left_as_it_is(whole: Path, now: datetime) -> None:
    spoilt = spoil(whole, pages_of(whole, "entries")[3])
    with Archive.open(whole) as archive:
        with pytest.raises(DamagedArchive, match="regwatch rescue"):
            archive.rows("SELECT sum(length(summary)) FROM entries")
    assert whole.read_bytes()[4096:] == spoilt[4096:]


def test_everything_outside_the_damage_is_rescued(whole: Path, tmp_path: Path) -> None:
    spoilt = spoil(whole, pages_of(whole, "entries")[3])
    found = {r.table: r for r in rescue(whole, tmp_path / "new.db", lambda _: None)}
    assert whole.read_bytes() == spoilt
    assert not found["entries"].complete
    assert COUNT - 40 < found["entries"].rows < COUNT
    assert (found["evidence"].rows, found["evidence"].complete) == (COUNT, True)
    with Archive.open(tmp_path / "new.db") as archive:
        ids = [r["id"] for r in archive.rows("SELECT id FROM entries ORDER BY id")]
        assert (ids[0], ids[-1]) == (1, COUNT)
        assert archive.rows("SELECT count(*) FROM entries_fts WHERE entries_fts MATCH 'title'")[0][0] == len(ids)  # fmt: skip
        assert evidence.broken_at([dict(r) for r in archive.rows("SELECT * FROM evidence ORDER BY seq")]) is None  # fmt: skip


def test_whatever_page_is_lost_the_rescued_archive_is_sound(whole: Path, tmp_path: Path) -> None:
    sound = whole.read_bytes()
    pages = len(sound) // 4096
    for page in range(2, pages + 1, max(1, pages // 12)):
        spoil(whole, page)
        target = tmp_path / f"new{page}.db"
        try:
            rescue(whole, target, lambda _: None)
        except StoreError as error:
            assert "list of tables" in str(error)
        else:
            assert keeping.quick_check(target) == "ok", page
            with Archive.open(target) as archive:
                assert archive.rows("PRAGMA foreign_key_check") == [], page
        whole.write_bytes(sound)


def test_a_lost_source_gets_a_stand_in_and_its_entries_stay(whole: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(whole)) as connection:
        connection.execute("DELETE FROM feeds")
        connection.commit()
    rescue(whole, tmp_path / "new.db", lambda _: None)
    with Archive.open(tmp_path / "new.db") as archive:
        assert archive.rows("SELECT count(*) FROM entries")[0][0] == COUNT
        assert archive.rows("SELECT name FROM feeds")[0]["name"] == "A (rescued 1)"


def test_days_that_were_watched_are_copied_and_not_counted_twice(
    whole: Path, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(whole)) as connection:
        for day in ("2026-11-20", "2026-11-21"):
            connection.execute(
                "INSERT INTO fetches (feed_id, started, seconds, outcome) VALUES (1, ?, 1, 'parsed')",
                (f"{day}T08:00:00.000Z",),
            )
        connection.execute("DELETE FROM fetches WHERE started < '2026-11-21'")
        connection.commit()
    rescue(whole, tmp_path / "new.db", lambda _: None)
    with Archive.open(tmp_path / "new.db") as archive:
        days = archive.rows("SELECT day, polls FROM watched_days ORDER BY day")
        assert [tuple(d) for d in days] == [("2026-11-20", 1), ("2026-11-21", 1)]


def test_the_command_is_red_where_rows_were_lost_and_green_where_none_was(
    whole: Path, tmp_path: Path
) -> None:
    """A script that goes on after a rescue must learn of what is missing."""
    (tmp_path / "feeds.yaml").write_text("feeds: []\n")

    def command(target: str) -> tuple[int, str]:
        words = ["--config", str(tmp_path / "feeds.yaml"), "rescue", str(whole), str(tmp_path / target)]  # fmt: skip
        done = CliRunner().invoke(cli, words)
        code = done.exception.exit_code if isinstance(done.exception, MonitorError) else done.exit_code  # fmt: skip
        return code, str(done.exception)

    assert command("first.db")[0] == 0
    spoil(whole, pages_of(whole, "entries")[3])
    code, why = command("second.db")
    assert code == 4
    assert "losses in entries" in why


def test_a_file_that_lost_its_end_gives_what_is_before_the_cut(whole: Path, tmp_path: Path) -> None:
    whole.write_bytes(whole.read_bytes()[:-4096])
    found = {r.table: r for r in rescue(whole, tmp_path / "new.db", lambda _: None)}
    assert found["entries"].rows > COUNT - 40
    assert keeping.quick_check(tmp_path / "new.db") == "ok"


def test_a_row_that_no_archive_may_hold_is_a_loss(whole: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(whole)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute("UPDATE feeds SET state = 'oK'")
        connection.commit()
    found = {r.table: r for r in rescue(whole, tmp_path / "new.db", lambda _: None)}
    assert (found["feeds"].rows, found["feeds"].complete) == (0, False)


def test_a_rescue_that_is_broken_off_leaves_nothing(whole: Path, tmp_path: Path) -> None:
    def full(table: str) -> None:
        if table == "entries":
            raise sqlite3.OperationalError("database or disk is full")

    with pytest.raises(ArchiveFull, match="nothing half-written was kept"):
        rescue(whole, tmp_path / "new.db", full)
    assert {p.name.removesuffix("-wal").removesuffix("-shm") for p in tmp_path.iterdir()} == {whole.name}  # fmt: skip


def test_a_rescue_overwrites_nothing(whole: Path, tmp_path: Path) -> None:
    (tmp_path / "new.db").write_text("mine")
    with pytest.raises(UsageError, match="exists"):
        rescue(whole, tmp_path / "new.db", lambda _: None)
    assert (tmp_path / "new.db").read_text() == "mine"


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """An archive of an older form, with stories that were told."""
    path = tmp_path / "old.db"
    form = Path(__file__).parent.parent / "data" / "schema" / "v004.sql"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(form.read_text(encoding="utf-8"))
    return path


def derived(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """What is not written by hand but follows from other rows."""
    asked = {
        "index": "SELECT key, day, entry_id FROM story_index ORDER BY 1, 2, 3",
        "cases": "SELECT key, began, story_id, sought FROM story_cases ORDER BY 1, 2, 3",
        "told": "SELECT id, sent_at FROM stories ORDER BY id",
    }
    with Archive.open(path) as archive:
        return {name: [tuple(r) for r in archive.rows(sql)] for name, sql in asked.items()}


def test_a_rescued_older_archive_finds_and_times_its_stories_as_a_migrated_one(
    older: Path, tmp_path: Path
) -> None:
    rescue(older, tmp_path / "new.db", lambda _: None)
    rescued = derived(tmp_path / "new.db")
    assert all(rescued.values())
    assert rescued == derived(older)


def test_a_story_told_before_the_rescue_is_not_told_again(
    older: Path, tmp_path: Path, model: Model
) -> None:
    rescue(older, tmp_path / "new.db", lambda _: None)
    with Archive.open(tmp_path / "new.db") as archive:
        row = archive.rows("SELECT e.* FROM entries e JOIN story_entries s ON s.entry_id = e.id ORDER BY e.id")[0]  # fmt: skip
        stories = archive.rows("SELECT count(*) FROM stories")[0][0]
        alerts = archive.rows("SELECT max(id) FROM alerts")[0][0]
        seen = moment(row["first_seen"])
        again = replace(entries.entry_of(row), url="https://else.example/1", guid="x", published=seen)  # fmt: skip
        recorder = Recorder(archive, model, ("C1",), timedelta(days=3))
        record_items(recorder, [("Else", again)], now=seen + timedelta(hours=2), alert=True)
        assert archive.rows("SELECT count(*) FROM stories")[0][0] == stories
        kinds = [r["kind"] for r in archive.rows("SELECT kind FROM alerts WHERE id > ?", (alerts,))]
        assert "new" not in kinds


def test_the_id_of_a_story_that_was_lost_is_given_to_no_other(
    older: Path, tmp_path: Path, model: Model, now: datetime
) -> None:
    Archive.open(older).close()
    with closing(sqlite3.connect(older)) as connection:
        evidence_of = "INSERT INTO evidence (made, what, story, data, previous, hash) VALUES ('2026-11-24T12:00:00.000Z', 'decision', 'S-2026-000077', '{}', '', 'x')"
        connection.execute(evidence_of)
        connection.commit()
    rescue(older, tmp_path / "new.db", lambda _: None)
    with Archive.open(tmp_path / "new.db") as archive:
        recorder = Recorder(archive, model, ("C1",), timedelta(days=3))
        entry = ParsedEntry(
            "Garante fines Replika 5 million euros over AI companion and personal data", guid="z"
        )
        record_items(recorder, [("Else", entry)], now=now, alert=True)
        assert archive.rows("SELECT max(public_id) FROM stories")[0][0] == "S-2026-000078"


@pytest.mark.parametrize("spoilt", [False, True])
def test_lost_index_and_unreadable_facts_do_not_stop_a_rescue(
    older: Path, tmp_path: Path, spoilt: bool
) -> None:
    Archive.open(older).close()
    with closing(sqlite3.connect(older)) as connection:
        told = connection.execute("SELECT sent_at FROM stories WHERE id = 1").fetchone()[0]
        connection.execute("DELETE FROM story_index")
        connection.execute("DELETE FROM deliveries")
        connection.execute("UPDATE story_entries SET facts = '\ufffd', vector = x'a5' WHERE entry_id = 2")  # fmt: skip
        connection.execute("UPDATE entries SET first_seen = '\ufffd', published = NULL WHERE id = 2 AND :spoilt", {"spoilt": spoilt})  # fmt: skip
        connection.commit()
    rescue(older, tmp_path / "new.db", lambda _: None)
    found = derived(tmp_path / "new.db")
    assert {row[2] for row in found["index"]} == ({1} if spoilt else {1, 2})
    assert told
    assert found["told"][0] == (1, told)


@pytest.mark.parametrize("statement", ["SELECT 1", "CREATE TABLE notes (text TEXT)"])
def test_a_file_of_another_program_or_an_empty_one_is_no_archive_to_rescue(
    tmp_path: Path, statement: str
) -> None:
    with closing(sqlite3.connect(tmp_path / "other.db")) as other:
        other.execute(statement)
    with pytest.raises(ForeignDatabase, match=r"other\.db"):
        rescue(tmp_path / "other.db", tmp_path / "new.db", lambda _: None)
    assert not (tmp_path / "new.db").exists()
