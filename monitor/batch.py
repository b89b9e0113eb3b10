"""The entries of one document or import, each with all that follows from it, in one transaction.

Verdict, facts, story, decision, alert, pending deliveries and evidence. Knows the order of these
stages and decides nothing itself; which entries are new or edited is told by ``recording``.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from classifiers.facts import find_facts
from classifiers.verdict import Item, Label, Verdict

from .decide import Decision, Silence, decide, wants_article
from .domain import AlertKind, Article, EntryId, ParsedEntry, Tier
from .identity import EntryKeys, host_of
from .store import alerts, entries, evidence, fulltexts, placing, proof, silences, stories, told

if TYPE_CHECKING:
    from .recording import Recorded, Recorder

EDITS_CAP = 24
"""After so many edits an entry's further edits are not taken: some sources never stop."""


@dataclass(slots=True)
class Batch:
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

    def add(
        self, entry: ParsedEntry, keys: EntryKeys, seen: datetime | None = None
    ) -> EntryId | None:
        """A new entry with its verdict, and whatever follows from it.

        ``seen`` is when another archive saw it first.
        """
        entry = _clamped(entry, self.now)
        verdict = self.recorder.judge(_item(entry, self.feed["name"]))
        entry_id = entries.insert(
            self.connection,
            self.feed,
            entry,
            keys,
            min(seen or self.now, self.now),
            fetch_id=self.fetch_id,
            # nobody is told of either: the budget of alerts does not count them
            baseline=self.first_poll or self.quiet,
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
