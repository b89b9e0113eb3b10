"""The archive out, by the installed command: formats, the file kept up to date, and back in elsewhere."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from monitor.cli.app import App
from monitor.cli.out import Target
from monitor.store import labels
from monitor.store.archive import Archive

HIT = ("CNIL fines Clearview AI 20 million euros over facial recognition", "The French regulator said photos of people were scraped without consent.")  # fmt: skip
OTHER = ("LinkedIn pauses AI training on UK members' posts after watchdog steps in", "The network stopped using British users' personal data for its generative AI models after the Information Commissioner's Office raised concerns.")  # fmt: skip


@pytest.fixture
def filled(regwatch: Any, tmp_path: Path, configure: Callable[..., Path]) -> Path:
    """An archive with two hits and a configured export."""
    path = configure(extra="keep: {export: out/hits.atom}")
    (tmp_path / "out").mkdir()
    items = [{"title": t, "summary": s, "url": f"https://example.org/{n}", "source": "=1+1"} for n, (t, s) in enumerate((HIT, OTHER))]  # fmt: skip
    (tmp_path / "items.jsonl").write_text("\n".join(map(json.dumps, items)))
    assert regwatch("ingest", "items.jsonl").returncode == 0
    return path


def test_stories_come_in_the_columns_of_public_trackers(regwatch: Any, filled: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(regwatch("export", "--what", "tracker").stdout)))
    assert len(rows) == 2
    told = next(r for r in rows if r["authority"] == "CNIL")
    assert (told["country"], told["type"], float(told["fine"]), told["currency"]) == ("FR", "fine", 20e6, "EUR")  # fmt: skip
    assert (told["controller_or_processor"], told["source"]) == ("Clearview AI", "'=1+1")
    assert told["direct_url"] == "https://example.org/0"


def test_wrong_combinations_and_unwritable_files_are_told(
    regwatch: Any, filled: Path, tmp_path: Path
) -> None:
    assert regwatch("export", "--format", "atom", "--what", "tracker").returncode == 2
    done = regwatch("export", "--out", "nowhere/hits.csv")
    assert done.returncode == 2
    assert "cannot write" in done.stderr
    assert regwatch("export", "--format", "jsonl", "--since", "2099-01-01").stdout == ""
    assert regwatch("export", "--what", "stories", "--out", "s.csv").returncode == 0
    assert (tmp_path / "s.csv").read_text().count("\n") == 3


def test_another_regwatch_subscribes_to_an_export(
    regwatch: Any, filled: Path, tmp_path: Path, site: Any, configure: Callable[..., Path]
) -> None:
    feed = site.page("/hits.atom", regwatch("export", "--format", "atom").stdout, "application/atom+xml")  # fmt: skip
    text = f"archive: second/regwatch.db\npoll: {{host_gap: 0s, allow_addresses: [127.0.0.0/8]}}\nfeeds:\n- {{name: Peer, url: '{feed}', kind: aggregator}}\n"
    (tmp_path / "second.yaml").write_text(text)
    regwatch("--config", "second.yaml", "once", "--now")
    status = json.loads(regwatch("--config", "second.yaml", "status", "--json").stdout)
    assert (status["sources"][0]["state"], status["sources"][0]["error_class"]) == ("ok", None)
    hits = json.loads(regwatch("--config", "second.yaml", "hits", "--json").stdout)
    assert {h["url"] for h in hits} == {"https://example.org/0", "https://example.org/1"}


def test_the_file_follows_hits_and_updates_and_is_left_alone_otherwise(
    filled: Path, tmp_path: Path, now: Any
) -> None:
    app, target, file = App(config_path=filled), Target(), tmp_path / "out" / "hits.atom"
    with Archive.open(tmp_path / "data" / "regwatch.db") as archive:
        target.refresh(app, archive)
        assert file.read_text().count("<entry>") == 2
        first = file.stat().st_ino
        target.refresh(app, archive)
        assert file.stat().st_ino == first
        labels.add(archive, 1, "relevant", None, "ann", None, now)
        target.refresh(app, archive)
        assert file.stat().st_ino != first
        file.unlink()
        target.refresh(app, archive)
        assert file.exists()
    assert [p.name for p in file.parent.iterdir()] == ["hits.atom"]


def test_a_file_that_cannot_be_written_is_told_and_the_watch_goes_on(
    regwatch: Any, filled: Path, tmp_path: Path, site: Any
) -> None:
    (tmp_path / "out").rmdir()
    done = regwatch("once", "--now")
    assert done.returncode == 0
    assert "export_failed" in done.stderr
    (tmp_path / "out").mkdir()
    assert "export_failed" not in regwatch("once", "--now").stderr
    assert (tmp_path / "out" / "hits.atom").exists()
