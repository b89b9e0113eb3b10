"""Every hostile endpoint ends in its class; the server's own log is the oracle (tables A, C, D, F, G4)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

# endpoint → error class, or how many entries are archived after three polls
EXPECTED: dict[str, str | int] = {
    "ok": 20, "slowloris": "timeout", "hang": "timeout", "bomb": "too_large", "huge": "too_large",
    "billion": 1, "xxe": 2, "r301": 2, "rloop": "redirect", "rfile": "redirect", "rmeta": "address",
    "gone": "http_410", "s429": "rate_limited", "s503": "http_503", "html": "not_a_feed", "htmlrss": "not_a_feed",
    "empty": "empty", "malformed": 3, "truncated": 3, "shortread": "connect", "noguid": 2, "dupguid": 2,
    "latin1": 1, "liar": 1, "cp1252": 1, "bomutf16": 1, "leadingws": 2, "nul": 2, "weaketag": 2, "oddlm": 2,
    "touch": 2, "future": 2, "lyinggzip": "parse", "gzipped": 2, "doublegzip": "parse",
}  # fmt: skip
CAFE = "Café “quoted” – naïve"


@pytest.fixture
def polled(stack: Any, hostile: Any) -> Any:
    """The stack after three polls of every endpoint, each on a host of its own, hours apart."""
    for n, name in enumerate(EXPECTED, 1):
        stack.watch(name, hostile.url(name, f"127.0.1.{n}"))
    stack.net["timeout_s"] = 2.5
    for _ in range(3):
        stack.cycle()
        stack.clock.forward(hours=8)
    return stack


def test_every_hostile_endpoint_ends_in_its_class_and_none_disturbs_another_d5_g4(
    polled: Any, hostile: Any
) -> None:
    """Errors are kept with the source and the next poll stands (D5); duplicates never double (F8, F9)."""
    found = {name: polled.row(name)["error_class"] or len(polled.titles(name)) for name in EXPECTED}
    assert found == EXPECTED
    soonest = (polled.clock.time - timedelta(hours=8) + timedelta(minutes=15)).isoformat()[:19]
    rows = [polled.row(name) for name in EXPECTED]
    assert [r["name"] for r in rows if not r["next_due"] or not r["next_reason"] or r["lease_until"]] == []  # fmt: skip
    assert min(r["next_due"] for r in rows) >= soonest
    # entities read no file and call nobody (D6)
    assert hostile.log("canary") == []
    assert "lol" not in polled.titles("billion")[0]
    assert "CANARY" not in str(polled.archive.rows("SELECT title, summary, text FROM entries"))
    # validators: byte for byte, weak and odd ones too (A1); one unconditional request each (A2)
    etags = [r["headers"].get("if-none-match") for r in hostile.log("weaketag")]
    assert etags == [None, 'W/"a b/\xe9"', 'W/"a b/\xe9"']
    dates = [r["headers"].get("if-modified-since") for r in hostile.log("oddlm")]
    assert dates == [None, *["Thu, 1 Jan 2025 00:00:00 +0000 (odd)"] * 2]
    # the same body under a new ETag takes that ETag (A3)
    assert [r["headers"].get("if-none-match") for r in hostile.log("touch")] == [None, '"t1"', '"t2"']  # fmt: skip
    # a body that was cut short leaves no validator behind (A6)
    assert {r["headers"].get("if-none-match") for r in hostile.log("shortread")} == {None}
    # both validators together (A5), no cookies, no referer (D10)
    again = hostile.log("ok")[1]["headers"]
    assert {"if-none-match", "if-modified-since"} <= set(again)
    assert not {"cookie", "referer", "cache-control", "pragma"} & set(again)
    # whatever was declared, the letters are right (F6), and control characters are gone (F7)
    assert {name: polled.titles(name)[0] for name in ("liar", "cp1252", "bomutf16")} == dict.fromkeys(("liar", "cp1252", "bomutf16"), CAFE)  # fmt: skip
    assert polled.titles("latin1") == ["Café naïve"]
    assert polled.titles("nul")[0] == "A title here"
    # a date in 2041 is taken for the time of the poll; what the source wrote is kept (F14)
    future = polled.archive.rows("SELECT published, published_raw FROM entries WHERE source = 'future'")[0]  # fmt: skip
    assert future["published"].startswith("2026-11-24")
    assert "2041" in future["published_raw"]
