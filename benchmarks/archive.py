"""An archive of a million entries: ingest, queries, pages, copies and migration beside their goals.

Usage: python -m benchmarks.archive [--at FOLDER] [--entries N] [--hits N] [--polled-days N] [--ingest N]
With --at an archive that is there is used again; the folder stays. Beside the time on the wall
stands the processor's: on a busy machine only that one can be compared.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from importlib.resources import files
from pathlib import Path

import yaml

from classifiers.model import Model
from monitor.defaults import shipped_model
from monitor.recording import Recorder, record_items
from monitor.state import status_document
from monitor.store import keeping
from monitor.store.archive import Archive
from monitor.store.codec import moment
from monitor.store.reading import list_hits

from .million import BEGAN, DAYS, Size, fill, ordinary_items

NOW = BEGAN + timedelta(days=DAYS)
ASKED = {"words": "facial recognition", "story": "S-2026-000001"}  # what the questions ask for
_BATCH = 1000  # as `regwatch ingest`


def main() -> None:
    """Make or take the archive, measure, print."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--at", type=Path)
    arguments.add_argument("--entries", type=int, default=1_000_000)
    arguments.add_argument("--hits", type=int, default=20_000)
    arguments.add_argument("--polled-days", type=int, default=400)
    arguments.add_argument("--ingest", type=int, default=30_000)
    chosen = arguments.parse_args()
    with _folder(chosen.at) as folder:
        path = folder / "regwatch.db"
        if not path.exists():
            # a process of its own: what it takes does not count as the commands' memory
            size = Size(chosen.entries, chosen.hits, chosen.polled_days)
            maker = multiprocessing.get_context("spawn").Process(target=_make, args=(path, size))
            maker.start()
            maker.join()
        _measure(path, chosen.ingest)


def _make(path: Path, size: Size) -> None:
    began = time.perf_counter()
    with Archive.open(path) as archive:
        fill(archive, Model.load(shipped_model()), size, _say)
        archive.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    _say(f"made in {time.perf_counter() - began:.0f} s")


@contextmanager
def _folder(given: Path | None) -> Iterator[Path]:
    if given is not None:
        given.mkdir(parents=True, exist_ok=True)
        yield given
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def _say(text: str) -> None:
    print(f"# {text}", file=sys.stderr, flush=True)


def _row(what: str, value: str, goal: str) -> None:
    print(f"{what:<58} {value:>22}   {goal}", flush=True)


def _measure(path: Path, ingested: int) -> None:
    _migrated(path)
    _commands(path)
    _size(path)
    model = Model.load(shipped_model())
    _queries(path, model)
    _ingest(path, model, ingested)
    _trim(path)
    _row("memory of this process", f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB", "< 200 MB")  # fmt: skip


def _migrated(path: Path) -> None:
    """An archive kept from a version of before is migrated first, its steps timed."""

    @contextmanager
    def meter(total: int) -> Iterator[Callable[[str], None]]:
        began = [time.perf_counter()]

        def step(name: str) -> None:
            now = time.perf_counter()
            _row(f"migration, one of {total}: {name}"[:58], f"{now - began[0]:.1f} s", "with a bar")
            began[0] = now

        yield step

    Archive.open(path, meter=meter).close()


def _size(path: Path) -> None:
    with Archive.open_readonly(path) as archive:
        for name in ("entries", "story_entries", "stories", "fetches"):
            _row(f"rows of {name}", f"{archive.rows(f'SELECT count(*) FROM {name}')[0][0]:,}", "")
    _row("file", f"{path.stat().st_size / 1e6:,.0f} MB", "")
    found = subprocess.run([shutil.which("sqlite3") or "sqlite3", str(path), "SELECT name, sum(pgsize) FROM dbstat GROUP BY 1 ORDER BY 2 DESC LIMIT 24"], capture_output=True, text=True, check=False)  # fmt: skip
    shares = [line.split("|") for line in found.stdout.splitlines()]
    for name, size in shares:
        _row(f"  {name}", f"{int(size) / 1e6:,.0f} MB", "")
    ours = sum(int(size) for name, size in shares if name.startswith(("entries", "verdicts", "sqlite_autoindex_verdicts")))  # fmt: skip
    with Archive.open_readonly(path) as archive:
        count = archive.rows("SELECT count(*) FROM entries")[0][0]
    if shares:
        _row("bytes per entry, indexes, search and verdict included", f"{ours / count:,.0f}", "")


def _timed(what: str, work: Callable[[], object], goal_ms: float, turns: int = 5) -> None:
    work()
    spent = []
    for _ in range(turns):
        began = time.perf_counter(), time.process_time()
        work()
        spent.append((time.perf_counter() - began[0], time.process_time() - began[1]))
    middle, cpu = (sorted(s[n] for s in spent)[turns // 2] * 1000 for n in (0, 1))
    _row(
        what,
        f"{middle:,.1f} ms, cpu {cpu:,.1f}",
        f"< {goal_ms:.0f} ms{'' if middle < goal_ms else '   MISSED'}",
    )


def _queries(path: Path, model: Model) -> None:
    with Archive.open_readonly(path) as archive:
        _timed("hits, first page", lambda: list_hits(archive, since=None, search=None, limit=50), 100)  # fmt: skip
        for words in ("facial recognition", "bakerto"):
            _timed(f"hits --search '{words}', first page", partial(list_hits, archive, since=None, search=words, limit=50), 100)  # fmt: skip
        _timed("full-text search over entries", lambda: archive.rows("SELECT e.id, e.title FROM entries_fts f JOIN entries e ON e.id = f.rowid WHERE entries_fts MATCH '\"recognition\"' ORDER BY f.rowid DESC LIMIT 50"), 100)  # fmt: skip
        for view in archive.rows("SELECT name FROM sqlite_master WHERE type = 'view' ORDER BY 1"):
            _timed(f"view {view['name']}, first 100 rows", partial(archive.rows, f"SELECT * FROM {view['name']} LIMIT 100"), 100)  # fmt: skip
        for name, sql in _canned():
            _timed(
                f"canned query {name}",
                partial(_page, archive, sql),
                100,
            )  # as Datasette reads
        _timed("status", lambda: status_document(archive, model.id), 200)


def _page(archive: Archive, sql: str) -> list[sqlite3.Row]:
    return archive.connection.execute(sql, ASKED).fetchmany(1001)


def _canned() -> Iterator[tuple[str, str]]:
    page = yaml.safe_load(files("monitor").joinpath("browse", "datasette.yaml").read_text())
    for database in page["databases"].values():
        for name, query in database.get("queries", {}).items():
            yield name, query["sql"] if isinstance(query, dict) else query


def _commands(path: Path) -> None:
    """Whole commands as a user runs them, with start-up and their own memory."""
    folder = path.parent
    config = folder / "feeds.yaml"
    config.write_text("archive: regwatch.db\nfeeds: []\n")
    for name, goal, arguments in (
        ("hits", 2, ["hits"]),
        ("status --json", 2, ["status", "--json"]),
        ("report over a year", 10, ["report", "--since", f"{NOW - timedelta(days=365):%Y-%m-%d}", "--until", f"{NOW:%Y-%m-%d}", "--out", str(folder / "report.html")]),
        ("backup", 10, ["backup", str(folder / "copy.db")]),
    ):  # fmt: skip
        (folder / "copy.db").unlink(missing_ok=True)
        began = time.perf_counter()
        process = subprocess.Popen([sys.executable, "-m", "monitor", "--config", str(config), *arguments], stdout=subprocess.DEVNULL)  # fmt: skip
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        took, cpu = time.perf_counter() - began, usage.ru_utime + usage.ru_stime
        missed = "" if took < goal and process.returncode == 0 else "   MISSED"
        _row(
            f"regwatch {name}, whole command",
            f"{took:.1f} s, cpu {cpu:.1f} s",
            f"< {goal} s{missed}",
        )
        _row("  its memory", f"{usage.ru_maxrss / 1024:.0f} MB", "< 200 MB")
    (folder / "copy.db").unlink(missing_ok=True)


def _ingest(path: Path, model: Model, count: int) -> None:
    """The real pipeline on top of all that, while another connection reads without a pause."""
    items = list(ordinary_items(2 * count, 10_000_000 + time.monotonic_ns() % 10**9, model))
    with Archive.open(path) as archive:
        recorder = Recorder(archive, model, (), timedelta(days=3))
        for name, part in (("alone", items[:count]), ("beside a reader", items[count:])):
            with _reader(path, busy=name != "alone") as longest:
                began, cpu = time.perf_counter(), time.process_time()
                new = 0
                for start in range(0, len(part), _BATCH):
                    new += record_items(recorder, part[start : start + _BATCH], now=NOW, alert=False).new  # fmt: skip
                rate = new / (time.perf_counter() - began)
                used = (time.process_time() - cpu) / new * 1e6
            goal = "> 3,000" if name == "alone" else ""
            _row(f"ingest of {new:,} items, {name}", f"{rate:,.0f}/s, cpu {used:,.0f} µs", f"{goal}{'   MISSED' if goal and rate < 3000 else ''}")  # fmt: skip
            if longest:
                _row("  the reader's slowest page meanwhile", f"{max(longest) * 1000:.0f} ms", "")


def _trim(path: Path) -> None:
    """A night's trim of a hundredth of the texts, and what is left of an entry then."""
    with Archive.open(path) as archive:
        edge = archive.rows("SELECT first_seen FROM entries WHERE trimmed = 0 ORDER BY first_seen LIMIT 1 OFFSET 10000")  # fmt: skip
        if not edge:
            return
        began, cpu = time.perf_counter(), time.process_time()
        done = keeping.prune(archive, NOW, text=NOW - moment(edge[0][0]), fetches=timedelta(days=3650))  # fmt: skip
        _row(f"prune of {done['texts']:,} texts", f"{time.perf_counter() - began:.1f} s, cpu {time.process_time() - cpu:.1f} s", "")  # fmt: skip


@contextmanager
def _reader(path: Path, *, busy: bool) -> Iterator[list[float]]:
    """Pages of hits, one after another, as long as the block lasts."""
    spent: list[float] = []
    over = threading.Event()

    def read() -> None:
        with sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True) as connection:
            while not over.is_set():
                began = time.perf_counter()
                connection.execute("SELECT * FROM hits ORDER BY first_seen DESC LIMIT 50").fetchall()  # fmt: skip
                spent.append(time.perf_counter() - began)
                over.wait(0.05)

    thread = threading.Thread(target=read)
    if busy:
        thread.start()
    try:
        yield spent
    finally:
        over.set()
        if busy:
            thread.join()


if __name__ == "__main__":
    main()
