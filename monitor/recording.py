"""What a poll or an import brought, into the archive: one transaction, all of it or none.

Identity, verdict, facts, story, decision, alert and pending delivery, together with the source's
validators and its next poll. Knows the order of these stages and decides nothing itself.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from classifiers.facts import find_facts
from classifiers.model import Model
from classifiers.verdict import Item, Label, Verdict

from .decide import Decision, Silence, decide
from .domain import CONSOLE, AlertKind, EntryId, Failed, OpsEvent, Parsed, ParsedEntry, PollResult
from .health import blame_the_network, is_migration, migration_event
from .identity import EntryKeys, SortedOut, entry_keys, host_of, sort_out
from .polling import Arrival, Settings, advance
from .store import alerts, entries, evidence, feeds, silences, stories
from .store.archive import Archive
from .tiers import Policy

EDITS_CAP = 24
"""After so many edits an entry's further edits are not taken: some sources never stop."""


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
        migration = is_migration(result.job.state, len(sorted_out.new), known, old)
        step = advance(
            feed,
            result,
            _arrival(found, sorted_out, now),
            now=now,
            settings=recorder.settings,
            chance=chance,
        )
        state, told = step.state, step.events
        since = state.failing_since
        if since is not None and not feeds.anything_fetched_since(connection, since):
            state, told = blame_the_network(state, told)
        fetch_id = feeds.record_fetch(connection, row["id"], result.http, result.outcome, started=now, new=len(sorted_out.new))  # fmt: skip
        batch = _Batch(recorder, connection, row, fetch_id, now, done, first_poll=row["last_ok"] is None, migration=migration)  # fmt: skip
        for entry, entry_key in sorted_out.new:
            batch.add(entry, entry_key)
        for entry, entry_key, entry_id in sorted_out.edited:
            batch.edit(entry, entry_key, entry_id)
        entries.touch(connection, sorted_out.unchanged, now)
        feeds.save_state(connection, row["id"], state)
        if result.http.started is not None:
            feeds.note_start(connection, row["host"], result.http.started)
        _pause_host(recorder, connection, result)
        done.events += [*told, *([migration_event(feed, len(sorted_out.new))] if migration else [])]  # fmt: skip
        for event in done.events:
            alerts.raise_ops(connection, event, recorder.channels, now)
    done.error_class = result.outcome.error_class if isinstance(result.outcome, Failed) else None
    return done


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
    host = host_of(result.job.state.active_url or result.job.feed.url)
    # a private host serves unrelated sources (a bridge, a mirror): there only the one URL waits
    if recorder.pause_whole_host and not recorder.private_hosts(host):
        feeds.pause_host(connection, host, outcome.not_before)


@dataclass(slots=True)
class _Batch:
    """The entries of one document or import, within one transaction."""

    recorder: Recorder
    connection: sqlite3.Connection
    feed: sqlite3.Row
    fetch_id: int | None
    now: datetime
    done: Recorded
    first_poll: bool = False
    migration: bool = False
    quiet: bool = False  # archive only: an import without --alert

    def add(self, entry: ParsedEntry, keys: EntryKeys) -> EntryId | None:
        """A new entry with its verdict, and whatever follows from it."""
        entry = _clamped(entry, self.now)
        verdict = self.recorder.judge(_item(entry, self.feed["name"]))
        entry_id = entries.insert(
            self.connection,
            self.feed,
            entry,
            keys,
            self.now,
            fetch_id=self.fetch_id,
            baseline=self.first_poll,
        )
        if entry_id is None:
            return None
        self.done.new += 1
        entries.save_verdict(self.connection, entry_id, verdict, self.now)
        if verdict.label is Label.RELEVANT:
            self._hit(entry_id, entry, verdict, "entry first seen")
        return entry_id

    def edit(self, entry: ParsedEntry, keys: EntryKeys, entry_id: int) -> None:
        """An edited entry is judged anew; it is told only where that makes it a hit."""
        row = self.connection.execute(
            "SELECT e.changes, e.title_key, EXISTS (SELECT 1 FROM story_entries s "
            "WHERE s.entry_id = e.id) AS hit FROM entries e WHERE e.id = ?",
            (entry_id,),
        ).fetchone()
        if row["changes"] >= EDITS_CAP:
            return
        self.done.edited += 1
        entry = _clamped(entry, self.now)
        entries.edit(self.connection, entry_id, entry, keys, self.now, fetch_id=self.fetch_id)
        verdict = self.recorder.judge(_item(entry, self.feed["name"]))
        entries.save_verdict(self.connection, entry_id, verdict, self.now)
        if row["hit"]:
            self._evidence(EntryId(entry_id), entry, verdict, "entry edited")
        elif verdict.label is Label.RELEVANT:
            self._hit(EntryId(entry_id), entry, verdict, "entry became a hit by an edit")

    def judge_anew(self, row: sqlite3.Row) -> None:
        """An archived entry under another model; told only where that makes it a hit."""
        self.done.edited += 1
        verdict = self.recorder.judge(entries.item_of(row))
        entries.save_verdict(self.connection, row["id"], verdict, self.now)
        if verdict.label is Label.RELEVANT and not row["hit"]:
            self._hit(EntryId(row["id"]), entries.entry_of(row), verdict, "entry became a hit by another model")  # fmt: skip

    def _hit(self, entry_id: EntryId, entry: ParsedEntry, verdict: Verdict, what: str) -> None:
        self.done.hits += 1
        model = self.recorder.model
        facts = find_facts(
            _item(entry, self.feed["name"]),
            model.gazetteer,
            source_jurisdiction=self.feed["jurisdiction"],
            source_host=host_of(entry.url or ""),
        )
        story, is_new = stories.place(
            self.connection, entry_id, facts, verdict, model.vector, self.now
        )
        self._evidence(entry_id, entry, verdict, what)
        decision = self._decide(story, entry)
        if decision.kind is not None:
            self._alert(story, decision, is_new=is_new)
        evidence.append(
            self.connection,
            self.now,
            "decision",
            {"alert": decision.kind.value if decision.kind else None, "reason": decision.reason},
            entry_id=entry_id,
            story=self._public(story),
        )

    def _decide(self, story: int, entry: ParsedEntry) -> Decision:
        if self.quiet:
            return Decision(None, "imported without --alert")
        return decide(
            stories.story_view(self.recorder.archive, story),
            already_alerted=bool(alerts.alerted_channels(self.connection, story)),
            first_poll=self.first_poll,
            migration=self.migration,
            published=entry.published,
            fresh_for=self.recorder.fresh_for,
            silences=self._silences(),
            now=self.now,
        )

    def _silences(self) -> list[Silence]:
        return silences.in_force(self.recorder.archive, self.now)

    def _alert(self, story: int, decision: Decision, *, is_new: bool) -> None:
        if decision.kind is AlertKind.UPDATE and alerts.update_owed(self.connection, story):
            return
        self.done.alerts += 1
        view = stories.story_view(self.recorder.archive, story)
        policy = self.recorder.policy
        tier = policy.tier_of(view)
        channels = policy.channels(self.recorder.channels, view, tier)
        not_before = policy.not_before(tier, self.now)
        if decision.kind is AlertKind.UPDATE:
            told = alerts.alerted_channels(self.connection, story)
            channels = tuple(c for c in channels if c in told and c != CONSOLE)
            not_before = self.now
        if channels and decision.kind is not None:
            alerts.raise_alert(
                self.connection,
                kind=decision.kind,
                reason=decision.reason,
                channels=channels,
                now=self.now,
                not_before=not_before,
                story_row=story,
                tier=tier,
            )

    def _evidence(self, entry_id: EntryId, entry: ParsedEntry, verdict: Verdict, what: str) -> None:
        data: dict[str, Any] = {
            "title": entry.title,
            "url": entry.url,
            "summary": entry.summary[:4000],
            "published": entry.published_raw,
            "source": self.feed["name"],
            "model": verdict.model,
            "score": verdict.score,
            "threshold": verdict.threshold,
            "legs": {k: list(v) for k, v in verdict.legs.items()},
        }
        if self.fetch_id is not None:
            fetch = self.connection.execute(
                "SELECT started, final_url, etag, last_modified, body_hash, status FROM fetches "
                "WHERE id = ?",
                (self.fetch_id,),
            ).fetchone()
            data["fetch"] = dict(fetch)
        evidence.append(self.connection, self.now, what, data, entry_id=entry_id)

    def _public(self, story: int) -> str:
        row = self.connection.execute("SELECT public_id FROM stories WHERE id = ?", (story,))
        return str(row.fetchone()["public_id"])


def _item(entry: ParsedEntry, source: str) -> Item:
    return Item(entry.title, entry.summary, entry.text, entry.language, entry.url, source)


def _clamped(entry: ParsedEntry, now: datetime) -> ParsedEntry:
    """A date more than a day ahead is taken for now; what the source wrote is kept beside it."""
    if entry.published is not None and entry.published > now + timedelta(days=1):
        return replace(entry, published=now, published_raw=entry.published_raw or str(entry.published))  # fmt: skip
    return entry


def record_items(
    recorder: Recorder,
    items: Sequence[tuple[str, ParsedEntry]],
    *,
    now: datetime,
    alert: bool,
) -> Recorded:
    """Record imported items as ``(source, entry)``; no alert unless ``alert``, which asks for no date.

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
            batch = _Batch(recorder, connection, row, None, now, done, quiet=not alert)
            for entry, keys in sorted_out.new:
                batch.add(entry, keys)
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
            _Batch(recorder, connection, feed, None, now, done, quiet=not alert).judge_anew(row)
    return done
