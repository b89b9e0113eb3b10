"""The entries of one document or import, each with all that follows from it, in one transaction.

Verdict, facts, story, decision, alert, pending deliveries and evidence. Knows the order of these
stages and decides nothing itself; which entries are new or edited is told by ``recording``.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from classifiers.facts import Facts, find_facts
from classifiers.verdict import Item, Label, Verdict

from .decide import Decision, Silence, decide, wants_article
from .domain import AlertKind, Article, EntryId, ParsedEntry, Tier
from .identity import EntryKeys, host_of
from .store import alerts, entries, evidence, fulltexts, placing, proof, silences, stories, told
from .store.codec import from_iso, moment

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
        self,
        new: Sequence[tuple[ParsedEntry, EntryKeys]],
        seen: Mapping[ParsedEntry, datetime] | None = None,
    ) -> None:
        """New entries with their verdicts, and whatever follows from them, one after another.

        ``seen`` tells when another archive saw an entry first.
        """
        rows = [
            (_clamped(e, self.now), keys, min((seen or {}).get(e, self.now), self.now))
            for e, keys in new
        ]
        # nobody is told of either: the budget of alerts does not count them
        baseline = self.first_poll or self.quiet
        ids = entries.insert(self.connection, self.feed, rows, fetch_id=self.fetch_id, baseline=baseline)  # fmt: skip
        for entry_id, (entry, _, _) in zip(ids, rows, strict=True):
            if entry_id is not None:
                self._judge(entry_id, entry)

    def _judge(self, entry_id: EntryId, entry: ParsedEntry) -> None:
        self.done.new += 1
        verdict = self.recorder.judge(_item(entry, self.feed["name"]))
        entries.save_verdict(self.connection, entry_id, verdict, self.now)
        self._ask_for_article(entry_id, entry, verdict)
        if verdict.label is Label.RELEVANT:
            self._hit(entry_id, entry, verdict, "entry first seen")

    def _ask_for_article(self, entry_id: EntryId, entry: ParsedEntry, verdict: Verdict) -> None:
        if not self.articles or self.migration or entry.url is None:
            return
        fresh_for, below = self.recorder.fresh_for, self.recorder.article_below
        if wants_article(entry, screened=verdict.screened, below=below, first_poll=self.first_poll, fresh_for=fresh_for, now=self.now):  # fmt: skip
            fulltexts.ask(self.connection, entry_id, entry.url, self.now)

    def edit(self, entry: ParsedEntry, keys: EntryKeys, entry_id: int) -> None:
        """An edited entry is judged anew; it is told only where that makes it a hit.

        A hit stays one; what it says now reaches its story. Where the edit would not confirm it,
        its verdict and facts stay those that made it a hit.
        """
        row = entries.with_hit(self.connection, entry_id)
        if row["changes"] >= EDITS_CAP:
            return
        self.done.edited += 1
        entry = _clamped(entry, self.now)
        entries.edit(self.connection, entry_id, entry, keys, self.now, fetch_id=self.fetch_id)
        entry = replace(entry, text=row["extract"] or entry.text)
        verdict = self.recorder.judge(_item(entry, self.feed["name"]))
        flagged = verdict.label is Label.RELEVANT
        if flagged or not row["hit"]:
            entries.save_verdict(self.connection, entry_id, verdict, self.now)
        self._ask_for_article(EntryId(entry_id), entry, verdict)
        if row["hit"]:
            facts = self._restate(row, entry, verdict) if flagged else None
            proof.hit(self.connection, self.now, "entry edited", entry_id, verdict, facts)
        elif flagged:
            # what has no date is news by an edit only where it said less before
            past = self._past(row) and (row["published"] is not None or self._flagged_before(row))
            self._hit(EntryId(entry_id), entry, verdict, "entry became a hit by an edit", past=past)

    def _past(self, row: sqlite3.Row) -> bool:
        """Whether an archived entry was old, or undated, where its source was first read."""
        published, seen = from_iso(row["published"]), moment(row["first_seen"])
        return bool(row["baseline"]) and (published is None or seen - published > self.recorder.fresh_for)  # fmt: skip

    def _flagged_before(self, row: sqlite3.Row) -> bool:
        return self.recorder.judge(entries.item_of(row)).label is Label.RELEVANT

    def judge_anew(self, row: sqlite3.Row) -> None:
        """An archived entry under another model; told only where that makes it a hit."""
        self.done.edited += 1
        verdict = self.recorder.judge(entries.item_of(row))
        entries.save_verdict(self.connection, row["id"], verdict, self.now)
        if row["hit"]:
            proof.hit(self.connection, self.now, "entry judged anew", row["id"], verdict)
        elif verdict.label is Label.RELEVANT:
            self._hit(EntryId(row["id"]), entries.entry_of(row), verdict, "entry became a hit by another model", past=self._past(row))  # fmt: skip

    def read(self, row: sqlite3.Row, article: Article, text: str) -> None:
        """An archived entry with the text of its article; told only where that makes it a hit.

        A hit stays one, and keeps its verdict and facts where the article would not confirm it.
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
        if flagged and row["hit"]:
            facts = self._restate(row, entry, verdict)
            proof.hit(self.connection, self.now, "facts of the article", row["id"], verdict, facts)
        elif flagged:
            self._hit(EntryId(row["id"]), entry, verdict, "entry became a hit by its article", past=self._past(row))  # fmt: skip

    def _facts(self, entry: ParsedEntry) -> Facts:
        return find_facts(
            _item(entry, self.feed["name"]),
            self.recorder.model.gazetteer,
            source_jurisdiction=self.feed["jurisdiction"],
            source_host=host_of(entry.url or ""),
        )

    def _place(self, entry_id: EntryId, facts: Facts, verdict: Verdict) -> int:
        vector = self.recorder.model.vector
        return placing.place(self.connection, entry_id, facts, verdict, vector, self.now)[0]

    def _restate(self, row: sqlite3.Row, entry: ParsedEntry, verdict: Verdict) -> Facts:
        """A hit's facts as it states them now, into its story and the posts that stand.

        Where they make it a hit of another story, that one is decided on if the first was told.
        """
        entry_id, facts = EntryId(row["id"]), self._facts(entry)
        before = stories.row_of_hit(self.connection, entry_id)
        story = self._place(entry_id, facts, verdict)
        after = stories.row_of_hit(self.connection, entry_id)
        if story != before["id"]:
            was_told = bool(told.alerted_channels(self.connection, before["id"]))
            self._show(before["id"])
            if was_told:
                self._tell(entry_id, story, entry, past=self._past(row))
                return facts
        if tuple(before) != tuple(after) or row["title"] != entry.title:
            self._show(story)
        return facts

    def _show(self, story: int) -> None:
        if not self.quiet:
            alerts.raise_edit(self.connection, story, "facts changed", self.now)

    def _hit(
        self,
        entry_id: EntryId,
        entry: ParsedEntry,
        verdict: Verdict,
        what: str,
        *,
        past: bool = False,
    ) -> None:
        """A new hit; ``past`` where it stood, old, in its source before that was watched."""
        self.done.hits += 1
        facts = self._facts(entry)
        story = self._place(entry_id, facts, verdict)
        proof.hit(self.connection, self.now, what, entry_id, verdict, facts)
        self._tell(entry_id, story, entry, past=past)

    def _tell(self, entry_id: EntryId, story: int, entry: ParsedEntry, *, past: bool) -> None:
        """Decide on a story that has a new hit, write down why, and owe what follows."""
        decision = self._decide(story, entry, past=past)
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

    def _decide(self, story: int, entry: ParsedEntry, *, past: bool) -> Decision:
        if self.quiet:
            return Decision(None, "imported without --alert")
        view = stories.story_view(self.recorder.archive, story)
        policy = self.recorder.policy
        tier = policy.tier_of(view)
        return decide(
            view,
            already_alerted=bool(told.alerted_channels(self.connection, story)),
            first_poll=self.first_poll or past,
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
