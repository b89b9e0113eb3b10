"""A hit's story to an alert or to none, with the reason: pure.

Knows what is fresh, what was already told and what is silenced; knows nothing of channels' ways.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from .domain import AlertKind, ParsedEntry, StoryView

HELD_FOR_DIGEST = "low tier: held for the digest"


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing about ``value`` is sent before ``ends``; the hits are kept all the same."""

    field: str  # story, organisation, regulator, source or term
    value: str
    ends: datetime
    author: str
    reason: str


@dataclass(frozen=True, slots=True)
class Decision:
    """``kind`` None: stored, not alerted; ``reason`` says why, either way."""

    kind: AlertKind | None
    reason: str
    quiet: bool = False  # an edit that says nothing more: somebody asked for silence


def decide(
    story: StoryView,
    *,
    already_alerted: bool,
    first_poll: bool,
    migration: bool,
    published: datetime | None,
    fresh_for: timedelta,
    silences: Sequence[Silence],
    now: datetime,
    held: bool = False,
) -> Decision:
    """Whether the story of a new hit is alerted; ``held`` says that its tier waits for the digest.

    A story that was told and is silenced since is edited, so that what stands there stays true,
    and says nothing more. At a source's first poll, and where a source republished its past, hits
    that are older than ``fresh_for`` or undated raise no alert, and to a story that was told they
    are added by a quiet edit. Otherwise age holds nothing back.
    """
    silence = silenced(story, silences, now)
    past = (first_poll or migration) and (published is None or now - published > fresh_for)
    if already_alerted:
        quiet = past or silence is not None
        return Decision(AlertKind.UPDATE, "another source of a story that was told", quiet)
    if silence is not None:
        return Decision(None, f"silenced until {silence.ends:%Y-%m-%d} by {silence.author}: {silence.reason}")  # fmt: skip
    if past:
        what = "first poll of the source or page" if first_poll else "mass republish of the source"
        return Decision(None, f"{what}, and the entry is {'undated' if published is None else 'older than fresh_for'}")  # fmt: skip
    if held:
        return Decision(None, HELD_FOR_DIGEST)
    return Decision(AlertKind.NEW, "a new story")


def wants_article(
    entry: ParsedEntry,
    *,
    screened: bool,
    below: int,
    first_poll: bool,
    fresh_for: timedelta,
    now: datetime,
) -> bool:
    """Whether an entry's page is worth a request: it passed the screen on few words.

    ``below`` is in characters. What would be stored only, being old at a source's first poll, is
    left alone.
    """
    if screened or not entry.url or len(entry.summary) + len(entry.text) >= below:
        return False
    return not first_poll or (entry.published is not None and now - entry.published <= fresh_for)


def silenced(story: StoryView, silences: Sequence[Silence], now: datetime) -> Silence | None:
    """The first silence in force that covers the story."""
    for silence in silences:
        if silence.ends > now and _covers(silence, story):
            return silence
    return None


def _covers(silence: Silence, story: StoryView) -> bool:
    wanted = silence.value.casefold()
    values: dict[str, list[str | None]] = {
        "story": [story.story_id],
        "organisation": [story.organisation],
        "regulator": [story.regulator, *story.regulators],
        "source": [h.source for h in story.hits],
    }
    if silence.field == "term":
        return any(wanted in h.title.casefold() for h in story.hits)
    return any(v is not None and v.casefold() == wanted for v in values[silence.field])
