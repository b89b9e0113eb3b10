"""How soon a story should be read, when it may be sent, and to which channels: pure.

All of it is opt-in: without a watchlist or rules every story is alike, without quiet hours none waits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from .domain import SourceKind, StoryView, Tier


@dataclass(frozen=True, slots=True)
class Interest:
    """What somebody watches; a story matches when one of its facts is listed. Case plays no part."""

    organisations: frozenset[str] = frozenset()
    regulators: frozenset[str] = frozenset()
    jurisdictions: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.organisations or self.regulators or self.jurisdictions)

    def covers(self, story: StoryView) -> bool:
        """Whether the story's organisation, an authority or its jurisdiction is listed."""
        authorities = {story.regulator, *story.regulators}
        return (
            _listed(story.organisation, self.organisations)
            or any(_listed(name, self.regulators) for name in authorities)
            or _listed(story.jurisdiction, self.jurisdictions)
        )


def _listed(value: str | None, names: frozenset[str]) -> bool:
    return value is not None and value.casefold() in names


@dataclass(frozen=True, slots=True)
class Rule:
    """Which stories are of a tier: all that is said here must hold; of a list, one is enough."""

    interest: Interest = Interest()
    actions: frozenset[str] = frozenset()
    kinds: frozenset[SourceKind] = frozenset()  # no source of another kind tells it
    min_amount: float | None = None  # in whatever currency the story names
    min_score: float | None = None
    below_score: float | None = None

    def covers(self, story: StoryView) -> bool:
        """Whether the story is of this rule's kind."""
        return (
            (not self.interest or self.interest.covers(story))
            and (not self.actions or story.action in self.actions)
            and (not self.kinds or {hit.kind for hit in story.hits} <= self.kinds)
            and (self.min_amount is None or (story.amount or 0.0) >= self.min_amount)
            and (self.min_score is None or story.score >= self.min_score)
            and (self.below_score is None or story.score < self.below_score)
        )


@dataclass(frozen=True, slots=True)
class QuietHours:
    """A daily spell of local time; it may pass midnight."""

    begins: time
    ends: time
    zone: ZoneInfo

    def end_after(self, now: datetime) -> datetime | None:
        """When the spell that holds ``now`` ends, None outside of one. Daylight saving counts."""
        local = now.astimezone(self.zone)
        clock = local.time()
        over_midnight = self.begins > self.ends
        if over_midnight:
            inside = clock >= self.begins or clock < self.ends
        else:
            inside = self.begins <= clock < self.ends
        if not inside:
            return None
        day = local.date() + timedelta(days=int(over_midnight and clock >= self.begins))
        return datetime.combine(day, self.ends, self.zone).astimezone(now.tzinfo)


@dataclass(frozen=True, slots=True)
class Route:
    """A further channel, and which stories it gets beside the main one."""

    channel: str
    interest: Interest
    tiers: frozenset[Tier] = frozenset()

    def takes(self, story: StoryView, tier: Tier | None) -> bool:
        """Whether the story goes to this channel: what is not said does not restrict."""
        return (not self.interest or self.interest.covers(story)) and (
            not self.tiers or tier in self.tiers
        )


@dataclass(frozen=True, slots=True)
class Policy:
    """The operator's wishes about noise."""

    watchlist: Interest = Interest()
    quiet: QuietHours | None = None
    coalesce: timedelta = timedelta()
    routes: Sequence[Route] = ()
    act_now: Sequence[Rule] = ()
    digest: Sequence[Rule] = ()

    def tier_of(self, story: StoryView) -> Tier | None:
        """``act_now`` by watchlist or rule, else ``digest`` by rule, else ``today``; None where
        neither a watchlist nor rules tell stories apart.
        """
        if not (self.watchlist or self.act_now or self.digest):
            return None
        if self.watchlist.covers(story) or any(rule.covers(story) for rule in self.act_now):
            return Tier.ACT_NOW
        return Tier.DIGEST if any(rule.covers(story) for rule in self.digest) else Tier.TODAY

    def not_before(self, tier: Tier | None, now: datetime) -> datetime:
        """When a first post may go out: what is to be acted on now waits for nothing."""
        if tier is Tier.ACT_NOW:
            return now
        ready = now + self.coalesce
        return (self.quiet.end_after(ready) if self.quiet else None) or ready

    def channels(self, main: Sequence[str], story: StoryView, tier: Tier | None) -> tuple[str, ...]:
        """The main channels, and those of the routes that take the story.

        What is held for the digest goes to those routes alone that ask for this tier by name.
        """
        if tier is Tier.DIGEST:
            asking = [r for r in self.routes if Tier.DIGEST in r.tiers and r.takes(story, tier)]
            return tuple(dict.fromkeys(r.channel for r in asking))
        routed = [r.channel for r in self.routes if r.takes(story, tier)]
        return tuple(dict.fromkeys([*main, *routed]))
