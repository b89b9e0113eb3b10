"""The keys under ``alerts:``. Knows nothing of files, lines or delivery."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from ..domain import Following, SourceKind, Tier
from ..tiers import Interest, Policy, QuietHours, Route, Rule
from .schema import Duration, EnvName, Keys, Place, Url, shown

Action = Literal[
    "investigation", "complaint", "warning", "order", "ban", "fine", "settlement", "reprimand",
    "suspension", "resumption", "court-ruling", "other",
]  # fmt: skip
Updates = Literal["edit", "thread", "thread_and_broadcast"]


class SlackKeys(Keys):
    """Where in Slack alerts go; secrets stay in the environment or a file."""

    token_env: EnvName = Field("SLACK_BOT_TOKEN", description="Variable with the bot token (xoxb-…).")  # fmt: skip
    token_file: Place | None = Field(None, description="File with the bot token, instead of a variable.")  # fmt: skip
    app_token_env: EnvName = Field("SLACK_APP_TOKEN", description="Variable with the app token (xapp-…); with it alerts have buttons.")  # fmt: skip
    webhook_env: EnvName = Field("SLACK_WEBHOOK_URL", description="Variable with an incoming webhook, used where there is no bot token.")  # fmt: skip
    channel: str = Field("", pattern=r"^([CGD][A-Z0-9]+)?$", description="The channel's id (C…), not its name; not needed for a webhook.")  # fmt: skip
    base_url: Url = Field("https://slack.com/api/", description="Slack's API, or a double of it.")
    updates: Updates = Field("edit", description="How further sources of a story are told: `edit` the first post; `thread`: edit it and reply; `thread_and_broadcast`: the reply shows in the channel as well.")  # fmt: skip
    snooze: Duration = Field(timedelta(days=7), gt=timedelta(0), le=timedelta(days=365), description="How long the button Snooze silences a story.")  # fmt: skip


class InterestKeys(Keys):
    """Names as `hits` shows them; one that matches is enough."""

    organisations: list[str] = Field([], description="For example OpenAI.")
    regulators: list[str] = Field([], description="For example ICO.")
    jurisdictions: list[str] = Field([], description="For example GB.")

    def interest(self) -> Interest:
        """The lists, ready to be matched."""
        lists = (self.organisations, self.regulators, self.jurisdictions)
        return Interest(*(frozenset(name.casefold() for name in names) for names in lists))


class RouteKeys(InterestKeys):
    """A further Slack channel and what goes there."""

    channel: str = Field(pattern=r"^[CGD][A-Z0-9]+$", description="The channel's id (C…).")
    tiers: list[Literal["act_now", "today", "digest"]] = Field([], description="Empty: all but `digest`, which is posted only where it is named.")  # fmt: skip
    updates: Updates | None = Field(None, description="As alerts.slack.updates; null: the same as there.")  # fmt: skip


class RuleKeys(InterestKeys):
    """Which stories are of a tier: all that is given must hold; of a list, one is enough."""

    actions: list[Action] = Field([], description="For example fine, ban, order.")
    kinds: list[SourceKind] = Field([], description="No source of another kind tells the story, for example press.")  # fmt: skip
    min_amount: float | None = Field(None, gt=0, description="A sum of at least so much, in whatever currency.")  # fmt: skip
    min_score: float | None = Field(None, gt=0, lt=1, description="A score of at least so much.")
    below_score: float | None = Field(None, gt=0, lt=1, description="A score below.")

    @model_validator(mode="after")
    def _says_something(self) -> RuleKeys:
        if not self.model_fields_set:
            raise ValueError("a rule without a condition would take every story")
        return self

    def rule(self) -> Rule:
        """The rule, ready to be matched."""
        return Rule(
            self.interest(),
            frozenset(self.actions),
            frozenset(self.kinds),
            self.min_amount,
            self.min_score,
            self.below_score,
        )


class TierKeys(Keys):
    """How soon stories should be read: the first tier with a rule that fits; else `today`."""

    act_now: list[RuleKeys] = Field([], description="Waits for nothing; is said again once where nobody answers. What is on the watchlist is of this tier too.")  # fmt: skip
    digest: list[RuleKeys] = Field([], description="Not posted by itself, held for the next digest.")  # fmt: skip


def _clock(value: Any) -> time:
    try:
        clock = time.fromisoformat(str(value))
    except ValueError as error:
        raise ValueError(f"{shown(value)} is not a time of day; write for example 22:00") from error
    if clock.tzinfo is not None:
        raise ValueError(f"{shown(value)} has an offset of its own; the zone is said by `zone`")
    return clock


def _zone(value: Any) -> ZoneInfo:
    try:
        return ZoneInfo(str(value))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{shown(value)} is not a time zone; write for example Europe/Berlin") from error  # fmt: skip


class QuietKeys(Keys):
    """When nothing but what is on the watchlist is sent."""

    begins: Annotated[time, BeforeValidator(_clock)] = Field(description="Local time, for example 22:00.")  # fmt: skip
    ends: Annotated[time, BeforeValidator(_clock)] = Field(description="Local time, for example 07:00.")  # fmt: skip
    zone: Annotated[ZoneInfo, BeforeValidator(_zone)] = Field(description="Time zone, for example Europe/Berlin.")  # fmt: skip

    @model_validator(mode="after")
    def _some_time_is_left(self) -> QuietKeys:
        if self.begins == self.ends:
            raise ValueError("begins and ends are the same time")
        return self


class WebhookKeys(Keys):
    """Alerts as signed JSON to a program of your own."""

    url: Url = Field(description="Where each alert is posted.")
    secret_env: EnvName = Field("REGWATCH_WEBHOOK_SECRET", description="Variable with the secret that signs each post (HMAC-SHA256).")  # fmt: skip


class DigestKeys(Keys):
    """When a digest is sent to the main channels."""

    at: Annotated[time, BeforeValidator(_clock)] = Field(description="Local time, for example 08:30.")  # fmt: skip
    zone: Annotated[ZoneInfo, BeforeValidator(_zone)] = Field(description="Time zone, for example Europe/Berlin.")  # fmt: skip
    weekday: Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"] | None = Field(None, description="Once a week on this day; null: daily.")  # fmt: skip


class AlertKeys(Keys):
    """When and where alerts are sent."""

    threshold: float | None = Field(None, gt=0, lt=1, description="Score from which an entry is a hit; null: the model's own.")  # fmt: skip
    budget: int | None = Field(None, ge=1, description="At most so many stories alerted a week, judged by the past four weeks; raises the threshold where there were more. null: no budget.")  # fmt: skip
    fresh_for: Duration = Field(timedelta(days=3), description="At a source's first poll, older or undated entries are stored, not alerted; later polls: age holds nothing back.")  # fmt: skip
    flood: int = Field(60, ge=0, description="Posts per channel per hour, the rest becomes one digest; 0 = off.")  # fmt: skip
    watchlist: InterestKeys | None = Field(None, description="What is on it is `act_now` and waits for nothing; everything else is `today`. null: all alike.")  # fmt: skip
    quiet_hours: QuietKeys | None = Field(None, description="Stories off the watchlist wait until they are over. null: none.")  # fmt: skip
    digest: DigestKeys | None = Field(None, description="A regular digest: new stories, moved cases, held back, sources to look at. null: none.")  # fmt: skip
    tiers: TierKeys | None = Field(None, description="Rules that tell stories apart by facts and score. null: by the watchlist alone.")  # fmt: skip
    remind_after: Duration = Field(timedelta(hours=4), le=timedelta(days=7), description="With buttons: an `act_now` story that nobody judged or snoozed is said again once after so long; 0s: never.")  # fmt: skip
    coalesce: Duration = Field(timedelta(0), le=timedelta(days=1), description="How long a story off the watchlist waits for further sources before its first post.")  # fmt: skip
    routes: list[RouteKeys] = Field([], description="Further Slack channels, each with what goes there; the main channel gets everything.")  # fmt: skip
    webhook: WebhookKeys | None = Field(None, description="A further way out, beside Slack and the console: signed JSON. null: none.")  # fmt: skip
    console: bool = Field(True, description="Alerts on the console.")
    slack: SlackKeys | None = Field(None, description="Absent: console only.")

    @field_validator("tiers")
    @classmethod
    def _digest_is_sent(cls, tiers: TierKeys | None, info: ValidationInfo) -> TierKeys | None:
        if tiers is not None and tiers.digest and info.data.get("digest") is None:
            raise ValueError("stories are held for a digest, but alerts.digest does not say when one is sent")  # fmt: skip
        return tiers

    @model_validator(mode="after")
    def _somewhere(self) -> AlertKeys:
        if not self.console and self.slack is None and self.webhook is None:
            raise ValueError("console is off and there is no slack: alerts would go nowhere")
        if self.routes and self.slack is None:
            raise ValueError("routes need slack")
        return self

    def policy(self) -> Policy:
        """The wishes about noise, as recording takes them."""
        quiet = self.quiet_hours
        return Policy(
            watchlist=self.watchlist.interest() if self.watchlist else Interest(),
            quiet=QuietHours(quiet.begins, quiet.ends, quiet.zone) if quiet else None,
            coalesce=self.coalesce,
            routes=tuple(
                Route(r.channel, r.interest(), frozenset(map(Tier, r.tiers))) for r in self.routes
            ),
            act_now=tuple(keys.rule() for keys in self.tiers.act_now) if self.tiers else (),
            digest=tuple(keys.rule() for keys in self.tiers.digest) if self.tiers else (),
        )

    def following(self) -> dict[str, Following]:
        """How each Slack channel is told of further sources."""
        if self.slack is None:
            return {}
        main = Following(self.slack.updates)
        # a channel may stand in several routes: the first that says how counts
        said = {r.channel: Following(r.updates) for r in reversed(self.routes) if r.updates}
        return dict.fromkeys((r.channel for r in self.routes), main) | said | {self.slack.channel: main}  # fmt: skip
