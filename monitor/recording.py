"""What a poll or an import brought, into the archive: one transaction, all of it or none.

Identity, verdict, facts, story, decision, alert and pending delivery, together with the source's
validators and its next poll. Knows the order of these stages and decides nothing itself.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from classifiers.model import Model
from classifiers.verdict import Item, Verdict

from .batch import Batch
from .domain import (
    CONSOLE,
    Article,
    Asked,
    Failed,
    OpsEvent,
    Parsed,
    ParsedEntry,
    PollResult,
    PollState,
)
from .health import blame_the_network, is_migration, migration_event
from .identity import SortedOut, entry_keys, host_of, sort_out
from .polling import Arrival, Settings, advance
from .store import (
    alerts,
    entries,
    evidence,
    feeds,
    fulltexts,
)
from .store.archive import Archive
from .tiers import Policy


@dataclass(frozen=True, slots=True)
class Recorder:
    """Everything recording needs besides what is recorded."""

    archive: Archive
    model: Model
    channels: tuple[str, ...]
    fresh_for: timedelta
    threshold: float | None = None
    policy: Policy = Policy()  # noqa: RUF009 - frozen
    settings: Settings = Settings()  # noqa: RUF009 - frozen
    pause_whole_host: bool = True
    private_hosts: Callable[[str], bool] = lambda host: False
    unedited: frozenset[str] = frozenset({CONSOLE})  # channels that get no updates
    article_below: int = 600  # characters; entries with less text are read in full, where wanted

    def judge(self, item: Item) -> Verdict:
        """The verdict with the configured threshold."""
        return self.model.judge(item, threshold=self.threshold, brief=True)


@dataclass(slots=True)
class Recorded:
    """What one recording came to; one line of the cycle's report."""

    new: int = 0
    edited: int = 0
    hits: int = 0
    alerts: int = 0
    error_class: str | None = None
    events: list[OpsEvent] = field(default_factory=list)


def record_poll(
    recorder: Recorder, result: PollResult, *, now: datetime, chance: float
) -> Recorded:
    """Record one poll.

    Raises:
        StoreError: nothing was kept; the poll will be made again.
    """
    archive, feed = recorder.archive, result.job.feed
    parsed = result.outcome if isinstance(result.outcome, Parsed) else None
    found = parsed.entries if parsed else ()
    keys = [entry_keys(e) for e in found]
    done = Recorded()
    with archive.write() as connection:
        row = connection.execute("SELECT * FROM feeds WHERE name = ?", (feed.name,)).fetchone()
        sorted_out = sort_out(found, entries.known(archive, row["id"], keys), keys) if found else SortedOut((), (), ())  # fmt: skip
        old = sum(_is_old(e, result.job.state.newest_published, recorder.fresh_for, now) for e, _ in sorted_out.new)  # fmt: skip
        known = len(sorted_out.edited) + len(sorted_out.unchanged)
        older_page = (
            result.asked is Asked.ARCHIVE
        )  # all of it is new and old, and that is no migration
        migration = not older_page and is_migration(result.job.state, len(sorted_out.new), known, old)  # fmt: skip
        baseline = row["last_ok"] is None or older_page or _first_at_fallback(result)
        step = advance(
            feed,
            result,
            _arrival(found, sorted_out, now),
            now=now,
            settings=recorder.settings,
            chance=chance,
        )
        state, told = step.state, _with_doubles(connection, row["id"], step.state, step.events)
        since = state.failing_since
        if since is not None and not feeds.anything_fetched_since(connection, since):
            state, told = blame_the_network(state, told)
        fetch_id = feeds.record_fetch(connection, row["id"], result.http, result.outcome, started=now, new=len(sorted_out.new))  # fmt: skip
        batch = Batch(recorder, connection, row, fetch_id, now, done, first_poll=baseline, migration=migration, articles=feed.fulltext)  # fmt: skip
        batch.add(sorted_out.new)
        for entry, entry_key, entry_id in sorted_out.edited:
            batch.edit(entry, entry_key, entry_id)
        entries.touch(connection, sorted_out.unchanged, now)
        feeds.note_start(connection, row["host"], result.http.started or now)
        feeds.save_state(connection, row["id"], state, host=host_of(state.active_url or feed.url))
        _pause_host(recorder, connection, result)
        done.events += [*told, *([migration_event(feed, len(sorted_out.new))] if migration else [])]  # fmt: skip
        for event in done.events:
            alerts.raise_ops(connection, event, recorder.channels, now)
    done.error_class = result.outcome.error_class if isinstance(result.outcome, Failed) else None
    return done


def _first_at_fallback(result: PollResult) -> bool:
    """A fallback's first document is a baseline of its own: a page may reach back for years."""
    job = result.job
    return result.url in job.feed.fallbacks and job.state.validators_url != result.url


def _with_doubles(
    connection: sqlite3.Connection, row_id: int, state: PollState, told: tuple[OpsEvent, ...]
) -> tuple[OpsEvent, ...]:
    """Where a source has moved to the address of another, that one is named (C3)."""
    moved = [e for e in told if e.condition == "moved"]
    other = feeds.also_at(connection, state.active_url, row_id) if moved and state.active_url else None  # fmt: skip
    if other is None:
        return told
    text = f" That is the address of {other}, too: remove one of the two; nothing is alerted twice."
    return tuple(replace(e, text=e.text + text) if e in moved else e for e in told)


def _is_old(
    entry: ParsedEntry, newest: datetime | None, fresh_for: timedelta, now: datetime
) -> bool:
    if entry.published is None:
        return True
    return now - entry.published > fresh_for or (newest is not None and entry.published < newest)


def _arrival(found: Sequence[ParsedEntry], sorted_out: SortedOut, now: datetime) -> Arrival:
    dates = tuple(e.published for e in found if e.published is not None and e.published <= now)
    return Arrival(
        new=len(sorted_out.new),
        known=len(sorted_out.edited) + len(sorted_out.unchanged),
        newest=max(dates, default=None),
        dates=dates,
    )


def _pause_host(recorder: Recorder, connection: sqlite3.Connection, result: PollResult) -> None:
    outcome = result.outcome
    if not isinstance(outcome, Failed) or outcome.not_before is None:
        return
    host = host_of(result.url)
    # a private host serves unrelated sources (a bridge, a mirror): there only the one URL waits
    if recorder.pause_whole_host and not recorder.private_hosts(host):
        feeds.pause_host(connection, host, outcome.not_before)


def record_items(
    recorder: Recorder,
    items: Sequence[tuple[str, ParsedEntry]],
    *,
    now: datetime,
    alert: bool,
    seen: Mapping[ParsedEntry, datetime] | None = None,
) -> Recorded:
    """Record imported items as ``(source, entry)``; no alert unless ``alert``, which asks for no date.

    ``seen`` tells when another archive saw an entry first.

    Raises:
        StoreError: nothing of this batch was kept.
    """
    done = Recorded()
    by_source: dict[str, list[ParsedEntry]] = {}
    for source, entry in items:
        by_source.setdefault(source, []).append(entry)
    with recorder.archive.write() as connection:
        for source, found in by_source.items():
            row = feeds.ensure_source(connection, source, "press")
            keys_of = [entry_keys(e) for e in found]
            known = entries.known(recorder.archive, row["id"], keys_of)
            sorted_out = sort_out(found, known, keys_of)
            batch = Batch(recorder, connection, row, None, now, done, quiet=not alert)
            batch.add(sorted_out.new, seen)
            for entry, keys, entry_id in sorted_out.edited:
                batch.edit(entry, keys, entry_id)
    return done


def record_verdicts(
    recorder: Recorder, rows: Sequence[sqlite3.Row], *, now: datetime, alert: bool
) -> Recorded:
    """Judge archived entries with the recorder's model; ``edited`` counts the judged.

    Raises:
        StoreError: nothing of these entries was kept.
    """
    done = Recorded()
    with recorder.archive.write() as connection:
        for row in rows:
            feed = connection.execute(
                "SELECT * FROM feeds WHERE id = ?", (row["feed_id"],)
            ).fetchone()
            Batch(recorder, connection, feed, None, now, done, quiet=not alert).judge_anew(row)
    return done


def record_article(recorder: Recorder, article: Article, *, now: datetime) -> Recorded:
    """Record what reading an entry's page came to; its alert, if any, with it.

    Raises:
        StoreError: nothing was kept; the page will be read again.
    """
    done = Recorded()
    with recorder.archive.write() as connection:
        row = entries.with_hit(connection, article.entry_id)
        feed = connection.execute("SELECT * FROM feeds WHERE id = ?", (row["feed_id"],)).fetchone()
        if article.text is not None:
            batch = Batch(recorder, connection, feed, row["fetch_id"], now, done)
            batch.read(row, article, article.text)
            fulltexts.settle(connection, article.entry_id, "read", article.reason, now)
            return done
        if article.not_before is not None:
            fulltexts.postpone(connection, article.entry_id, article.reason, article.not_before)
            return done
        state = "refused" if article.refused else "failed"
        fulltexts.settle(connection, article.entry_id, state, article.reason, now)
        said = {"url": article.url, "state": state, "reason": article.reason}
        evidence.append(connection, now, "article not read", said, entry_id=article.entry_id)
    return done
