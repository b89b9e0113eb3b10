"""Conditional requests and redirects over several polls; the farm's log is the oracle (tables A and C)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

Answer = tuple[int, dict[str, str], str]
RSS = {"Content-Type": "application/rss+xml"}


def conditional(body: str, etag: str) -> Callable[[dict[str, str]], Answer]:
    """304 for whoever has this ETag."""

    def answer(headers: dict[str, str]) -> Answer:
        if headers.get("if-none-match") == etag:
            return 304, {"ETag": etag}, ""
        return 200, {"ETag": etag, **RSS}, body

    return answer


def inm(farm: Any, path: str = "/f") -> list[str | None]:
    """The validators sent so far."""
    return [headers.get("if-none-match") for headers in farm.asked(path)]


def poll_again(stack: Any, times: int = 1, hours: float = 2) -> None:
    """A poll, later."""
    for _ in range(times):
        stack.clock.forward(hours=hours)
        stack.cycle()


def test_a_source_is_asked_without_validators_once_in_its_life_a2(
    stack: Any, farm: Any, document: Callable[..., str]
) -> None:
    farm.pages["/f"] = conditional(document("A"), '"a"')
    stack.watch("S", farm.url("/f"))
    poll_again(stack, 5)
    assert inm(farm) == [None, *['"a"'] * 4]
    assert stack.row("S")["not_modified"] == 4


def test_a_304_with_a_newer_date_is_echoed_with_that_date_a4(
    stack: Any, farm: Any, document: Callable[..., str]
) -> None:
    answers = iter([
        (200, {"Last-Modified": "Mon, 23 Nov 2026 08:00:00 GMT", **RSS}, document("A")),
        (304, {"Last-Modified": "Tue, 24 Nov 2026 08:00:00 GMT"}, ""),
        (304, {}, ""),
        (304, {}, ""),
    ])  # fmt: skip
    farm.pages["/f"] = lambda headers: next(answers)
    stack.watch("S", farm.url("/f"))
    poll_again(stack, 4)
    sent = [headers.get("if-modified-since") for headers in farm.asked("/f")]
    assert sent == [None, "Mon, 23 Nov 2026 08:00:00 GMT", *["Tue, 24 Nov 2026 08:00:00 GMT"] * 2]


@pytest.mark.parametrize(
    "bad",
    ["<!doctype html><html><body>Maintenance</body></html>", "", "<rss><chan", "{"],
)
def test_a_body_that_cannot_be_read_never_becomes_unchanged_a6_f1(
    stack: Any, farm: Any, document: Callable[..., str], bad: str
) -> None:
    """The server moves on to ETag b with a bad body; when the body is good under b, it arrives."""
    farm.pages["/f"] = conditional(document("A"), '"a"')
    stack.watch("S", farm.url("/f"))
    poll_again(stack)
    farm.pages["/f"] = conditional(bad, '"b"')
    poll_again(stack, 2)
    assert stack.row("S")["error_class"] is not None
    assert stack.titles("S") == ["A"]
    farm.pages["/f"] = conditional(document("A", "B"), '"b"')
    poll_again(stack)
    assert stack.titles("S") == ["A", "B"]
    assert '"b"' not in inm(farm)


def test_the_first_body_broken_then_good_under_the_same_etag_arrives_a6(
    stack: Any, farm: Any, document: Callable[..., str]
) -> None:
    farm.pages["/f"] = conditional("<rss><chan", '"a"')
    stack.watch("S", farm.url("/f"))
    poll_again(stack)
    farm.pages["/f"] = conditional(document("A"), '"a"')
    poll_again(stack)
    assert inm(farm) == [None, None]
    assert stack.titles("S") == ["A"]


def test_another_address_is_asked_without_the_validators_of_the_old_one_a8(
    stack: Any, farm: Any, document: Callable[..., str]
) -> None:
    farm.pages["/f"] = conditional(document("A"), '"a"')
    farm.pages["/new"] = conditional(document("A", "B"), '"a"')
    stack.watch("S", farm.url("/f"))
    poll_again(stack, 2)
    stack.watch("S", farm.url("/new"))
    poll_again(stack)
    assert inm(farm, "/new") == [None]
    assert stack.titles("S") == ["A", "B"]


def test_an_adopted_redirect_is_asked_without_validators_of_the_old_address_a8_c2(
    stack: Any, farm: Any, document: Callable[..., str]
) -> None:
    """After eight days of 301 the target is polled itself, and told once; its validators are its own."""
    farm.pages["/f"] = (301, {"Location": "/new"}, "")
    farm.pages["/new"] = conditional(document("A"), '"n"')
    stack.watch("S", farm.url("/f"))
    poll_again(stack, 12, hours=24)
    assert stack.row("S")["active_url"] == farm.url("/new")
    assert stack.told("moved") == 1
    assert 7 <= len(farm.asked("/f")) <= 9
    assert stack.titles("S") == ["A"]
    assert inm(farm, "/new").count(None) <= 2


def test_a_redirect_that_changes_its_mind_is_not_adopted_c2(
    stack: Any, farm: Any, document: Callable[..., str]
) -> None:
    farm.pages["/x"] = farm.pages["/y"] = (200, RSS, document("A"))
    stack.watch("S", farm.url("/f"))
    for n in range(20):
        farm.pages["/f"] = (301, {"Location": "/x" if n % 10 < 5 else "/y"}, "")
        poll_again(stack, hours=24)
    assert stack.row("S")["active_url"] is None


@pytest.mark.parametrize("status", [302, 303, 307])
def test_a_temporary_redirect_is_never_adopted_c1(
    stack: Any, farm: Any, document: Callable[..., str], status: int
) -> None:
    farm.pages["/f"] = (status, {"Location": "/new"}, "")
    farm.pages["/new"] = (200, RSS, document("A"))
    stack.watch("S", farm.url("/f"))
    poll_again(stack, 12, hours=24)
    assert (stack.row("S")["active_url"], len(farm.asked("/f"))) == (None, 12)
    assert stack.titles("S") == ["A"]


def test_a_permanent_redirect_to_what_is_no_feed_is_never_adopted_c2(stack: Any, farm: Any) -> None:
    farm.pages["/f"] = (301, {"Location": "/home"}, "")
    farm.pages["/home"] = (200, {"Content-Type": "text/html"}, "<!doctype html><html>Home</html>")
    stack.watch("S", farm.url("/f"))
    poll_again(stack, 12, hours=25)
    row = stack.row("S")
    assert (row["active_url"], row["error_class"]) == (None, "not_a_feed")


def test_when_the_old_address_dies_a_tracked_redirect_is_taken_at_once_c2(
    stack: Any, farm: Any, document: Callable[..., str]
) -> None:
    farm.pages["/f"] = (301, {"Location": "/new"}, "")
    farm.pages["/new"] = (200, RSS, document("A"))
    stack.watch("S", farm.url("/f"))
    poll_again(stack, 2)
    farm.pages["/f"] = (404, {}, "")
    poll_again(stack, 2, hours=25)
    row = stack.row("S")
    assert (row["active_url"], row["error_class"]) == (farm.url("/new"), None)


@pytest.mark.parametrize(("hops", "error_class"), [(5, None), (6, "redirect")])
def test_five_hops_are_followed_and_a_sixth_is_an_error_c1(
    stack: Any, farm: Any, document: Callable[..., str], hops: int, error_class: str | None
) -> None:
    for n in range(hops):
        farm.pages[f"/{n}"] = (302, {"Location": f"/{n + 1}"}, "")
    farm.pages[f"/{hops}"] = (200, RSS, document("A"))
    stack.watch("S", farm.url("/0"))
    stack.cycle()
    assert stack.row("S")["error_class"] == error_class


def test_two_sources_that_lead_to_one_address_are_told_and_alert_once_c3(
    stack: Any, farm: Any
) -> None:
    hit = "<item><title>ICO fines Clearview AI over facial recognition of UK residents</title><link>https://news.example/1</link><guid>1</guid><description>The company's database of faces breached UK data protection law.</description></item>"
    body = "<?xml version='1.0'?><rss version='2.0'><channel><title>T</title>{}</channel></rss>"
    farm.pages["/new"] = (200, RSS, body.format(""))
    farm.pages["/old"] = (301, {"Location": farm.url("/new", "127.0.0.3")}, "")
    stack.host_gap = timedelta(0)  # the clock stands still, so the two would wait for each other
    stack.watch("Old", farm.url("/old", "127.0.0.2"))
    stack.watch("New", farm.url("/new", "127.0.0.3"))
    stack.cycle()
    farm.pages["/new"] = (200, RSS, body.format(hit))
    poll_again(stack)
    rows = stack.archive.rows("SELECT count(*) FROM alerts WHERE kind = 'new'")
    assert rows[0][0] == 1
    poll_again(stack, 9, hours=24)
    assert stack.archive.rows("SELECT count(*) FROM alerts WHERE kind = 'new'")[0][0] == 1
    told = [r["text"] for r in stack.archive.rows("SELECT text FROM alerts WHERE kind = 'ops'")]
    assert [text for text in told if "New" in text and "Old" in text]


def test_the_same_body_three_times_is_parsed_once_and_its_validators_move_a10(
    stack: Any, farm: Any, document: Callable[..., str]
) -> None:
    etags = iter(["1", "2", "3", "4"])
    farm.pages["/f"] = lambda headers: (200, {"ETag": f'"{next(etags)}"', **RSS}, document("A"))
    stack.watch("S", farm.url("/f"))
    poll_again(stack, 4)
    assert inm(farm) == [None, '"1"', '"2"', '"3"']
    outcomes = [r["outcome"] for r in stack.archive.rows("SELECT outcome FROM fetches ORDER BY id")]
    assert outcomes == ["parsed", "unchanged", "unchanged", "unchanged"]


def test_a_server_stuck_on_304_is_seen_through_weekly_at_most_and_told_a11(
    stack: Any, farm: Any, document: Callable[..., str]
) -> None:
    """The body changes on the third day, yet whoever sends a validator gets 304 for ever."""
    body = [document("A")]

    def stuck(headers: dict[str, str]) -> Answer:
        if "if-none-match" in headers:
            return 304, {}, ""
        return 200, {"ETag": '"stuck"', **RSS}, body[0]

    farm.pages["/f"] = stuck
    stack.watch("S", farm.url("/f"))
    started = stack.clock.time
    for day in range(60):
        body[0] = document("A") if day < 3 else document("A", "B")
        poll_again(stack, hours=24)
    unconditional = [n for n, etag in enumerate(inm(farm)) if etag is None]
    assert stack.titles("S") == ["A", "B"]
    assert stack.told("broken_validators") == 1
    assert len(unconditional) >= 3
    assert min(b - a for a, b in pairwise(unconditional)) >= 7
    assert stack.clock.time - started == timedelta(days=60)


def test_a_delta_answer_keeps_what_it_does_not_repeat_e2(
    stack: Any, farm: Any, document: Callable[..., str]
) -> None:
    farm.pages["/f"] = (200, {"ETag": '"1"', **RSS}, document("A", "B"))
    stack.watch("S", farm.url("/f"))
    stack.cycle()
    farm.pages["/f"] = (226, {"ETag": '"2"', "IM": "feed", **RSS}, document("C"))
    poll_again(stack)
    assert stack.titles("S") == ["A", "B", "C"]
