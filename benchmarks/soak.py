"""A soak: processes killed at random moments of a cycle, then one that runs for long.

Usage: python -m benchmarks.soak [--sources N] [--kills N] [--minutes N] [--seed N]

Sources on loopback publish all the while. `regwatch once --now` is killed (SIGKILL) at a random
moment after its first request, again and again; afterwards every entry must be archived once, every
story alerted once and every delivery settled. Then one process polls for some minutes: its memory
and its open files must not grow. The exit code is 1 where any of that fails.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from pathlib import Path

from .memory import tree_mb

HERE = Path(__file__).parent
AUTHORITIES = ("ICO", "CNIL", "Garante", "AEPD", "Dutch AP", "OAIC")
PARTIES = ("OpenAI", "Clearview AI", "Meta", "LinkedIn", "DeepSeek", "Worldcoin", "Snap", "TikTok", "Uber", "Deliveroo", "PimEyes", "Bunnings", "Kmart", "Rite Aid", "Mercadona", "LaLiga", "Google", "Amazon", "Microsoft", "Apple")  # fmt: skip
WINDOW = 60
"""Entries that a source keeps in its feed: more than are published between two whole cycles, for
nobody can archive what left a feed while each cycle was killed before that source's turn."""
MOST_HITS = 120
"""As many events as can be told apart."""
WARM_UP = 3
"""Cycles after which a process has all that it needs."""


@dataclass
class Sources:
    """What each source has published; served with an ETag that counts."""

    published: list[int]
    hits: int = 0
    titles: dict[tuple[int, int], str] = field(default_factory=dict)
    asked: threading.Event = field(default_factory=threading.Event)

    def publish(self, source: int) -> None:
        """One more entry; every fourth tells of an authority's step."""
        number = self.published[source]
        if (source + number) % 4 == 0 and self.hits < MOST_HITS:
            authority, party = AUTHORITIES[self.hits % 6], PARTIES[self.hits // 6 % 20]
            self.titles[source, number] = f"{authority} fines {party} {self.hits + 2} million euros over AI training with biometric personal data"  # fmt: skip
            self.hits += 1
        self.published[source] = number + 1

    def document(self, source: int) -> str:
        """The newest entries."""
        last = self.published[source]
        items = "".join(
            f"<item><title>{self.titles.get((source, n), f'Town notes {source}/{n}')}</title><guid isPermaLink='false'>{source}-{n}</guid><link>https://s{source}.example/{n}</link><pubDate>{formatdate()}</pubDate></item>"
            for n in range(max(0, last - WINDOW), last)
        )
        return f"<?xml version='1.0'?><rss version='2.0'><channel><title>S{source}</title>{items}</channel></rss>"

    def answer(self, head: str) -> bytes:
        """304 for whoever knows the latest, else the document."""
        source = int(head.split(" ")[1].strip("/"))
        etag = f'"{self.published[source]}"'
        if f"if-none-match: {etag}" in head.lower():
            return f"HTTP/1.1 304 X\r\nETag: {etag}\r\nContent-Length: 0\r\n\r\n".encode()
        body = self.document(source).encode()
        return f"HTTP/1.1 200 X\r\nETag: {etag}\r\nContent-Type: application/rss+xml\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body  # fmt: skip

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, one request."""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            self.asked.set()
            writer.write(self.answer(head))
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@contextmanager
def served(sources: Sources) -> Iterator[int]:
    """The sources on all of loopback, in a thread; yields the port."""
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(asyncio.start_server(sources.serve, "0.0.0.0", 0, backlog=500))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield server.sockets[0].getsockname()[1]
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    server.close()
    loop.close()


def configure(folder: Path, port: int, count: int) -> Path:
    """A configuration of these sources, each on a host of its own."""
    path = folder / "feeds.yaml"
    feeds = "".join(
        f"  - {{name: S{n}, url: 'http://127.2.{n // 250}.{n % 250 + 1}:{port}/{n}', kind: press}}\n"
        for n in range(count)
    )
    path.write_text(f"archive: a.db\nalerts: {{console: true, flood: 100000}}\npoll: {{allow_addresses: [127.0.0.0/8]}}\nfeeds:\n{feeds}")  # fmt: skip
    return path


def once(config: Path) -> subprocess.Popen[bytes]:
    """The command, in a session of its own."""
    command = [sys.executable, "-m", "monitor", "--config", str(config), "once", "--now"]
    log = (config.parent / "log.txt").open("ab")
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=log, start_new_session=True)


def complete(config: Path, sources: Sources) -> float:
    """One whole cycle; returns the seconds from its first request to its end."""
    sources.asked.clear()
    process = once(config)
    sources.asked.wait(60)
    began = time.monotonic()
    if process.wait():
        raise SystemExit(f"the cycle failed:\n{(config.parent / 'log.txt').read_text()[-3000:]}")
    return time.monotonic() - began


def kill_often(config: Path, sources: Sources, kills: int, chance: random.Random) -> int:
    """Publish, start, kill at a random moment; returns how many were killed before their end."""
    killed, longest = 0, complete(config, sources)
    for _ in range(kills):
        for source in chance.sample(range(len(sources.published)), max(3, len(sources.published) // 3)):  # fmt: skip
            sources.publish(source)
        sources.asked.clear()
        process = once(config)
        sources.asked.wait(60)  # what comes before the first request can lose nothing
        try:
            process.wait(chance.uniform(0, longest))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            killed += 1
        left = left_behind(process.pid)
        if left:
            raise SystemExit(f"processes outlive a kill: {left}")
    return killed


def left_behind(session: int, patience: float = 20.0) -> list[int]:
    """Processes of a session that are still there after a while."""
    until = time.monotonic() + patience
    while True:
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[3]) == session and fields[0] != "Z":
                found.append(int(stat.parent.name))
        if not found or time.monotonic() > until:
            return found
        time.sleep(0.05)


CHECKS = {
    "entries archived twice": "SELECT count(*) - count(DISTINCT guid) FROM entries",
    "hits without a story": "SELECT count(*) FROM verdicts v WHERE label = 'relevant' AND entry_id NOT IN (SELECT entry_id FROM story_entries)",
    "stories that were not told exactly once": "SELECT count(*) FROM stories s WHERE merged_into IS NULL AND (SELECT count(*) FROM alerts a WHERE a.story_id = s.id AND a.kind = 'new') <> 1",
    "deliveries that are not settled": "SELECT count(*) FROM deliveries WHERE state <> 'sent'",
    "leases that nobody gave back": "SELECT count(*) FROM feeds WHERE lease_until IS NOT NULL",
    "sources that fail": "SELECT count(*) FROM feeds WHERE state <> 'ok'",
}  # fmt: skip


def faults(archive: Path, sources: Sources) -> list[str]:
    """What is wrong with the archive, in words."""
    with closing(sqlite3.connect(archive)) as connection:
        found = []
        for what, sql in CHECKS.items():
            count = connection.execute(sql).fetchone()[0]
            if count:
                found.append(f"{count} {what}")
        archived = connection.execute("SELECT count(*) FROM entries").fetchone()[0]
        if archived != sum(sources.published):
            found.append(f"{archived} entries archived, {sum(sources.published)} published")
        hits = connection.execute("SELECT count(*) FROM story_entries").fetchone()[0]
        if hits != sources.hits:
            found.append(f"{hits} hits archived, {sources.hits} published")
        sound = connection.execute("PRAGMA integrity_check").fetchone()[0]
        if sound != "ok":
            found.append(f"integrity: {sound}")
    return found


def run_long(config: Path, sources: Sources, minutes: float, chance: random.Random) -> list[str]:
    """One process, cycle after cycle; returns what grew."""
    command = [sys.executable, str(HERE / "cycles.py"), str(config), str(minutes)]
    sizes: list[float] = []
    files: list[int] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            told = json.loads(line)
            sizes.append(tree_mb(process.pid))
            files.append(told["files"])
            print(f"  cycle {len(sizes)}: {told['seconds']:.1f} s, {told['failed']} failed, {sizes[-1]:.0f} MB, {files[-1]} files, lag p99 {told['lag_p99'] * 1000:.0f} ms", flush=True)  # fmt: skip
            for source in chance.sample(range(len(sources.published)), max(3, len(sources.published) // 20)):  # fmt: skip
                sources.publish(source)
    found = [] if process.returncode == 0 else [f"the process ended with {process.returncode}"]
    if len(sizes) > WARM_UP:
        if max(files[WARM_UP:]) > files[WARM_UP - 1] + 5:
            found.append(f"open files grew from {files[WARM_UP - 1]} to {max(files)}")
        if max(sizes[WARM_UP:-1] or [0]) > sizes[WARM_UP - 1] * 1.15 + 10:
            found.append(f"memory grew from {sizes[WARM_UP - 1]:.0f} to {max(sizes):.0f} MB")
    return found


def main() -> int:
    """Run and print; 1 where anything was lost, doubled, left or leaked."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sources", type=int, default=2000)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4)))
    wanted = parser.parse_args()
    print(f"seed {wanted.seed}", flush=True)
    chance = random.Random(wanted.seed)
    sources = Sources([0] * wanted.sources)
    with tempfile.TemporaryDirectory() as folder, served(sources) as port:
        config = configure(Path(folder), port, wanted.sources)
        killed = kill_often(config, sources, wanted.kills, chance)
        complete(config, sources)
        found = faults(config.parent / "a.db", sources)
        print(f"{killed} of {wanted.kills} processes killed in the middle, {sum(sources.published)} entries and {sources.hits} hits published", flush=True)  # fmt: skip
        if wanted.minutes:
            found += run_long(config, sources, wanted.minutes, chance)
            complete(config, sources)
            found += faults(config.parent / "a.db", sources)
    print("\n".join(found) or "nothing lost, nothing doubled, nothing left behind")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
