"""Another archive into this one: without doubles, with people's work, as often as one likes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from classifiers.model import Model
from monitor.domain import Article, EntryId, ParsedEntry
from monitor.importing import Imported, import_archive
from monitor.recording import Recorder, record_article, record_items
from monitor.store import corrections, evidence, fulltexts, labels
from monitor.store.archive import Archive
from monitor.store.codec import iso

TOLD = (
    ("ICO fines Clearview AI over facial recognition of UK residents", "The company's database of faces breached UK data protection law."),
    ("Garante blocks DeepSeek's chatbot over personal data", "The Italian authority ordered the AI company to stop processing personal data."),
    ("A new tram line opens on Monday", "Nothing about data."),
)  # fmt: skip


def items(*numbers: int, source: str = "Press") -> list[tuple[str, ParsedEntry]]:
    return [(source, ParsedEntry(TOLD[n][0], url=f"https://press.example/{n}", guid=str(n), summary=TOLD[n][1])) for n in numbers]  # fmt: skip


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Archive]:
    with Archive.open(tmp_path / "other.db") as opened:
        yield opened


def recorder(archive: Archive, model: Model) -> Recorder:
    return Recorder(archive, model, (), timedelta(days=3))


def bring(archive: Archive, other: Archive, model: Model, now: datetime) -> Imported:
    return import_archive(recorder(archive, model), other, now=now, tell=lambda _: None)


def worked_on(other: Archive, model: Model, now: datetime) -> None:
    """Two hits that a person put together, and a judgement of each kind."""
    record_items(recorder(other, model), items(0, 1, 2), now=now, alert=False)
    hits = [r["entry_id"] for r in other.rows("SELECT entry_id FROM story_entries ORDER BY 1")]
    labels.add(other, hits[0], "relevant", "a fine", "dpo", model.id, now)
    labels.add(other, 3, "irrelevant", None, "dpo", model.id, now)
    ids = [r["public_id"] for r in other.rows("SELECT public_id FROM stories ORDER BY id")]
    corrections.merge(other, ids[0], ids[1], "dpo", now)


def test_an_import_brings_entries_judgements_and_corrections_and_a_second_one_nothing(
    archive: Archive, other: Archive, model: Model, now: datetime
) -> None:
    worked_on(other, model, now)
    first = bring(archive, other, model, now)
    assert (first.entries, first.hits, first.labels, first.corrections) == (3, 2, 2, 1)
    before = {t: archive.rows(f"SELECT count(*) FROM {t}")[0][0] for t in ("entries", "labels", "story_corrections", "stories", "evidence")}  # fmt: skip
    assert archive.rows("SELECT count(DISTINCT story_id) FROM story_entries")[0][0] == 1
    again = bring(archive, other, model, now + timedelta(days=1))
    assert again == Imported()
    assert {t: archive.rows(f"SELECT count(*) FROM {t}")[0][0] for t in before} == before


def test_what_is_known_here_is_not_doubled_and_gets_the_judgements_from_there(
    archive: Archive, other: Archive, model: Model, now: datetime
) -> None:
    worked_on(other, model, now)
    record_items(recorder(archive, model), items(2, 0), now=now, alert=False)
    assert bring(archive, other, model, now).entries == 1
    found = archive.rows("SELECT title, label, author, why, origin FROM judgements ORDER BY title")
    assert [tuple(r) for r in found] == [
        (TOLD[2][0], "irrelevant", "dpo", None, "import"),
        (TOLD[0][0], "relevant", "dpo", "a fine", "import"),
    ]


def test_what_was_imported_is_evidence_and_alerts_nobody(
    archive: Archive, other: Archive, model: Model, now: datetime
) -> None:
    worked_on(other, model, now)
    bring(archive, other, model, now)
    rows = [dict(r) for r in archive.rows("SELECT * FROM evidence ORDER BY seq")]
    assert evidence.broken_at(rows) is None
    assert {"judgement", "correction imported", "entry first seen"} <= {r["what"] for r in rows}
    assert archive.rows("SELECT count(*) FROM alerts")[0][0] == 0


def test_a_source_keeps_its_kind_and_an_older_archive_is_only_read(
    archive: Archive, model: Model, now: datetime, tmp_path: Path
) -> None:
    old = tmp_path / "old.db"
    with closing(sqlite3.connect(old)) as connection:
        form = Path(__file__).parent.parent / "data" / "schema" / "v004.sql"
        connection.executescript(form.read_text(encoding="utf-8"))
    before = old.read_bytes()
    with Archive.open_readonly(old, older=True) as other:
        done = bring(archive, other, model, now)
    assert (done.entries, done.labels, done.corrections) == (3, 1, 1)
    assert old.read_bytes() == before
    found = archive.rows("SELECT kind, jurisdiction, configured FROM feeds")[0]
    assert tuple(found) == ("regulator", "FR", 0)


DULL = ParsedEntry("Statement on a company", url="https://press.example/9", guid="9")
ARTICLE = f"{TOLD[0][0]}. {TOLD[0][1]} " * 6


def read_in_full(other: Archive, model: Model, now: datetime) -> None:
    """An entry that only its article made a hit."""
    record_items(recorder(other, model), [("Press", DULL)], now=now, alert=False)
    assert other.rows("SELECT count(*) FROM story_entries")[0][0] == 0
    assert DULL.url is not None
    record_article(recorder(other, model), Article(EntryId(1), DULL.url, ARTICLE, "allowed"), now=now)  # fmt: skip
    assert other.rows("SELECT count(*) FROM story_entries")[0][0] == 1


@pytest.mark.parametrize("known", [False, True])
def test_a_hit_by_its_article_is_a_hit_afterwards_and_was_seen_when_it_was(
    archive: Archive, other: Archive, model: Model, now: datetime, known: bool
) -> None:
    read_in_full(other, model, now)
    later = now + timedelta(days=400)
    if known:
        record_items(recorder(archive, model), [("Press", DULL)], now=later, alert=False)
    done = bring(archive, other, model, later)
    assert (done.entries, done.hits) == (int(not known), 1)
    for table, columns in (("entries", "first_seen"), ("stories", "first_seen"), ("extracts", "url, fetched, hash, text")):  # fmt: skip
        asked = f"SELECT {columns} FROM {table}"
        assert [tuple(r) for r in archive.rows(asked)] == [tuple(r) for r in other.rows(asked)]
    told = fulltexts.told(archive, 1)
    assert told is not None
    assert (told["state"], told["reason"]) == ("read", "imported")
    evidence_rows = archive.rows("SELECT count(*) FROM evidence")[0][0]
    assert bring(archive, other, model, later) == Imported()
    assert archive.rows("SELECT count(*) FROM evidence")[0][0] == evidence_rows


def test_what_was_seen_here_earlier_keeps_its_time(
    archive: Archive, other: Archive, model: Model, now: datetime
) -> None:
    record_items(recorder(archive, model), items(0), now=now, alert=False)
    record_items(recorder(other, model), items(0), now=now + timedelta(days=9), alert=False)
    bring(archive, other, model, now + timedelta(days=10))
    for table in ("entries", "stories"):
        assert archive.rows(f"SELECT first_seen FROM {table}")[0][0] == iso(now)


def test_a_story_known_here_begins_when_the_other_archive_saw_it(
    archive: Archive, other: Archive, model: Model, now: datetime
) -> None:
    record_items(recorder(other, model), items(0), now=now, alert=False)
    record_items(recorder(archive, model), items(0), now=now + timedelta(days=90), alert=False)
    bring(archive, other, model, now + timedelta(days=91))
    for table in ("entries", "stories"):
        assert archive.rows(f"SELECT first_seen FROM {table}")[0][0] == iso(now)
    index = "SELECT key, day FROM story_index ORDER BY 1, 2"
    assert [tuple(r) for r in archive.rows(index)] == [tuple(r) for r in other.rows(index)]
