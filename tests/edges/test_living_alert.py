"""One living alert per story: edits, threads, further channels, reminders, floods (B5 to B11, B22)."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from classifiers.model import Model
from monitor import judging
from monitor.clicks import Act, Click
from monitor.decide import Silence
from monitor.deliver import Pump, Sink
from monitor.domain import CONSOLE, Following, ParsedEntry, Tier
from monitor.recording import Recorder, record_items
from monitor.slack import SlackSink
from monitor.store import silences
from monitor.store.archive import Archive
from monitor.store.deliveries import DeliveryLedger
from monitor.tiers import Interest, Policy, Route, Rule

PRESS = ParsedEntry(
    "LinkedIn pauses AI training on UK members' posts after watchdog steps in",
    url="https://press.example/1",
    guid="1",
    summary="The network stopped using British users' personal data for its generative AI models after the Information Commissioner's Office raised concerns.",
)
OTHER = ParsedEntry(
    "LinkedIn halts use of British data in AI models following ICO concerns",
    url="https://other.example/1",
    guid="1",
    summary="Training of generative AI on the personal data of UK users is suspended, the ICO confirmed.",
)
LATER_STEP = ParsedEntry(
    "ICO fines LinkedIn £7.5 million over AI training on members' personal data",
    url="https://press.example/2",
    guid="2",
    summary="The Information Commissioner's Office fined LinkedIn for training generative AI models on the personal data of UK users.",
)
CLEARVIEW = ParsedEntry(
    "Dutch AP fines Clearview AI 30.5 million euros",
    url="https://press.example/3",
    guid="3",
    summary="The facial recognition database of biometric personal data is illegal, the data protection authority says.",
)


@dataclass
class Slack:
    """What stands in the channels, with threads; errors and a lost reply are armed by a test."""

    base_url: str = ""
    posts: list[dict[str, Any]] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)
    lose_next: bool = False
    calls: list[str] = field(default_factory=list)

    def answer(self, method: str, sent: dict[str, Any]) -> dict[str, Any] | None:
        self.calls.append(method)
        if method in self.errors:
            return {"ok": False, "error": self.errors[method]}
        if method == "chat.postMessage":
            self.posts.append(sent | {"ts": f"1700000000.{len(self.posts):06d}"})
            lost, self.lose_next = self.lose_next, False
            return None if lost else {"ok": True, "ts": self.posts[-1]["ts"]}
        if method == "chat.update":
            found = [p for p in self.posts if p["ts"] == sent["ts"]]
            for post in found:
                post |= {"text": sent["text"], "blocks": sent["blocks"]}
            return {"ok": True, "ts": sent["ts"]} if found else {"ok": False, "error": "message_not_found"}  # fmt: skip
        if method == "conversations.replies":
            return {"ok": True, "messages": [p for p in self.posts if sent["ts"] in (p["ts"], p.get("thread_ts"))]}  # fmt: skip
        if method == "chat.getPermalink":
            return {"ok": True, "permalink": f"https://t.slack.com/{sent['message_ts']}"}
        return {"ok": True, "messages": list(self.posts)}

    def roots(self, channel: str = "C1") -> list[dict[str, Any]]:
        return [p for p in self.posts if p["channel"] == channel and "thread_ts" not in p]

    def replies(self) -> list[dict[str, Any]]:
        return [p for p in self.posts if "thread_ts" in p]


@pytest.fixture
def slack() -> Iterator[Slack]:
    double = Slack()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            if "json" in (self.headers.get("Content-Type") or ""):
                sent = json.loads(raw or "{}")
            else:
                sent = {k: v[0] for k, v in parse_qs(raw).items()}
            reply = double.answer(self.path.rpartition("/")[2], sent)
            if reply is None:
                self.close_connection = True
                return
            body = json.dumps(reply).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        double.base_url = f"http://127.0.0.1:{server.server_port}/api/"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield double
        server.shutdown()
        thread.join()


@dataclass
class Team:
    """The pipeline of one team: items in, rounds of the pump, what stands in Slack."""

    archive: Archive
    slack: Slack
    recorder: Recorder
    clock: datetime
    following: Following = Following.EDIT
    flood: int = 0
    buttons: bool = False

    def came(self, *items: tuple[str, ParsedEntry]) -> None:
        record_items(self.recorder, items, now=self.clock, alert=True)

    def deliver(self, rounds: int = 6) -> None:
        """Rounds of the pump, each a second after the other."""
        channels = [*self.recorder.channels, *(r.channel for r in self.recorder.policy.routes)]
        sinks: dict[str, Sink] = {c: SlackSink("xoxb-x", c, self.slack.base_url) for c in channels}
        ledger = DeliveryLedger(self.archive, tuple(sinks))
        pump = Pump(
            ledger,
            sinks,
            lambda: self.clock,
            lambda told: None,
            flood=self.flood,
            buttons=self.buttons,
            following=dict.fromkeys(channels, self.following),
        )
        for _ in range(rounds):
            asyncio.run(pump.run_once())
            self.clock += timedelta(seconds=6)


Made = Callable[..., Team]


@pytest.fixture
def team(archive: Archive, model: Model, now: datetime, slack: Slack) -> Made:
    def made(policy: Policy = Policy(), **other: Any) -> Team:  # noqa: B008 - frozen
        recorder = Recorder(archive, model, ("C1",), timedelta(days=3), policy=policy)
        return Team(archive, slack, recorder, now, **other)

    return made


def test_a_further_source_edits_the_post_and_the_better_one_leads_b5(team: Made, slack: Slack) -> None:  # fmt: skip
    ours = team()
    ours.came(("Tech daily", PRESS))
    ours.deliver()
    ours.archive.connection.execute("INSERT INTO feeds (name, url, host, kind, next_due) SELECT 'ICO news', 'https://ico.example/', 'ico.example', 'regulator', next_due FROM feeds LIMIT 1")  # fmt: skip
    ours.came(("ICO news", OTHER))
    ours.deliver()
    (root,) = slack.roots()
    assert "2 sources: <https://other.example/1|ICO news>, <https://press.example/1|Tech daily>" in str(root["blocks"])  # fmt: skip
    assert "+1 source" in str(root["blocks"])
    assert OTHER.title in root["text"]
    assert slack.replies() == []


@pytest.mark.parametrize(
    ("following", "broadcast"), [(Following.THREAD, "0"), (Following.BROADCAST, "1")]
)
def test_a_channel_may_want_further_sources_in_the_thread_b6(team: Made, slack: Slack, following: Following, broadcast: str) -> None:  # fmt: skip
    ours = team(following=following)
    ours.came(("Tech daily", PRESS))
    ours.deliver()
    ours.came(("Law notes", OTHER))
    ours.deliver()
    (root,), (reply,) = slack.roots(), slack.replies()
    assert reply["thread_ts"] == root["ts"]
    assert "Law notes" in reply["text"]
    assert "Tech daily" not in reply["text"]
    assert str(int(reply["reply_broadcast"] in (True, "1", "true", "True"))) == broadcast
    assert "2 sources" in str(root["blocks"])


def test_a_reply_whose_answer_was_lost_is_looked_up_and_not_said_twice_b2_b6(team: Made, slack: Slack) -> None:  # fmt: skip
    ours = team(following=Following.THREAD)
    ours.came(("Tech daily", PRESS))
    ours.deliver()
    ours.came(("Law notes", OTHER))
    slack.lose_next = True
    ours.deliver()
    assert len(slack.replies()) == 1
    assert {r["state"] for r in ours.archive.rows("SELECT state FROM deliveries")} == {"sent"}


def test_where_slack_does_not_show_the_thread_a_lost_reply_is_not_said_twice_b2_b6(team: Made, slack: Slack) -> None:  # fmt: skip
    ours = team(following=Following.THREAD)
    ours.came(("Tech daily", PRESS))
    ours.deliver()
    ours.came(("Law notes", OTHER))
    slack.lose_next, slack.errors["conversations.replies"] = True, "missing_scope"
    ours.deliver()
    assert len(slack.replies()) == 1


def test_a_new_step_of_the_case_is_a_new_post_that_links_the_earlier_one_b6(team: Made, slack: Slack) -> None:  # fmt: skip
    ours = team()
    ours.came(("Tech daily", replace(PRESS, published=ours.clock)))
    ours.deliver()
    ours.clock += timedelta(days=12)
    ours.came(("Tech daily", replace(LATER_STEP, published=ours.clock)))
    ours.deliver()
    first, second = slack.roots()
    assert f"Follows <https://t.slack.com/{first['ts']}|S-" in str(second["blocks"])
    assert "GBP 7.5 million" in second["text"]


def test_a_post_that_was_deleted_is_posted_anew_once_and_that_one_is_edited_b5_b12(team: Made, slack: Slack) -> None:  # fmt: skip
    ours = team()
    ours.came(("Tech daily", PRESS))
    ours.deliver()
    slack.posts.clear()
    for n, source in enumerate(("Law notes", "Third", "Fourth")):
        ours.came((source, replace(OTHER, url=f"https://other.example/{n}", title=f"{OTHER.title} ({source})")))  # fmt: skip
        ours.deliver()
    (root,) = slack.roots()
    assert "4 sources" in str(root["blocks"])


def test_sources_that_come_while_the_first_post_waits_are_in_it_and_edit_nothing_b7(team: Made, slack: Slack) -> None:  # fmt: skip
    ours = team(Policy(coalesce=timedelta(minutes=5)))
    ours.came(("Tech daily", PRESS))
    ours.deliver(2)
    assert slack.posts == []
    ours.came(("Law notes", OTHER))
    ours.clock += timedelta(minutes=6)
    ours.deliver()
    assert "2 sources" in str(slack.roots()[0]["blocks"])
    assert "chat.update" not in slack.calls


def test_a_silenced_story_is_kept_true_by_edits_and_says_nothing_more_b10(team: Made, slack: Slack) -> None:  # fmt: skip
    ours = team(following=Following.BROADCAST)
    ours.came(("Tech daily", PRESS))
    ours.deliver()
    end = ours.clock + timedelta(days=7)
    silences.add(ours.archive, Silence("organisation", "LinkedIn", end, "ann", "known"), ours.clock)
    ours.came(("Law notes", OTHER))
    ours.deliver()
    assert "2 sources" in str(slack.roots()[0]["blocks"])
    assert slack.replies() == []


def test_a_low_tier_is_held_for_the_digest_until_its_facts_raise_it_b11(team: Made, slack: Slack) -> None:  # fmt: skip
    policy = Policy(act_now=(Rule(min_amount=1e6),), digest=(Rule(actions=frozenset({"suspension"})),))  # fmt: skip
    ours = team(policy)
    ours.came(("Tech daily", PRESS))
    ours.came(("Tech daily", CLEARVIEW))
    ours.deliver()
    assert [("Clearview" in p["text"]) for p in slack.roots()] == [True]
    reasons = [r[0] for r in ours.archive.rows("SELECT json_extract(data, '$.reason') FROM evidence WHERE what = 'decision' ORDER BY seq")]  # fmt: skip
    assert reasons == ["low tier: held for the digest", "a new story"]


def test_a_route_that_takes_a_story_later_gets_its_own_first_post_b21(team: Made, slack: Slack) -> None:  # fmt: skip
    law = Route("C2", Interest(), frozenset({Tier.ACT_NOW}))
    told_by_two = Rule(kinds=frozenset())
    ours = team(Policy(routes=(law,), digest=(Rule(below_score=0.01),)))
    ours.came(("Tech daily", PRESS))
    ours.deliver()
    ours.recorder = replace(ours.recorder, policy=Policy(routes=(law,), act_now=(told_by_two,)))
    ours.came(("Law notes", OTHER))
    ours.deliver()
    assert [len(slack.roots("C1")), len(slack.roots("C2"))] == [1, 1]


def test_a_flood_becomes_one_digest_and_its_later_sources_post_nothing_b8(team: Made, slack: Slack) -> None:  # fmt: skip
    ours = team(flood=2)
    names = ("Meta", "OpenAI", "Google", "Clearview AI", "TikTok", "Replika", "Worldcoin")
    for n, name in enumerate(names):
        ours.came(("Tech daily", ParsedEntry(f"Garante fines {name} {n + 2} million euros over AI trained on personal data", url=f"https://press.example/f{n}", guid=f"f{n}", summary=f"The Italian data protection authority fined {name} for the generative AI processing of personal data.")))  # fmt: skip
    owed = len(ours.archive.rows("SELECT 1 FROM deliveries"))
    ours.deliver(10)
    roots = slack.roots()
    assert owed >= 5
    assert len(roots) == 3
    assert f"{owed - 2} more stories within the hour" in str(roots[0]["blocks"]) + str(roots[1]["blocks"]) + str(roots[2]["blocks"])  # fmt: skip
    ours.came(("Law notes", ParsedEntry("Garante fines Worldcoin 8 million euros over AI trained on personal data, it says", url="https://law.example/1", guid="x", summary="The Italian data protection authority fined Worldcoin for the generative AI processing of personal data.")))  # fmt: skip
    ours.deliver()
    assert len(slack.posts) == 3


def test_an_alert_to_act_on_now_is_said_again_once_and_no_more_b22(team: Made, slack: Slack) -> None:  # fmt: skip
    ours = team(Policy(watchlist=Interest(organisations=frozenset({"linkedin"}))), buttons=True)
    ours.came(("Tech daily", PRESS), ("Tech daily", CLEARVIEW))
    ours.deliver()
    for hours in (3, 2, 24, 24):
        ours.clock += timedelta(hours=hours)
        judging.remind(ours.archive, after=timedelta(hours=4), now=ours.clock)
        ours.deliver()
    (reply,) = slack.replies()
    assert "Nobody has judged" in reply["text"]
    assert str(reply["reply_broadcast"]) in ("True", "true", "1")
    assert "LinkedIn" in next(p for p in slack.roots() if p["ts"] == reply["thread_ts"])["text"]


@pytest.mark.parametrize("act", [Act.RELEVANT, Act.IRRELEVANT, Act.SNOOZE])
def test_an_alert_that_somebody_answered_is_not_said_again_b22(team: Made, slack: Slack, act: Act) -> None:  # fmt: skip
    ours = team(Policy(watchlist=Interest(organisations=frozenset({"linkedin"}))), buttons=True)
    ours.came(("Tech daily", PRESS))
    ours.deliver()
    story = ours.archive.rows("SELECT public_id FROM stories")[0][0]
    click = Click("k", act, story, "U1", "ann", "C1")
    judging.take(ours.archive, click, model="m", snooze=timedelta(days=1), now=ours.clock)
    ours.clock += timedelta(hours=5)
    assert judging.remind(ours.archive, after=timedelta(hours=4), now=ours.clock) == 0


def test_a_channel_that_keeps_posts_as_they_are_is_owed_no_edit_b20(archive: Archive, model: Model, now: datetime, tmp_path: Path) -> None:  # fmt: skip
    recorder = Recorder(archive, model, (CONSOLE, "C9"), timedelta(days=3), unedited=frozenset({CONSOLE, "C9"}))  # fmt: skip
    record_items(recorder, [("Tech daily", PRESS)], now=now, alert=True)
    archive.connection.execute("UPDATE deliveries SET state = 'sent'")
    record_items(recorder, [("Law notes", OTHER)], now=now, alert=True)
    assert [r["kind"] for r in archive.rows("SELECT kind FROM alerts")] == ["new"]
