"""The archive: ours or refused, whole or untouched."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from monitor.errors import (
    DamagedArchive,
    ForeignDatabase,
    LockHeld,
    SchemaTooNew,
    StoreError,
)
from monitor.evidence_pack import pack, verify
from monitor.store import evidence, feeds, keeping, lock
from monitor.store.archive import Archive
from monitor.store.codec import iso, moment
from monitor.store.reading import list_hits, match_expression


def test_a_database_of_another_program_is_refused_and_untouched(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE t (a)")
        other.commit()
    before = path.read_bytes()
    with pytest.raises(ForeignDatabase, match=r"other\.db"):
        Archive.open(path)
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_refused_and_untouched(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("dear diary, this is not a database")
    with pytest.raises(ForeignDatabase):
        Archive.open(path)
    assert path.read_text().startswith("dear diary")


def test_an_archive_of_a_newer_version_is_refused_and_untouched(tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    Archive.open(path).close()
    with closing(sqlite3.connect(path)) as newer:
        newer.execute("PRAGMA user_version = 999")
    with pytest.raises(SchemaTooNew, match="999"):
        Archive.open(path)


def test_a_damaged_archive_is_named_so_and_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "bad.db"
    Archive.open(path).close()
    content = bytearray(path.read_bytes())
    content[100:4096] = b"\xff" * 3996
    path.write_bytes(content)
    with pytest.raises((DamagedArchive, ForeignDatabase, StoreError)):
        Archive.open(path)
    assert path.read_bytes() == bytes(content)


@pytest.mark.parametrize("in_use", [False, True])
def test_where_nothing_may_be_written_an_archive_at_rest_is_read_as_it_lies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_use: bool
) -> None:
    writer = Archive.open(tmp_path / "a.db")
    if not in_use:
        writer.close()
    monkeypatch.setattr("monitor.store.archive.os.access", lambda *asked: False)
    with Archive.open_readonly(tmp_path / "a.db") as reader:
        assert reader.rows("SELECT count(*) FROM entries")[0][0] == 0
        names = {p.name for p in tmp_path.iterdir()}
        assert names == ({"a.db", "a.db-wal", "a.db-shm"} if in_use else {"a.db"})
    writer.close()


def test_every_table_is_strict_and_every_view_answers(archive: Archive) -> None:
    tables = archive.rows("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
    ours = [t for t in tables if not t["name"].startswith(("sqlite_", "_sqlite", "entries_fts"))]
    assert len(ours) > 15
    assert all("STRICT" in t["sql"] for t in ours)
    for view in archive.rows("SELECT name FROM sqlite_master WHERE type = 'view'"):
        archive.rows(f"SELECT * FROM {view['name']} LIMIT 0")


def test_the_views_have_the_columns_that_scripts_rely_on(archive: Archive) -> None:
    hits = archive.connection.execute("SELECT * FROM hits").description
    assert [c[0] for c in hits] == [
        "entry_id", "story_id", "title", "url", "source", "kind", "published", "first_seen", "score",
        "regulator", "organisation", "jurisdiction", "action", "amount", "currency", "language", "sent_at",
    ]  # fmt: skip
    stories = archive.connection.execute("SELECT * FROM story_list").description
    assert [c[0] for c in stories] == [
        "story_id", "title", "first_seen", "last_seen", "hits", "sources", "lead_url", "regulator",
        "organisation", "jurisdiction", "action", "amount", "currency",
    ]  # fmt: skip


def test_a_failed_transaction_leaves_nothing(archive: Archive) -> None:
    with pytest.raises(RuntimeError), archive.write() as connection:
        feeds.ensure_source(connection, "A", "press")
        raise RuntimeError
    assert archive.rows("SELECT * FROM feeds") == []


def test_a_durable_transaction_that_cannot_begin_leaves_later_ones_as_fast(
    archive: Archive,
) -> None:
    archive.connection.execute("PRAGMA busy_timeout = 0")
    usual = archive.rows("PRAGMA synchronous")[0][0]
    with closing(sqlite3.connect(archive.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="locked"), archive.write(durable=True):
            pass
    assert archive.rows("PRAGMA synchronous")[0][0] == usual


def test_a_second_polling_process_is_refused_and_told_the_holder(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with lock.hold(path, "run"):
        with pytest.raises(LockHeld, match="regwatch run"), lock.hold(path, "once"):
            pass
    with lock.hold(path, "once"):
        pass


def test_evidence_cannot_be_changed_and_its_chain_shows_a_change(
    archive: Archive, now: datetime
) -> None:
    with archive.write() as connection:
        for n in range(3):
            evidence.append(connection, now, "fact", {"n": n}, entry_id=n)
    with pytest.raises(sqlite3.IntegrityError), archive.write() as connection:
        connection.execute("UPDATE evidence SET data = 'x'")
    rows = [dict(r) for r in archive.rows("SELECT * FROM evidence ORDER BY seq")]
    assert evidence.broken_at(rows) is None
    rows[1]["data"] = '{"n":7}'
    assert evidence.broken_at(rows) == 2


def test_an_evidence_pack_is_verified_and_a_forged_one_is_not(
    archive: Archive, now: datetime
) -> None:
    with archive.write() as connection:
        for n in range(4):
            evidence.append(connection, now, "fact", {"n": n}, story="S-2026-000001")
    chain = [dict(r) for r in archive.rows("SELECT * FROM evidence ORDER BY seq")]
    document = pack("S-2026-000001", chain, {2, 3}, made=iso(now))
    assert verify(document) == []
    document["rows"][2]["data"] = '{"n":9}'
    assert verify(document)[0] == "row 3: its content does not give its hash"


def test_a_backup_is_checked_and_overwrites_nothing(archive: Archive, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    assert keeping.backup(archive, target) > 0
    assert keeping.quick_check(target) == "ok"
    with pytest.raises(Exception, match="exists"):
        keeping.backup(archive, target)


def test_pruning_keeps_identities(archive: Archive, now: datetime) -> None:
    with archive.write() as connection:
        feed = feeds.ensure_source(connection, "A", "press")
        connection.execute(
            "INSERT INTO entries (feed_id, source, kind, key, title_key, content_hash, title, summary, first_seen, last_seen) "  # fmt: skip
            "VALUES (?, 'A', 'press', 'k', 't', 'h', 'Title', 'Long text', ?, ?)",
            (feed["id"], iso(now), iso(now)),
        )
    later = now + timedelta(days=400)
    done = keeping.prune(archive, later, text=timedelta(days=365), fetches=timedelta(days=400))
    row = archive.rows("SELECT * FROM entries")[0]
    assert (done["texts"], row["key"], row["title"], row["summary"]) == (1, "k", "Title", "")


@pytest.mark.parametrize("words", ['"x', "a:b", "C++", "NEAR(", "*", "", "AND OR NOT"])
def test_any_search_words_are_words_and_never_syntax(archive: Archive, words: str) -> None:
    assert list_hits(archive, since=None, search=words) == []
    assert match_expression(words)


def test_times_keep_their_order_as_text(now: datetime) -> None:
    later = now + timedelta(milliseconds=1)
    assert iso(now) < iso(later)
    assert moment(iso(later)) == later
