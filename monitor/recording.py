"""What a poll or an import brought, into the archive: one transaction, all of it or none.

Identity, verdict, facts, story, decision, alert and pending delivery, together with the source's
validators and its next poll. Knows the order of these stages and decides nothing itself.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256

from classifiers.facts import find_facts
from classifiers.model import Model
from classifiers.verdict import Item, Label, Verdict

from .decide import Decision, Silence, decide, wants_article
from .domain import (
    CONSOLE,
    AlertKind,
    Article,
    Asked,
    EntryId,
    Failed,
    OpsEvent,
    Parsed,
    ParsedEntry,
    PollResult,
    PollState,
    Tier,
)
from .health import blame_the_network, is_migration, migration_event
from .identity import EntryKeys, SortedOut, entry_keys, host_of, sort_out
from .polling import Arrival, Settings, advance
from .store import (
    alerts,
    entries,
    evidence,
    feeds,
    fulltexts,
    placing,
    proof,
    silences,
    stories,
    told,
)
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
        batch = _Batch(recorder, connection, row, fetch_id, now, done, first_poll=baseline, migration=migration, articles=feed.fulltext)  # fmt: skip
        for entry, entry_key in sorted_out.new:
            batch.add(entry, entry_key)
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
    articles: bool = False  # entries with little text are read in full later

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
        self._ask_for_article(entry_id, entry, verdict)
        if verdict.label is Label.RELEVANT:
            self._hit(entry_id, entry, verdict, "entry first seen")
        return entry_id

    def _ask_for_article(self, entry_id: EntryId, entry: ParsedEntry, verdict: Verdict) -> None:
        if not self.articles or self.migration or entry.url is None:
            return
        fresh_for, below = self.recorder.fresh_for, self.recorder.article_below
        if wants_article(entry, screened=verdict.screened, below=below, first_poll=self.first_poll, fresh_for=fresh_for, now=self.now):  # fmt: skip
            fulltexts.ask(self.connection, entry_id, entry.url, self.now)

    def edit(self, entry: ParsedEntry, keys: EntryKeys, entry_id: int) -> None:
        """An edited entry is judged anew; it is told only where that makes it a hit."""
        row = entries.with_hit(self.connection, entry_id)
        if row["changes"] >= EDITS_CAP:
            return
        self.done.edited += 1
        entry = _clamped(entry, self.now)
        entries.edit(self.connection, entry_id, entry, keys, self.now, fetch_id=self.fetch_id)
        entry = replace(entry, text=row["extract"] or entry.text)
        verdict = self.recorder.judge(_item(entry, self.feed["name"]))
        entries.save_verdict(self.connection, entry_id, verdict, self.now)
        self._ask_for_article(EntryId(entry_id), entry, verdict)
        if row["hit"]:
            proof.hit(self.connection, self.now, "entry edited", entry_id, verdict)
        elif verdict.label is Label.RELEVANT:
            self._hit(EntryId(entry_id), entry, verdict, "entry became a hit by an edit")

    def judge_anew(self, row: sqlite3.Row) -> None:
        """An archived entry under another model; told only where that makes it a hit."""
        self.done.edited += 1
        verdict = self.recorder.judge(entries.item_of(row))
        entries.save_verdict(self.connection, row["id"], verdict, self.now)
        if verdict.label is Label.RELEVANT and not row["hit"]:
            self._hit(EntryId(row["id"]), entries.entry_of(row), verdict, "entry became a hit by another model")  # fmt: skip

    def read(self, row: sqlite3.Row, article: Article, text: str) -> None:
        """An archived entry with the text of its article; told only where that makes it a hit.

        A hit stays one, and keeps its verdict where the article would not confirm it.
        """
        entry = replace(entries.entry_of(row), text=text)
        verdict = self.recorder.judge(_item(entry, self.feed["name"]))
        flagged = verdict.label is Label.RELEVANT
        digest = sha256(text.encode()).hexdigest()
        data = {
            "url": article.url,
            "sha256": digest,
            "characters": len(text),
            "model": verdict.model,
            "score": verdict.score,
            # retention may not reach into the log: the words of what is no hit stay out of it
            "text": text[:4000] if flagged or row["hit"] else None,
        }
        evidence.append(self.connection, self.now, "article read", data, entry_id=row["id"])
        fulltexts.keep_extract(self.connection, row["id"], article.url, digest, text, self.now)  # fmt: skip
        if flagged or not row["hit"]:
            entries.save_verdict(self.connection, row["id"], verdict, self.now)
        if flagged and not row["hit"]:
            self._hit(EntryId(row["id"]), entry, verdict, "entry became a hit by its article")

    def _hit(self, entry_id: EntryId, entry: ParsedEntry, verdict: Verdict, what: str) -> None:
        self.done.hits += 1
        model = self.recorder.model
        facts = find_facts(
            _item(entry, self.feed["name"]),
            model.gazetteer,
            source_jurisdiction=self.feed["jurisdiction"],
            source_host=host_of(entry.url or ""),
        )
        story, _ = placing.place(self.connection, entry_id, facts, verdict, model.vector, self.now)  # fmt: skip
        proof.hit(self.connection, self.now, what, entry_id, verdict, facts)
        decision = self._decide(story, entry)
        if decision.kind is not None:
            self._alert(story, decision)
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
        view = stories.story_view(self.recorder.archive, story)
        policy = self.recorder.policy
        tier = policy.tier_of(view)
        return decide(
            view,
            already_alerted=bool(told.alerted_channels(self.connection, story)),
            first_poll=self.first_poll,
            migration=self.migration,
            published=entry.published,
            fresh_for=self.recorder.fresh_for,
            silences=self._silences(),
            now=self.now,
            held=tier is Tier.DIGEST and not policy.channels((), view, tier),
        )

    def _silences(self) -> list[Silence]:
        return silences.in_force(self.recorder.archive, self.now)

    def _alert(self, story: int, decision: Decision) -> None:
        """Owe a first post to the channels that want it and have none, an edit to the others."""
        view = stories.story_view(self.recorder.archive, story)
        policy = self.recorder.policy
        tier = policy.tier_of(view)
        wanted = policy.channels(self.recorder.channels, view, tier)
        known = told.alerted_channels(self.connection, story)
        not_before = policy.not_before(tier, self.now)
        told.hasten(self.connection, story, tier, not_before)
        # a first post that still waits will show the new source by itself
        edited = [c for c, state in known.items() if state not in ("pending", "held") and c not in self.recorder.unedited]  # fmt: skip
        owed = told.not_yet_owed(self.connection, story, edited, quiet=decision.quiet)
        new = () if decision.quiet else tuple(c for c in wanted if c not in known)
        self.done.alerts += bool(new) + bool(owed)
        for kind, channels, when in ((AlertKind.NEW, new, not_before), (AlertKind.UPDATE, owed, self.now)):  # fmt: skip
            if channels:
                alerts.raise_alert(
                    self.connection,
                    kind=kind,
                    reason=decision.reason,
                    channels=channels,
                    now=self.now,
                    not_before=when,
                    story_row=story,
                    tier=tier,
                    quiet=decision.quiet,
                )

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
            batch = _Batch(recorder, connection, feed, row["fetch_id"], now, done)
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
