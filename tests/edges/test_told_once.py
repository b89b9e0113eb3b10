"""Once per story and channel: floods, edits, merged stories, renamed channels, webhooks, lost replies."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from desk import TOKEN, Desk
from slackdouble.workspace import Room
from telling import tell

from classifiers.model import Model
from monitor.slack import WebhookSink
from monitor.state import health_problems


def test_beyond_the_hours_posts_the_rest_is_one_digest_that_names_each_b8(
    make: Callable[..., Desk],
) -> None:
    desk = make(flood=3)
    desk.tell(*range(20))
    desk.turn(60)
    assert len(desk.posts()) == 4
    digest = json.dumps(desk.posts()[-1]["blocks"])
    assert "17 more stories within the hour" in digest
    names = [r["public_id"] for r in desk.archive.rows("SELECT public_id FROM stories ORDER BY id")]
    assert sum(name in digest for name in names) == 17


def test_a_flood_that_goes_on_is_a_digest_every_ten_minutes_and_loses_none_b8(
    make: Callable[..., Desk],
) -> None:
    desk = make(flood=3)
    for n in range(30):
        desk.tell(n)
        desk.turn(60)
    assert len(desk.posts()) <= 3 + 4
    desk.turn(120, timedelta(minutes=1))
    assert set(desk.states()) == {"sent"}


def test_a_story_that_stood_in_a_digest_gets_one_post_of_its_own_that_is_then_edited_b5_b8(
    make: Callable[..., Desk],
) -> None:
    desk = make(flood=1)
    desk.tell(0, 1)
    desk.turn(5)
    desk.time += timedelta(hours=2)
    for source in ("second", "third", "fourth"):
        desk.tell(1, source=source)
        desk.turn(5)
    assert len(desk.posts()) == 3
    assert "4 sources" in json.dumps(desk.posts()[-1]["blocks"])


def test_two_stories_found_to_be_one_before_either_was_told_are_one_post_b5(
    make: Callable[..., Desk],
) -> None:
    desk = make()
    desk.tell(0, 1)
    with desk.archive.write() as connection:
        connection.execute("UPDATE alerts SET story_id = (SELECT min(story_id) FROM alerts)")
    desk.turn(6)
    assert len(desk.posts()) == 1
    assert desk.states() == ["sent", "sent"]


def test_a_channel_where_an_edit_waits_keeps_no_other_from_its_edit_b5(
    make: Callable[..., Desk],
) -> None:
    desk = make("C1", "C2")
    desk.tell(0)
    desk.turn(3)
    desk.slack.workspace.rooms["C1"].archived = True
    desk.tell(0, source="second")
    desk.turn(3)
    desk.tell(0, source="third")
    desk.turn(3)
    assert "3 sources" in json.dumps(desk.posts("C2")[0]["blocks"])


def test_a_channel_id_that_was_corrected_takes_over_what_the_wrong_one_held_b12(
    make: Callable[..., Desk],
) -> None:
    desk = make("C0WRONG")
    desk.slack.workspace.open_rooms = False
    desk.slack.workspace.rooms["C1"] = Room()
    desk.tell(0, 1)
    desk.turn(3)
    desk.channels = ("C1",)
    desk.restart()
    assert desk.ledger.readdress("C1", desk.time) == 2
    desk.turn(5)
    assert len(desk.posts()) == 2
    assert not health_problems(desk.archive, desk.time)


def test_a_route_that_was_taken_away_leaves_no_second_copy_and_no_red_light_b21(
    make: Callable[..., Desk],
) -> None:
    desk = make("C1", "C2")
    desk.slack.workspace.rooms["C2"] = Room(member=False)
    desk.tell(0)
    desk.turn(3)
    desk.channels = ("C1",)
    desk.restart()
    desk.ledger.readdress("C1", desk.time)
    desk.turn(60)
    stories = [m for m in desk.posts() if "does not take messages" not in m["text"]]
    assert len(stories) == 1
    assert not health_problems(desk.archive, desk.time)


def test_what_is_abandoned_is_told_shown_and_sent_when_asked_for_b13(
    make: Callable[..., Desk],
) -> None:
    desk = make()
    desk.slack.armed["chat.postMessage"] = ["invalid_blocks", "msg_too_long"]
    desk.tell(0)
    desk.turn(5)
    assert desk.states()[0] == "abandoned"
    assert "could not be delivered" in desk.posts()[0]["text"]
    assert any("given up" in p for p in health_problems(desk.archive, desk.time))
    assert desk.ledger.requeue(desk.time) == 1
    desk.turn(3)
    assert len(desk.posts()) == 2


def test_a_webhook_repeats_once_marked_however_often_it_dies_or_fails_b20(
    make: Callable[..., Desk],
) -> None:
    desk = make()
    hook = WebhookSink(f"{desk.slack.base_url}webhook")
    desk.restart(C1=hook)
    desk.tell(0)
    desk.slack.armed["webhook"] = ["503 html", "drop", "429 2", "503 html", "drop"]
    for _ in range(30):
        desk.turn(10)
        desk.restart(C1=hook)
    texts = [m["text"] for m in desk.slack.hooked if "could not be delivered" not in m["text"]]
    assert [t.startswith("(may repeat an earlier message)") for t in texts] == [False, True]
    assert desk.states()[0] == "abandoned"


def test_a_webhook_whose_process_dies_twice_repeats_once_b20(make: Callable[..., Desk]) -> None:
    desk = make()
    hook = WebhookSink(f"{desk.slack.base_url}webhook")
    desk.restart(C1=hook)
    desk.tell(0)
    for _ in range(4):
        desk.turn(1)
        desk.archive.connection.execute("UPDATE deliveries SET state = 'sending' WHERE id = 1 AND state = 'sent'")  # fmt: skip
        desk.time += timedelta(minutes=1)
        desk.restart(C1=hook)
    told = [m for m in desk.slack.hooked if "could not be delivered" not in m["text"]]
    assert len(told) == 2


def test_where_nothing_can_be_edited_a_further_source_posts_nothing_b20(
    make: Callable[..., Desk], model: Model
) -> None:
    desk = make("C1", "C2")
    desk.tell(0)
    desk.turn(2)
    tell(desk.archive, model, desk.channels, "second", 0, desk.time, frozenset({"C1"}))
    owed = desk.archive.rows("SELECT channel FROM deliveries WHERE state = 'pending'")
    assert [row["channel"] for row in owed] == ["C2"]


@pytest.mark.parametrize("ahead", [timedelta(days=-400), timedelta(0), timedelta(days=2)])
def test_a_lost_reply_is_found_pages_back_at_one_page_a_minute_by_a_wrong_clock_b3(
    make: Callable[..., Desk], ahead: timedelta
) -> None:
    """The least that Slack grants: 15 messages a minute; and our clock is not Slack's."""
    desk = make()
    space = desk.slack.workspace
    space.clock = lambda: (desk.time - ahead).timestamp()
    space.page, space.limits["conversations.history"] = 15, (1, 60.0)
    desk.tell(0)
    desk.slack.armed["chat.postMessage"] = ["drop"]
    desk.turn(1)
    for n in range(40):
        space.call("chat.postMessage", TOKEN, {"channel": "C1", "text": f"talk {n}"})
    desk.turn(400)
    assert desk.states() == ["sent"]
    assert len(desk.posts()) == 41


def test_without_the_scope_for_history_a_lost_reply_waits_is_told_once_and_stops_nothing_else_b3(
    make: Callable[..., Desk],
) -> None:
    desk = make()
    desk.slack.scopes = "chat:write"
    desk.slack.armed["chat.postMessage"] = ["drop"]
    desk.tell(0, 1)
    desk.turn(1000)
    assert desk.states()[:2] == ["unknown", "sent"]
    assert [e.condition for e in desk.told] == ["cannot_look"]
    desk.slack.scopes = "chat:write,channels:history"
    desk.turn(320)
    assert set(desk.states()) == {"sent"}
    assert len(desk.posts()) == 3


def test_word_of_a_lost_alert_is_neither_counted_nor_sent_again_beside_it_b13(
    make: Callable[..., Desk],
) -> None:
    desk = make()
    desk.slack.errors["chat.postMessage"] = "invalid_blocks"
    desk.tell(0)
    desk.turn(10)
    assert desk.states() == ["abandoned", "abandoned"]  # the alert, and word of it
    assert "1 deliveries were given up" in str(health_problems(desk.archive, desk.time))
    del desk.slack.errors["chat.postMessage"]
    assert desk.ledger.requeue(desk.time) == 1
    desk.turn(10)
    (post,) = desk.posts()
    assert "could not be delivered" not in post["text"]
