"""The ledger against a Slack that fails in every way, and a process that dies at every step.

Recorder, ledger, pump and the real slack_sdk client on a real archive; Slack is the double, time a
fake clock. Whatever happened: once all is mended, every story stands in every channel once.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from slackdouble.server import SlackDouble, serving
from slackdouble.workspace import Room, Workspace
from telling import MANY, tell

from classifiers.model import Model
from monitor.defaults import shipped_model
from monitor.deliver import Pump
from monitor.domain import DeliveryJob, OpsEvent
from monitor.ledger import Receipt, SendFailure
from monitor.message import Message
from monitor.slack import SlackSink
from monitor.store.archive import Archive
from monitor.store.deliveries import DeliveryLedger

START = datetime(2026, 11, 24, 8, tzinfo=UTC)
TOKEN = "xoxb-the-good-one"
SCOPES = "chat:write,channels:history"
CHANNELS = ("C1", "C2")
FLOOD = 8

LEDGER_STEPS = ("mark_sending", "settle", "fold_into_digest", "head", "hasten")
SINK_STEPS = ("send", "find")
POST_FAULTS = (
    "drop", "refuse", "cut", "429 1", "429 120", "500 html", "503 html", "404 html", "after 502",
    "after internal_error", "after fatal_error", "request_timeout", "fatal_error", "ratelimited",
    "team_added_to_org", "channel_not_found", "restricted_action", "invalid_auth", "invalid_blocks",
    "msg_too_long", "an_error_of_next_year",
)  # fmt: skip
EDIT_FAULTS = ("drop", "cut", "429 5", "500 html", "after internal_error", "invalid_blocks", "is_archived")  # fmt: skip
LOOK_FAULTS = ("drop", "cut", "429 60", "500 html", "refuse", "internal_error", "missing_scope")
SPELLS = (1, 2, 6, 31, 90, 700, 4000, 90_000)

DOOMS = st.none() | st.builds("{} {}".format, st.sampled_from(["before", "after"]), st.sampled_from(LEDGER_STEPS + SINK_STEPS))  # fmt: skip


class Killed(BaseException):
    """SIGKILL: nothing after this line runs."""


class Dying:
    """Passes calls on to a ledger or sink, until it is time to die before or after one."""

    def __init__(self, inner: Any, fate: Callable[[str], None]) -> None:
        self._inner, self._fate = inner, fate

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name not in LEDGER_STEPS:
            return found

        def call(*arguments: Any, **named: Any) -> Any:
            self._fate(f"before {name}")
            result = found(*arguments, **named)
            self._fate(f"after {name}")
            return result

        return call


class DyingSink:
    """A sink whose process may die before it speaks, or after it was heard."""

    can_look = True

    def __init__(self, inner: SlackSink, fate: Callable[[str], None]) -> None:
        self._inner, self._fate = inner, fate

    async def send(self, job: DeliveryJob, message: Message) -> Receipt | SendFailure:
        self._fate("before send")
        result = await self._inner.send(job, message)
        self._fate("after send")
        return result

    async def find(self, job: DeliveryJob) -> Receipt | SendFailure | None:
        self._fate("before find")
        result = await self._inner.find(job)
        self._fate("after find")
        return result


class Template:
    """An empty archive, made once and copied for each run."""

    folder = Path(tempfile.gettempdir())
    model: Model


@pytest.fixture(scope="module", autouse=True)
def template(tmp_path_factory: pytest.TempPathFactory) -> None:
    Template.folder = tmp_path_factory.mktemp("exactly-once")
    Template.model = Model.load(shipped_model())
    Archive.open(Template.folder / "empty.db").close()


class ExactlyOnce(RuleBasedStateMachine):
    """Stories come in, Slack and the process fail; the channels are looked at after each step."""

    def __init__(self) -> None:
        super().__init__()
        self.time = START
        self.ours = timedelta()  # how far our clock is ahead of Slack's
        self.doom: str | None = None
        self.stories = 0
        self.removed: set[str] = set()  # uids of messages that a person deleted
        self.told: list[OpsEvent] = []
        self.stack = ExitStack()
        self.loop = asyncio.new_event_loop()
        self.stack.callback(self._close_loop)
        self.path = Path(self.stack.enter_context(tempfile.TemporaryDirectory())) / "a.db"
        shutil.copy(Template.folder / "empty.db", self.path)
        space = Workspace(clock=lambda: self.time.timestamp(), tokens={TOKEN: SCOPES}, open_rooms=False, pace=0.9)  # fmt: skip
        space.rooms = {channel: Room() for channel in CHANNELS}
        self.space = space
        self.double: SlackDouble = self.stack.enter_context(serving(SlackDouble(space)))
        self.archive = Archive.open(self.path)
        self.start()

    def _close_loop(self) -> None:
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()

    def now(self) -> datetime:
        return self.time + self.ours

    def start(self) -> None:
        """A new process: nothing is known but what the archive says."""
        self.archive.close()
        self.archive = Archive.open(self.path)
        ledger = DeliveryLedger(self.archive, CHANNELS)
        sinks = {c: DyingSink(SlackSink(TOKEN, c, self.double.base_url, timeout=2), self.fate) for c in CHANNELS}  # fmt: skip
        self.pump = Pump(Dying(ledger, self.fate), sinks, self.now, self.told.append, flood=FLOOD)

    def fate(self, step: str) -> None:
        if step == self.doom:
            self.doom = None
            raise Killed

    def tick(self) -> None:
        try:
            for channel in CHANNELS:
                self.loop.run_until_complete(self.pump.run_channel(channel))
        except Killed:
            self.start()

    def record(self, source: str, story: int) -> None:
        tell(self.archive, Template.model, CHANNELS, source, story, self.now())

    # what comes in

    @initialize(ahead=st.sampled_from([0, 3600, -3600, 86_400, -86_400]), page=st.sampled_from([3, 999]), rate=st.booleans())  # fmt: skip
    def a_world(self, ahead: int, page: int, rate: bool) -> None:
        self.ours = timedelta(seconds=ahead)
        self.space.page = page
        if rate:
            self.space.limits["conversations.history"] = (1, 60.0)

    @rule(n=st.sampled_from([1, 1, 1, 12]))
    def stories_come_in(self, n: int) -> None:
        for _ in range(min(n, MANY - self.stories)):
            self.record("first", self.stories)
            self.stories += 1

    @precondition(lambda self: self.stories)
    @rule(data=st.data(), source=st.sampled_from(["second", "third"]))
    def another_source_tells_it(self, data: st.DataObject, source: str) -> None:
        self.record(source, data.draw(st.integers(0, self.stories - 1)))

    # what fails

    def goes_wrong(self, method: str, fault: str, doom: str | None, spell: int) -> None:
        """A fault is armed and a death foreseen, and what is owed is tried a few times."""
        self.double.armed.setdefault(method, []).append(fault)
        self.doom = doom
        for _ in range(3):
            self.time += timedelta(seconds=spell)
            self.tick()

    @rule(fault=st.sampled_from(POST_FAULTS), doom=DOOMS, spell=st.sampled_from(SPELLS))
    def a_post_goes_wrong(self, fault: str, doom: str | None, spell: int) -> None:
        self.stories_come_in(1)
        self.goes_wrong("chat.postMessage", fault, doom, spell)

    @precondition(lambda self: self.stories)
    @rule(fault=st.sampled_from(EDIT_FAULTS), doom=DOOMS, spell=st.sampled_from(SPELLS), data=st.data(), gone=st.booleans())  # fmt: skip
    def an_edit_goes_wrong(self, fault: str, doom: str | None, spell: int, data: st.DataObject, gone: bool) -> None:  # fmt: skip
        self.another_source_tells_it(data, "fourth")
        if gone:
            for channel in CHANNELS:
                self.somebody_deletes_the_latest_alert(channel)
            self.double.armed.setdefault("chat.postMessage", []).append("drop")
        self.goes_wrong("chat.update", fault, doom, spell)

    @rule(fault=st.sampled_from(LOOK_FAULTS), doom=DOOMS, spell=st.sampled_from(SPELLS))
    def a_look_goes_wrong(self, fault: str, doom: str | None, spell: int) -> None:
        self.double.armed.setdefault("chat.postMessage", []).append("drop")
        self.stories_come_in(1)
        self.goes_wrong("conversations.history", fault, doom, spell)

    @rule()
    def the_process_restarts(self) -> None:
        self.start()

    @rule(down=st.booleans())
    def slack_goes_down_or_comes_back(self, down: bool) -> None:
        self.double.down = down

    @rule(dead=st.sampled_from(["", "", "token_revoked", "account_inactive"]))
    def the_token_dies_or_lives(self, dead: str) -> None:
        self.space.dead = {TOKEN: dead} if dead else {}

    @rule(scopes=st.sampled_from([SCOPES, SCOPES, "chat:write", "channels:history"]))
    def the_scopes_change(self, scopes: str) -> None:
        self.space.tokens = {TOKEN: scopes}

    @rule(channel=st.sampled_from(CHANNELS), member=st.booleans(), archived=st.booleans())
    def a_channel_changes(self, channel: str, member: bool, archived: bool) -> None:
        room = self.space.rooms[channel]
        room.member, room.archived = member, archived

    @rule(channel=st.sampled_from(CHANNELS), n=st.integers(1, 8))
    def people_talk(self, channel: str, n: int) -> None:
        for _ in range(n):
            self.space._last_ts = max(self.time.timestamp(), self.space._last_ts + 0.000001)
            self.space.rooms[channel].messages.append({"text": "hm", "ts": f"{self.space._last_ts:.6f}", "foreign": True})  # fmt: skip

    @rule(channel=st.sampled_from(CHANNELS))
    def somebody_deletes_the_latest_alert(self, channel: str) -> None:
        settled = {r["uid"] for r in self.archive.rows("SELECT uid FROM deliveries WHERE state = 'sent'")}  # fmt: skip
        for message in reversed(self.space.rooms[channel].messages):
            uid = uid_of(message)
            if uid in settled:
                self.space.rooms[channel].messages.remove(message)
                self.removed.add(uid)
                return

    @rule(ahead=st.sampled_from([0, 10_000, -10_000, 86_400, -86_400]))
    def our_clock_is_set(self, ahead: int) -> None:
        self.ours = timedelta(seconds=ahead)

    @rule(seconds=st.sampled_from(SPELLS), rounds=st.integers(1, 4))
    def time_passes(self, seconds: int, rounds: int) -> None:
        for _ in range(rounds):
            self.time += timedelta(seconds=seconds)
            self.tick()

    # what must hold

    def owners(self) -> dict[str, tuple[str, int | None]]:
        rows = self.archive.rows("SELECT d.uid, a.kind, a.story_id FROM deliveries d JOIN alerts a ON a.id = d.alert_id")  # fmt: skip
        return {r["uid"]: (r["kind"], r["story_id"]) for r in rows}

    @invariant()
    def nothing_stands_twice(self) -> None:
        owners = self.owners()
        for channel, room in self.space.rooms.items():
            uids = [uid for m in room.messages if (uid := uid_of(m))]
            assert max(Counter(uids).values(), default=1) == 1, (channel, uids)
            roots = Counter(owners[uid][1] for uid in uids if owners[uid][1] is not None)
            assert max(roots.values(), default=1) == 1, (channel, roots)

    def teardown(self) -> None:
        try:
            self.mend()
            self.everything_stands()
        finally:
            self.archive.close()
            self.stack.close()

    def mend(self) -> None:
        """All is well again; nothing is done about the ledger but what goes on by itself."""
        self.double.down, self.double.armed, self.doom = False, {}, None
        self.space.dead, self.space.tokens = {}, {TOKEN: SCOPES}
        for room in self.space.rooms.values():
            room.member, room.archived = True, False
        self.ours = timedelta()
        self.time += timedelta(days=2)
        for round_ in range(400):
            self.tick()
            self.time += timedelta(seconds=61)
            due = self.pump.next_due()
            if due is None and not self._open():
                DeliveryLedger(self.archive, CHANNELS).requeue(self.now())
                if not self._open():
                    return
            if round_ == 399:
                raise AssertionError([tuple(r) for r in self._open()])

    def _open(self) -> list[Any]:
        return self.archive.rows("SELECT id, channel, state, attempts, not_before, last_error FROM deliveries WHERE state NOT IN ('sent','abandoned')")  # fmt: skip

    def everything_stands(self) -> None:
        self.nothing_stands_twice()
        owners = self.owners()
        for channel, room in self.space.rooms.items():
            standing = {uid_of(m) for m in room.messages} | self.removed
            shown = {owners[uid][1] for uid in standing if uid}
            digests = " ".join(f"{m.get('text')} {m.get('blocks')}" for m in room.messages if owners.get(uid_of(m), ("",))[0] == "digest")  # fmt: skip
            for story in self.archive.rows("SELECT id, public_id FROM stories WHERE merged_into IS NULL"):  # fmt: skip
                told = story["id"] in shown or story["public_id"] in digests or self.removed
                assert told, (channel, story["public_id"])
        assert not self.archive.rows("SELECT 1 FROM deliveries WHERE state <> 'sent'")
        assert not self.archive.rows("SELECT 1 FROM channels WHERE held_since IS NOT NULL")


def uid_of(message: dict[str, Any]) -> str:
    """The delivery id in a message's metadata, empty for what people wrote."""
    return str(((message.get("metadata") or {}).get("event_payload") or {}).get("delivery_id", ""))


TestExactlyOnce = ExactlyOnce.TestCase
TestExactlyOnce.settings = settings(
    max_examples=20,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
