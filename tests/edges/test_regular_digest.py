"""The regular digest: what happened since the last one, to the main channels."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from classifiers.model import Model
from monitor.cli.app import App
from monitor.cli.run import _digest
from monitor.domain import OpsEvent, ParsedEntry
from monitor.ports import Ports
from monitor.recording import Recorder, record_items
from monitor.store import alerts, labels, periods
from monitor.store.archive import Archive
from monitor.tiers import Policy, Rule

MONDAY = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
HIT = ParsedEntry(
    "ICO fines Clearview AI over facial recognition of UK residents",
    url="https://example.org/1",
    guid="1",
    summary="The company's database of faces breached UK data protection law.",
)

SUSPENSION = ParsedEntry(
    "LinkedIn pauses AI training on UK members' posts after watchdog steps in",
    url="https://example.org/2",
    guid="2",
    summary="The network stopped using British users' personal data for its generative AI models after the Information Commissioner's Office raised concerns.",
)


def test_each_digest_begins_where_the_last_one_ended(tmp_path: Path) -> None:
    config = tmp_path / "feeds.yaml"
    config.write_text("archive: a.db\nalerts: {digest: {at: '08:30', zone: Europe/Berlin, weekday: mon}}\n")  # fmt: skip
    clock = [MONDAY]
    app = App(config_path=config, ports=Ports(now=lambda: clock[0], chance=lambda: 0.5, environ={}))
    files: Any = SimpleNamespace(app=app)
    with app.archive(write=True) as archive:
        record_items(app.recorder(archive), [("press", HIT)], now=MONDAY - timedelta(days=2), alert=True)  # fmt: skip
        asyncio.run(_digest(files, archive))
        clock[0] = MONDAY + timedelta(days=7)
        asyncio.run(_digest(files, archive))
        told = [(row["kind"], row["text"].splitlines()[0]) for row in digests(archive)]
        assert told == [
            ("digest", "Since 2026-11-16 07:30 UTC: 1 new stories."),
            ("digest", "Since 2026-11-23 07:30 UTC: 0 new stories."),
        ]
        assert {row["channel"] for row in archive.rows("SELECT channel FROM deliveries")} == {"console"}  # fmt: skip


def test_a_digest_and_the_note_that_it_was_sent_stand_together(tmp_path: Path) -> None:
    config = tmp_path / "feeds.yaml"
    config.write_text("archive: a.db\nalerts: {digest: {at: '08:30', zone: Europe/Berlin}}\n")
    app = App(config_path=config, ports=Ports(now=lambda: MONDAY, chance=lambda: 0.5, environ={}))
    files: Any = SimpleNamespace(app=app)
    with app.archive(write=True) as archive:
        archive.connection.execute("CREATE TEMP TRIGGER full BEFORE INSERT ON notes BEGIN SELECT raise(ABORT, 'full'); END")  # fmt: skip
        with pytest.raises(Exception, match="full"):
            asyncio.run(_digest(files, archive))
        assert digests(archive) == []


def digests(archive: Archive) -> list[Any]:
    return archive.rows("SELECT kind, text FROM alerts WHERE kind = 'digest' ORDER BY id")


def test_a_digest_leaves_away_what_people_dismissed_and_names_sources_that_were_down_b11(
    archive: Archive, model: Model, now: datetime
) -> None:
    recorder = Recorder(archive, model, ("C1",), timedelta(days=3), policy=Policy(digest=(Rule(actions=frozenset({"suspension"})),)))  # fmt: skip
    record_items(recorder, [("press", HIT), ("press", SUSPENSION)], now=now, alert=True)
    with archive.write() as connection:
        alerts.raise_ops(connection, OpsEvent("broken", "press", "it fails"), ("C1",), now)
        connection.execute("UPDATE feeds SET state = 'ok', configured = 1, enabled = 1")
    lines = periods.digest_since(archive, now - timedelta(days=1)).as_text().splitlines()
    assert "Told only here (1):" in lines
    assert f"• press: was broken on {now:%Y-%m-%d}, well again" in lines
    assert next(x for x in lines if "Clearview" in x).endswith("\thttps://example.org/1")
    labels.add(archive, 1, "irrelevant", "old", "ann", model.id, now)
    lines = periods.digest_since(archive, now - timedelta(days=1)).as_text().splitlines()
    assert "Left away, judged not relevant: 1" in lines
    assert not any("Clearview" in line for line in lines)


def test_a_daily_digest_looks_back_a_day_b11(tmp_path: Path) -> None:
    config = tmp_path / "feeds.yaml"
    config.write_text("archive: a.db\nalerts: {digest: {at: '08:30', zone: Europe/Berlin}}\n")
    app = App(config_path=config, ports=Ports(now=lambda: MONDAY, chance=lambda: 0.5, environ={}))
    files: Any = SimpleNamespace(app=app)
    with app.archive(write=True) as archive:
        record_items(app.recorder(archive), [("press", HIT)], now=MONDAY - timedelta(days=2), alert=True)  # fmt: skip
        asyncio.run(_digest(files, archive))
        assert digests(archive)[-1]["text"].startswith("Since 2026-11-22 07:30 UTC: 0 new stories.")


def test_what_was_imported_quietly_is_no_news_of_a_digest(
    archive: Archive, model: Model, now: datetime
) -> None:
    recorder = Recorder(archive, model, ("C1",), timedelta(days=3))
    record_items(recorder, [("press", HIT)], now=now, alert=False)
    lines = periods.digest_since(archive, now - timedelta(days=1)).as_text().splitlines()
    assert lines[0].endswith(": 0 new stories.")
    assert [line for line in lines if line.endswith(":")] == ["Held back (1):"]
    assert any("imported without --alert" in line for line in lines)
    record_items(recorder, [("press", SUSPENSION)], now=now, alert=True)
    lines = periods.digest_since(archive, now - timedelta(days=1)).as_text().splitlines()
    assert "New (1):" in lines or "Act now (1):" in lines
