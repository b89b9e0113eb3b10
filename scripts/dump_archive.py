"""Write tests/data/schema/vNNN.sql: a small archive of today's form, with data, as SQL text.

To be run once when a form is released; a file that is there is never written again. The test
`tests/edges/test_migrations.py` takes every file to the form of its own day.
"""

import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from classifiers.model import Model
from monitor.decide import Silence
from monitor.defaults import shipped_model
from monitor.domain import (
    Feed,
    FeedName,
    HttpFacts,
    Parsed,
    ParsedEntry,
    PollJob,
    PollResult,
    SourceKind,
)
from monitor.recording import Recorder, record_poll
from monitor.store import corrections, feeds, labels, runs, silences
from monitor.store.archive import Archive
from monitor.store.codec import iso, state_from_row

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
FEED = Feed(
    FeedName("CNIL actualités"), "https://cnil.example/rss", SourceKind.REGULATOR, "FR", "fr"
)
TOLD = (
    ("ICO fines Clearview AI over facial recognition of UK residents", "The company's database of faces breached UK data protection law."),
    ("Garante blocks DeepSeek's chatbot over personal data", "The Italian authority ordered the AI company to stop processing personal data."),
    ("Le tramway de Nantes change ses horaires d'été", "Rien à voir avec les données."),
)  # fmt: skip


def fill(archive: Archive) -> None:
    """Something in every table that the pipeline writes."""
    model = Model.load(shipped_model())
    feeds.sync(archive, [FEED])
    run, _ = runs.begin(archive, NOW, command="run", version="2026.11.0", model=model.id)
    runs.adopt_model(archive, model.id, model.threshold, "service", NOW)
    recorder = Recorder(archive, model, ("console", "C1"), timedelta(days=3))
    for turn, suffix in enumerate(("", "", " (edited)")):
        when = NOW + timedelta(hours=turn)
        found = tuple(
            ParsedEntry(title + suffix, url=f"https://cnil.example/{n}", guid=str(n), summary=summary, published=when)
            for n, (title, summary) in enumerate(TOLD[: 3 if turn else 1])
        )  # fmt: skip
        row = archive.rows("SELECT * FROM feeds WHERE name = ?", (FEED.name,))[0]
        http = HttpFacts(status=200, etag='"e"', body_hash="b", final_url=FEED.url, started=when)
        record_poll(recorder, PollResult(PollJob(FEED, state_from_row(dict(row))), http, Parsed(found)), now=when, chance=0.0)  # fmt: skip
    hits = [r[0] for r in archive.rows("SELECT entry_id FROM story_entries ORDER BY 1")]
    if len(hits) < 2:
        sys.exit("the examples are no hits any more; choose others")
    stories = [r[0] for r in archive.rows("SELECT public_id FROM stories ORDER BY id")]
    labels.add(archive, hits[0], "relevant", "a fine", "dpo", model.id, NOW)
    silences.add(archive, Silence("source", "Nobody", NOW + timedelta(days=9), "dpo", "noise"), NOW)
    corrections.merge(archive, stories[0], stories[1], "dpo", NOW)
    with archive.write() as connection:
        connection.execute("UPDATE deliveries SET state = 'sent', attempts = 1, sent_at = ?, ts = '1.2'", (iso(NOW),))  # fmt: skip
    runs.cycle_done(archive, run, NOW, bugs=0)
    with archive.write() as connection:
        runs.note(connection, "digest", iso(NOW))


def dump(connection: sqlite3.Connection) -> Iterator[str]:
    """The SQL text that makes the file again; the search index is built from its entries."""
    for name in ("application_id", "user_version"):
        yield f"PRAGMA {name} = {connection.execute(f'PRAGMA {name}').fetchone()[0]};"
    made = connection.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' "
        "AND name NOT LIKE 'entries_fts_%' ORDER BY type = 'trigger', rowid"
    ).fetchall()
    for kind, name, sql in made:
        if kind == "trigger" and name == "entries_ad":  # before any entry is edited again
            yield "INSERT INTO entries_fts(entries_fts) VALUES ('rebuild');"
        yield f"{sql};"
        if kind == "table" and name != "entries_fts":
            yield from _rows(connection, name)


def _rows(connection: sqlite3.Connection, table: str) -> Iterator[str]:
    columns = [r[1] for r in connection.execute(f'PRAGMA table_info("{table}")')]
    quoted = ", ".join(f'quote("{c}")' for c in columns)
    for row in connection.execute(f'SELECT {quoted} FROM "{table}"'):
        yield f'INSERT INTO "{table}" ({", ".join(columns)}) VALUES ({", ".join(row)});'


def main() -> None:
    """Make, dump, write."""
    with tempfile.TemporaryDirectory() as folder, Archive.open(Path(folder) / "a.db") as archive:
        fill(archive)
        version = archive.rows("PRAGMA user_version")[0][0]
        text = "\n".join(dump(archive.connection)) + "\n"
    target = Path(__file__).parent.parent / "tests" / "data" / "schema" / f"v{version:03d}.sql"
    if target.exists():
        sys.exit(f"{target} is there already; a past form is never written again")
    target.write_text(text, encoding="utf-8")
    print(f"{target}: {len(text):,} characters")


if __name__ == "__main__":
    main()
