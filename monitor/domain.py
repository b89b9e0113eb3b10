"""The words of the service: Feed, Entry, Hit, Story, Alert, Delivery.

Frozen values and closed lists, standard library only.
Knows nothing of HTTP, SQLite or Slack, and does no I/O.
The meaning of each word is in ``docs/glossary.md``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType

FeedName = NewType("FeedName", str)
EntryId = NewType("EntryId", int)
StoryId = NewType("StoryId", str)
"""The public id of a story, ``S-2026-000123``; it survives merges."""

CONSOLE = "console"
"""The channel name under which console deliveries stand in the ledger."""


class SourceKind(StrEnum):
    """Who speaks through a feed; the order of trust is ``RANK``."""

    REGULATOR = "regulator"
    COURT = "court"
    NGO = "ngo"
    PRESS = "press"
    LAW = "law"
    AGGREGATOR = "aggregator"


class FeedState(StrEnum):
    """What the operator needs to know about a source at a glance."""

    NEW = "new"  # configured, never polled
    OK = "ok"  # the last poll succeeded
    FAILING = "failing"  # the last poll failed; it is tried again
    BLOCKED = "blocked"  # a challenge page stands in the way
    GONE = "gone"  # 410, repeatedly; no longer polled
    DISABLED = "disabled"  # switched off in feeds.yaml


@dataclass(frozen=True, slots=True)
class Selectors:
    """CSS selectors of a listing page; ``entry`` is the repeated element, the others lie within it."""

    entry: str
    link: str | None = None
    title: str | None = None
    date: str | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """One configured source: a feed (RSS, Atom, JSON Feed, sitemap) or a watched listing page."""

    name: FeedName
    url: str
    kind: SourceKind
    jurisdiction: str | None = None
    language: str | None = None
    watch: bool = False
    selectors: Selectors | None = None
    interval: timedelta = timedelta(hours=1)
    enabled: bool = True
    fallbacks: tuple[str, ...] = ()
    headers_env: Mapping[str, str] = field(default_factory=dict)
    fulltext: bool = False  # entries with little text are read in full


@dataclass(frozen=True, slots=True)
class PollState:
    """What polling remembers of one feed between polls: the columns of ``feeds`` by the same names.

    Times are aware UTC. ``validators_url`` is the URL that ``etag``, ``last_modified`` and
    ``body_hash`` belong to; they are void for any other.
    """

    state: FeedState = FeedState.NEW
    error_class: str | None = None
    error: str | None = None
    failures: int = 0
    failing_since: datetime | None = None
    active_url: str | None = None  # None: the configured one
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    validators_url: str | None = None
    first_polled: datetime | None = None
    last_polled: datetime | None = None
    last_ok: datetime | None = None
    last_changed: datetime | None = None  # the last poll that was not a 304 or the same body
    last_unconditional: datetime | None = None
    last_new: datetime | None = None  # when an entry was last new
    newest_published: datetime | None = None
    usual_gap_s: float | None = None  # the source's own habit: seconds between entries
    next_due: datetime | None = None
    next_reason: str | None = None
    not_before: datetime | None = None  # a Retry-After floor, never undercut
    skip_hours: tuple[int, ...] = ()  # GMT hours in which the feed asks not to be polled
    skip_days: tuple[str, ...] = ()
    redirect_url: str | None = None  # permanent redirect under observation
    redirect_since: datetime | None = None
    gone_count: int = 0
    gone_since: datetime | None = None
    primary_retry: datetime | None = (
        None  # when a fallback is in use: next try of the configured URL
    )
    selectors: Selectors | None = None  # derived by the listing watcher
    polls: int = 0
    not_modified: int = 0
    bytes: int = 0
    entries_seen: int = 0
    told: tuple[str, ...] = ()  # health conditions already told to the operator
    archive_url: str | None = None  # an older page to be read once, where entries may be missing
    steady_since: datetime | None = None  # the first good poll after the last failure


@dataclass(frozen=True, slots=True)
class ParsedEntry:
    """An entry as the source gave it: plain text, http(s) links only, aware UTC dates."""

    title: str
    url: str | None = None
    guid: str | None = None
    summary: str = ""
    text: str = ""
    published: datetime | None = None
    published_raw: str | None = None
    language: str | None = None
    source: str | None = None  # an aggregator's or an imported item's own source name


class Asked(StrEnum):
    """Which of a source's addresses a poll asked."""

    USUAL = "usual"  # the one in use
    PRIMARY = "primary"  # the configured one, while a fallback is in use
    ARCHIVE = "archive"  # an older page of the feed (RFC 5005)


@dataclass(frozen=True, slots=True)
class PollJob:
    """A claimed feed: what ``poll`` needs, and nothing of the store."""

    feed: Feed
    state: PollState

    def address(self, asked: Asked) -> str:
        """The URL that is asked."""
        if asked is Asked.ARCHIVE and self.state.archive_url:
            return self.state.archive_url
        return self.feed.url if asked is Asked.PRIMARY else self.state.active_url or self.feed.url


@dataclass(frozen=True, slots=True)
class HttpFacts:
    """What HTTP said in one poll; kept as evidence and read by the schedule."""

    status: int | None = None
    final_url: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    bytes: int = 0
    freshness_s: float | None = None  # from Cache-Control or Expires
    freshness_reason: str | None = None
    permanent_url: str | None = None  # where an unbroken chain of 301/308 led
    conditional: bool = False
    started: datetime | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class FeedHints:
    """What a feed document says about itself that the schedule may use."""

    title: str | None = None
    language: str | None = None
    ttl_s: float | None = None
    ttl_reason: str | None = None
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[str, ...] = ()
    prev_archive: str | None = None  # an older page of the feed (RFC 5005)
    parts: tuple[str, ...] = ()  # of a sitemap index, youngest first
    malformed: bool = False
    cut: bool = False  # malformed, and without its end: the rest may come next time
    dropped: int = 0  # entries beyond the cap
    selectors: Selectors | None = None


@dataclass(frozen=True, slots=True)
class Parsed:
    """The poll brought a readable document."""

    entries: tuple[ParsedEntry, ...]
    hints: FeedHints = FeedHints()


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The poll brought nothing new: a 304, or the same body again."""

    same_body: bool = False


@dataclass(frozen=True, slots=True)
class Failed:
    """The poll failed in an expected way; ``error_class`` is one of the contract's classes."""

    error_class: str
    detail: str
    not_before: datetime | None = None


Outcome = Parsed | Unchanged | Failed


@dataclass(frozen=True, slots=True)
class PollResult:
    """What one poll of one feed came to; everything ``record`` needs."""

    job: PollJob
    http: HttpFacts
    outcome: Outcome
    asked: Asked = Asked.USUAL

    @property
    def url(self) -> str:
        """The address that was asked."""
        return self.job.address(self.asked)


@dataclass(frozen=True, slots=True)
class Article:
    """What reading an entry's page came to.

    ``text`` where it was read; else ``refused`` says whether we may not read it, and
    ``not_before`` when it is tried again.
    """

    entry_id: EntryId
    url: str
    text: str | None = None
    reason: str = ""
    refused: bool = False
    not_before: datetime | None = None


class AlertKind(StrEnum):
    """Why a message is sent."""

    NEW = "new"
    UPDATE = "update"
    DIGEST = "digest"
    OPS = "ops"


class Tier(StrEnum):
    """How soon somebody should read it."""

    ACT_NOW = "act_now"
    TODAY = "today"
    DIGEST = "digest"


class Following(StrEnum):
    """How a channel that knows a story is told of its further sources."""

    EDIT = "edit"  # the first post is edited, nothing more
    THREAD = "thread"  # edited, and the source is named in the post's thread
    BROADCAST = "thread_and_broadcast"  # the same, and the reply shows in the channel


class DeliveryState(StrEnum):
    """Where a delivery stands; see ``docs/guarantees.md`` for the arrows."""

    PENDING = "pending"  # owed, due at not_before
    SENDING = "sending"  # handed to the sink, no answer recorded yet
    SENT = "sent"  # the sink said yes, or the channel's history shows it
    UNKNOWN = "unknown"  # the answer was lost: to be reconciled
    HELD = "held"  # the channel needs the operator (token, scope, membership)
    ABANDONED = "abandoned"  # given up, visible, re-queueable


@dataclass(frozen=True, slots=True)
class OpsEvent:
    """Something about the service itself that the operator is told once."""

    condition: str  # broken, recovered, quiet, blocked, moved, gone, blind, away, ...
    subject: str  # a feed's name, a channel, or "service"
    text: str


@dataclass(frozen=True, slots=True)
class HitView:
    """One hit of a story, as messages and tables show it."""

    entry_id: EntryId
    title: str
    url: str | None
    source: str
    kind: SourceKind
    published: datetime | None
    first_seen: datetime
    score: float
    language: str | None = None
    added: datetime | None = None  # when it joined its story


@dataclass(frozen=True, slots=True)
class StoryView:
    """A story with its facts and hits, best source first."""

    story_id: StoryId
    title: str
    lead_url: str | None
    first_seen: datetime
    last_seen: datetime
    hits: tuple[HitView, ...]
    regulator: str | None = None
    regulators: tuple[str, ...] = ()
    organisation: str | None = None
    jurisdiction: str | None = None
    action: str | None = None
    amount: float | None = None
    currency: str | None = None
    amount_text: str | None = None
    legal_basis: tuple[str, ...] = ()
    ai_leg: str | None = None
    legs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    why: tuple[tuple[str, float], ...] = ()
    score: float = 0.0
    model: str | None = None
    follows: tuple[StoryId, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """What somebody said of a story: relevant or not, and why."""

    label: str
    author: str
    made: datetime
    why: str | None = None


@dataclass(frozen=True, slots=True)
class DeliveryJob:
    """A delivery that is due, with what its message is made from."""

    delivery_id: int
    uid: str  # stands in the Slack message's metadata
    alert_id: int
    channel: str
    kind: AlertKind
    state: DeliveryState
    attempts: int
    created: datetime
    tier: Tier | None = None
    story: StoryView | None = None
    text: str | None = None  # ops and digest
    last_error: str | None = None
    last_tried: datetime | None = None
    root_ts: str | None = None  # Slack ts of the story's first post in this channel
    root_permalink: str | None = None
    follows_permalink: str | None = None
    repeats: int = 0  # attempts made while an earlier one might have arrived
    reason: str = ""
    quiet: bool = False  # edited only: what is to be shown makes no noise
    mute: bool = False  # says nothing in a thread, which cannot be read
    as_of: int = 0  # the evidence log's length when this was read
    replies: bool = False  # says something in the thread of the story's post as well
    told_until: datetime | None = None  # hits seen later are new to this channel
    judgements: tuple[Judgement, ...] = ()  # the latest of each author
    snoozed_until: datetime | None = None

    @property
    def in_doubt(self) -> bool:
        """Whether an earlier attempt may have arrived."""
        return self.state in (DeliveryState.SENDING, DeliveryState.UNKNOWN)

    @property
    def edits_only(self) -> bool:
        """Whether there is nothing to do where no post of the story stands."""
        return self.quiet and self.kind is AlertKind.UPDATE

    def saying(self, later: DeliveryJob) -> DeliveryJob:
        """The same delivery with what was said of its story by a later time."""
        return replace(
            self,
            story=later.story,
            judgements=later.judgements,
            snoozed_until=later.snoozed_until,
        )

    def as_new(self) -> DeliveryJob:
        """The same delivery as a post of its own, where the post it should edit is gone."""
        return replace(self, kind=AlertKind.NEW, root_ts=None, root_permalink=None)
