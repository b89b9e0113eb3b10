"""What is said while a post is on its way is shown by an edit as soon as the post stands (B5, B18)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from desk import TOKEN, Desk

from monitor import judging
from monitor.clicks import Act, Click
from monitor.domain import DeliveryJob
from monitor.ledger import NOTHING_TO_EDIT, Receipt, SendFailure
from monitor.message import Message
from monitor.slack import SlackSink
from monitor.state import health_problems

Make = Callable[..., Desk]


class Meanwhile(SlackSink):
    """A sink during whose next post, or search, something happens."""

    def __init__(self, desk: Desk, happens: Callable[[], object], *, at: str = "send") -> None:
        super().__init__(TOKEN, "C1", desk.slack.base_url, timeout=2)
        self._happens = {at: happens}

    async def send(self, job: DeliveryJob, message: Message) -> Receipt | SendFailure:
        receipt = await super().send(job, message)
        self._happens.pop("send", lambda: None)()
        return receipt

    async def find(self, job: DeliveryJob) -> Receipt | SendFailure | None:
        found = await super().find(job)
        self._happens.pop("find", lambda: None)()
        return found


def click(desk: Desk, act: Act = Act.RELEVANT, *, story_row: int = 0) -> None:
    story = desk.archive.rows("SELECT public_id FROM stories ORDER BY id")[story_row]["public_id"]
    said = Click(f"press {act}", act, story, "U42", "ann", "C1")
    judging.take(desk.archive, said, model="m", snooze=timedelta(days=1), now=desk.time)


def shown(desk: Desk) -> str:
    (post,) = desk.posts()
    return json.dumps(post["blocks"], ensure_ascii=False)


def test_a_click_faster_than_slacks_answer_is_shown_b18(make: Make) -> None:
    desk = make()
    desk.restart(C1=Meanwhile(desk, lambda: click(desk)))
    desk.tell(0)
    desk.turn(5)
    assert "✓ Relevant — ann" in shown(desk)
    assert desk.states() == ["sent", "sent"]


def test_a_click_on_a_post_whose_answer_was_lost_is_shown_once_it_is_found_b2_b18(make: Make) -> None:  # fmt: skip
    desk = make()
    desk.slack.faults.append("drop")
    desk.tell(0)
    desk.turn(1)
    assert desk.states() == ["unknown"]
    click(desk)
    desk.turn(60)
    assert "✓ Relevant — ann" in shown(desk)


def test_a_click_while_a_lost_post_is_looked_for_is_in_the_post_that_follows_b2_b18(make: Make) -> None:  # fmt: skip
    desk = make()
    desk.restart(C1=Meanwhile(desk, lambda: click(desk), at="find"))
    desk.slack.faults.append("after fatal_error")
    desk.tell(0)
    desk.turn(1)
    desk.posts().clear()  # it was not taken after all
    desk.turn(60)
    assert "✓ Relevant — ann" in shown(desk)


def test_a_correction_of_a_story_that_has_no_post_makes_none_b10(make: Make) -> None:
    desk = make()
    desk.restart(C1=Meanwhile(desk, lambda: click(desk, Act.SNOOZE)))
    desk.slack.faults.extend(["msg_too_long", "msg_too_long"])
    desk.tell(0)
    desk.turn(60)
    edits = desk.archive.rows("SELECT state, last_error FROM deliveries d JOIN alerts a ON a.id = d.alert_id WHERE kind = 'update'")  # fmt: skip
    assert [tuple(row) for row in edits] == [("abandoned", NOTHING_TO_EDIT)]
    (word,) = desk.posts()
    assert "could not be delivered" in word["text"]
    assert "1 deliveries were given up" in str(health_problems(desk.archive, desk.time))
    assert desk.ledger.requeue(desk.time) == 1


@pytest.mark.parametrize(("act", "mark"), [(Act.SNOOZE, "Snoozed until"), (Act.IRRELEVANT, "✗ Not relevant — ann")])  # fmt: skip
def test_a_click_while_an_edit_is_on_its_way_is_shown_by_the_next_b18(make: Make, act: Act, mark: str) -> None:  # fmt: skip
    desk = make()
    desk.tell(0)
    desk.turn(3)
    desk.restart(C1=Meanwhile(desk, lambda: click(desk, act)))
    desk.tell(0, source="second")
    desk.turn(5)
    assert mark in shown(desk)
    assert "2 sources" in shown(desk)


def test_a_click_before_a_message_is_written_is_in_it_b18(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    desk = make()
    marked = desk.ledger.mark_sending

    def waiting_for_the_archive(delivery_id: int, now: datetime) -> int:
        click(desk)
        return marked(delivery_id, now)

    monkeypatch.setattr(desk.ledger, "mark_sending", waiting_for_the_archive)
    desk.tell(0)
    desk.turn(1)
    assert "✓ Relevant — ann" in shown(desk)


@pytest.mark.parametrize("in_flight", [True, False])
def test_a_click_on_a_post_that_followed_a_digest_is_shown_b8_b18(make: Make, in_flight: bool) -> None:  # fmt: skip
    desk = make(flood=1)
    desk.tell(0, 1)
    desk.turn(5)
    desk.time += timedelta(hours=2)
    if in_flight:
        desk.restart(C1=Meanwhile(desk, lambda: click(desk, story_row=1)))
    desk.tell(1, source="second")
    desk.turn(5)
    if not in_flight:
        click(desk, story_row=1)
    desk.turn(5)
    assert "✓ Relevant — ann" in json.dumps(desk.posts()[-1]["blocks"], ensure_ascii=False)


def test_a_click_brings_no_post_back_that_somebody_deleted_b10(make: Make) -> None:
    desk = make("C1", "C2")
    desk.tell(0)
    desk.turn(3)
    desk.posts("C2").clear()
    click(desk, Act.IRRELEVANT)
    desk.turn(5)
    assert "✗ Not relevant — ann" in shown(desk)
    assert (desk.posts("C2"), desk.states("C2")) == ([], ["sent", "abandoned"])
