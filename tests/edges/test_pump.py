"""Channels that are slow, paused, held, down or many: the pump on a real archive and Slack's double."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from desk import TICK, TOKEN, Desk
from slackdouble.workspace import Room

from classifiers.model import Model
from monitor.cycle import Report, Watch
from monitor.domain import (
    DeliveryJob,
    Feed,
    FeedName,
    HttpFacts,
    OpsEvent,
    Parsed,
    ParsedEntry,
    PollJob,
    PollResult,
    SourceKind,
)
from monitor.ledger import Receipt, SendFailure
from monitor.message import Message
from monitor.notify import Notifier
from monitor.ports import Ports
from monitor.recording import Recorder
from monitor.service import Service
from monitor.slack import SlackSink
from monitor.state import health_problems
from monitor.store import alerts, feeds, runs


def test_a_channel_gets_one_post_a_second_and_none_too_fast_b4(make: Callable[..., Desk]) -> None:
    desk = make()
    desk.slack.workspace.pace = 1.0
    desk.tell(*range(6))
    desk.turn(3)
    assert len(desk.posts()) == 3
    desk.turn(12, timedelta(milliseconds=500))
    assert len(desk.posts()) == 6
    assert desk.slack.calls.count("chat.postMessage") == 6


def test_a_retry_after_pauses_the_whole_channel_counts_no_attempt_and_outlives_a_restart_b4(
    make: Callable[..., Desk],
) -> None:
    desk = make("C1", "C2")
    desk.tell(0, 1)
    desk.slack.armed["chat.postMessage"] = ["429 120"]
    desk.turn(1)
    desk.restart()
    desk.turn(110)
    assert len(desk.posts("C1")) == 0
    assert len(desk.posts("C2")) == 2
    desk.turn(15)
    assert len(desk.posts("C1")) == 2
    assert {r["attempts"] for r in desk.archive.rows("SELECT attempts FROM deliveries")} == {1}


def test_a_held_channel_is_told_once_elsewhere_and_resumes_in_order_b12(
    make: Callable[..., Desk],
) -> None:
    desk = make("C1", "C2")
    desk.slack.workspace.rooms["C1"] = Room(archived=True)
    desk.tell(*range(4))
    desk.turn(900)
    assert desk.states("C1") == ["held"] * 4
    assert [e.condition for e in desk.told] == ["held"]
    notices = [m for m in desk.posts("C2") if "does not take messages: is_archived" in m["text"]]
    assert len(notices) == 1
    assert any("C1 is held" in p for p in health_problems(desk.archive, desk.time))
    desk.slack.workspace.rooms["C1"].archived = False
    desk.turn(320)
    told = [m["text"].split(" fines")[0] for m in desk.posts("C1")]
    assert len(told) == 4
    assert [m["ts"] for m in desk.posts("C1")] == [r["ts"] for r in desk.archive.rows("SELECT ts FROM deliveries WHERE channel = 'C1' ORDER BY id")]  # fmt: skip
    assert [e.condition for e in desk.told] == ["held", "released"]
    assert not health_problems(desk.archive, desk.time)


def test_what_comes_while_a_channel_is_held_goes_out_with_the_rest_b12(
    make: Callable[..., Desk],
) -> None:
    """The one delivery that the channel was held for may end in any way; the channel is no trap."""
    desk = make()
    desk.slack.armed["chat.postMessage"] = ["token_revoked", "500 html", "drop", "429 3"]
    desk.tell(0)
    desk.turn(2)
    desk.tell(1)
    desk.turn(900)
    assert desk.states() == ["sent", "sent"]
    assert len(desk.posts()) == 2


@pytest.mark.parametrize("fault", ["channel_not_found", "429 600", "500 html"])
def test_once_does_not_wait_for_what_cannot_be_sent_soon(
    make: Callable[..., Desk], fault: str
) -> None:
    """An edit that waits for its post, a post on a held channel: nothing is due, nothing spins."""
    desk = make()
    desk.tell(0)
    desk.slack.armed["chat.postMessage"] = [fault] * 3
    desk.turn(1)
    desk.tell(0, source="second")
    desk.tell(1)
    desk.turn(8, timedelta(seconds=3))
    due = desk.pump.next_due()
    assert due is None or due > desk.time + timedelta(seconds=1)


def test_one_that_fails_for_ever_holds_up_none_behind_it(make: Callable[..., Desk]) -> None:
    """A message on which Slack's own server falls over."""
    desk = make()
    post = desk.slack.workspace.methods["chat.postMessage"][1]

    def fall_over(args: dict[str, Any]) -> dict[str, Any]:
        if "fines OpenAI" in json.dumps(args) and "ICO" in args["text"]:
            raise RuntimeError("500")
        return post(args)

    desk.slack.workspace.methods["chat.postMessage"] = ("chat:write", fall_over)
    desk.tell(*range(4))
    desk.turn(120)
    assert Counter(desk.states()) == {"sent": 3, "unknown": 1}


def test_a_bug_in_one_delivery_sets_that_one_aside_b12(make: Callable[..., Desk]) -> None:
    desk = make()

    class Broken(SlackSink):
        async def send(self, job: DeliveryJob, message: Message) -> Receipt | SendFailure:
            if job.delivery_id == 1:
                raise RuntimeError("a bug")
            return await super().send(job, message)

    desk.restart(C1=Broken(TOKEN, "C1", desk.slack.base_url))
    desk.tell(*range(3))
    report = desk.turn(10)
    assert (report.bugs, report.delivered) == (1, 2)
    desk.restart()
    desk.turn(700)
    assert len(desk.posts()) == 3


def test_after_an_outage_the_backlog_goes_out_in_its_order_b14(make: Callable[..., Desk]) -> None:
    desk = make()
    desk.tell(*range(5))
    desk.slack.down = True
    desk.turn(24 * 60, timedelta(minutes=1))
    tried = desk.archive.rows("SELECT sum(attempts) FROM deliveries")[0][0]
    assert 0 < tried < 24 * 60 / 4
    desk.slack.down = False
    desk.turn(330)
    sent = [r["id"] for r in desk.archive.rows("SELECT id FROM deliveries WHERE state = 'sent' ORDER BY sent_at")]  # fmt: skip
    assert len(sent) == 5
    assert sent[1:] == sorted(sent[1:])


def test_a_dead_token_on_many_channels_is_no_flood_of_words_about_it_b12(
    make: Callable[..., Desk],
) -> None:
    desk = make(*(f"C{n}" for n in range(1, 8)))
    desk.tell(0, 1)
    desk.slack.workspace.dead = {TOKEN: "token_revoked"}
    desk.turn(600)
    desk.slack.workspace.dead = {}
    desk.turn(400)
    words = [r["subject"] for r in desk.archive.rows("SELECT subject FROM alerts WHERE kind = 'ops' AND reason = 'held'")]  # fmt: skip
    assert sorted(words) == sorted(desk.channels)
    notices = [m for m in desk.slack.messages if "does not take messages" in m["text"]]
    assert len(notices) <= 6 * 7 / 2


def test_that_an_attempt_begins_is_on_the_disk_before_the_network_is_touched_b1(
    make: Callable[..., Desk],
) -> None:
    desk = make()
    desk.tell(0)
    seen: list[str] = []
    desk.archive.connection.set_trace_callback(seen.append)
    desk.turn(1)
    desk.archive.connection.set_trace_callback(None)
    kept = [s for s in seen if s.startswith("PRAGMA synchronous") or s in ("BEGIN IMMEDIATE", "COMMIT") or "= 'sending'" in s]  # fmt: skip
    begun = next(n for n, s in enumerate(kept) if "= 'sending'" in s)
    assert kept[begun - 2 : begun] == ["PRAGMA synchronous = FULL", "BEGIN IMMEDIATE"]
    ended = kept.index("COMMIT", begun)
    assert kept[ended + 1] == "PRAGMA synchronous = NORMAL"


@dataclass
class Hanging:
    """A Slack that takes a call and does not answer until it is told to."""

    can_look = True
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, job: DeliveryJob, message: Message) -> Receipt | SendFailure:
        self.reached.set()
        await self.go_on.wait()
        return Receipt("1.0")

    async def find(self, job: DeliveryJob) -> Receipt | SendFailure | None:
        return None


def test_a_slack_that_does_not_answer_holds_up_neither_polls_nor_other_channels_b4(
    make: Callable[..., Desk], model: Model, now: datetime
) -> None:
    """The source answers only once Slack hangs; its hit is told elsewhere while Slack still does."""
    desk = make("C1", "C2")
    desk.tell(0)

    async def serve() -> tuple[int, bool, list[dict[str, Any]]]:
        slow = Hanging()
        desk.restart(C1=slow)
        feed = Feed(FeedName("A"), "https://a.example/feed", SourceKind.PRESS)
        feeds.sync(desk.archive, [feed])
        ended: list[Report] = []

        async def poll(job: PollJob) -> PollResult:
            await slow.reached.wait()
            entry = ParsedEntry("CNIL fines OpenAI over AI training with biometric personal data", guid="1", published=now)  # fmt: skip
            return PollResult(job, HttpFacts(status=200, started=now), Parsed((entry,)))

        async def after_cycle(report: Report) -> None:
            ended.append(report)
            while len(desk.posts("C2")) < 2:
                desk.time += TICK
                await asyncio.sleep(0.05)
            service.stop.set()

        run_id, _ = runs.begin(desk.archive, now, command="run", version="0", model=model.id)
        recorder = Recorder(desk.archive, model, desk.channels, timedelta(days=3))
        watch = Watch({"A": feed}, recorder, poll, Ports(lambda: desk.time, lambda: 0.5, {}))
        service = Service(desk.archive, watch, desk.pump, run_id, Notifier({}))
        service.after_cycle = after_cycle
        running = asyncio.create_task(service.run())
        await service.stop.wait()
        hung = not slow.go_on.is_set() and slow.reached.is_set()
        slow.go_on.set()
        await running
        return ended[0].hits, hung, desk.posts("C2")

    hits, hung, told = asyncio.run(serve())
    assert (hits, hung, len(told)) == (1, True, 2)


def test_a_thousand_owed_deliveries_cost_a_round_one_story(make: Callable[..., Desk]) -> None:
    """What a round reads does not grow with the queue: counted in stories, not in seconds."""
    desk = make(flood=0)
    desk.tell(0)
    with desk.archive.write() as connection:
        story = connection.execute("SELECT story_id FROM alerts").fetchone()[0]
        for n in range(1000):
            alerts.raise_ops(connection, OpsEvent("broken", f"F{n}", "text"), ("C1",), desk.time)
    seen: list[str] = []
    desk.archive.connection.set_trace_callback(seen.append)
    desk.turn(1)
    desk.archive.connection.set_trace_callback(None)
    assert story
    assert sum("FROM stories WHERE id" in sql for sql in seen) == 1
    assert len(seen) < 40
