"""A digest says what to do, and one of any length goes out in pages that a channel takes (B11)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from monitor.digest import LINE, PAGE, Digest, pages
from monitor.domain import AlertKind, DeliveryJob, DeliveryState
from monitor.message import TEXT_LIMIT, render

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def story(number: int, **other: Any) -> dict[str, Any]:
    found = {"story_id": f"S-2026-{number:06d}", "regulator": "ICO", "organisation": "LinkedIn", "action": "fine", "jurisdiction": "GB", "title": f"A headline & <more> of {number}", "lead_url": f"https://example.org/{number}", "tier": None}  # fmt: skip
    return found | other


def test_a_digest_is_grouped_by_what_to_do_b11() -> None:
    told = Digest(
        NOW,
        new=[story(1, tier="act_now"), story(2), story(3, tier="digest")],
        moved=[story(2, follows="S-2025-000009")],
        held_back=[{"title": f"Old {n}", "reason": "first poll", "url": None} for n in range(30)],
        sources=[{"name": "CNIL", "state": "failing", "error_class": "dns", "last_ok": None}],
        dismissed=2,
    ).as_text()
    heads = [line for line in told.splitlines() if not line.startswith("•")]
    assert heads == [
        "Since 2026-11-24 00:00 UTC: 3 new stories.",
        "Act now (1):",
        "New (1):",
        "Told only here (1):",
        "Moved on (1):",
        "Held back (30):",
        "Sources to look at (1):",
        "Left away, judged not relevant: 2",
    ]
    assert "• and 10 more — first poll" in told
    assert "follows S-2025-000009" in told


def test_a_title_cannot_add_a_line_or_a_link_of_its_own_to_a_digest() -> None:
    forged = "News\r\n• CNIL fines X\thttps://evil.example\x85• more\u2028• lines"
    held = [{"title": forged, "reason": "first\npoll", "url": "https://e.example/a\n• b\tc"}]
    told = Digest(NOW, [story(1, title=forged)], [], held, []).as_text().splitlines()
    assert len(told) == 5
    assert [line.partition("\t")[2] for line in told] == ["", "", "https://example.org/1", "", ""]


@given(st.lists(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"]), max_size=400), max_size=60))  # fmt: skip
def test_no_line_of_a_digest_is_lost_or_doubled(lines: list[str]) -> None:
    text = "\n".join(lines)
    found = pages(text)
    assert _said("\n".join(found)) == _said(text)


@given(st.lists(st.text(alphabet="&<>*_|\tx é\u202e", max_size=LINE + 50), max_size=40))
def test_every_page_of_a_digest_is_within_slacks_limits_b8_b11(lines: list[str]) -> None:
    for page in pages("\n".join(lines)):
        message = render(job(page))
        assert len(message.text) <= TEXT_LIMIT
        assert len(message.blocks) <= 50
        assert sum(len(b["text"]["text"]) for b in message.blocks) <= 9_500
        assert all(0 < len(b["text"]["text"]) <= 3000 for b in message.blocks)
        assert len(json.dumps(message.blocks)) < 14_000


def job(text: str) -> DeliveryJob:
    return DeliveryJob(1, "u", 1, "C1", AlertKind.DIGEST, DeliveryState.PENDING, 0, NOW, text=text)


def _said(text: str) -> list[str]:
    return [line for line in text.splitlines() if line]


def test_a_digest_of_five_hundred_stories_is_sent_whole_with_links_and_within_the_limits_b11() -> None:  # fmt: skip
    text = Digest(NOW, [story(n) for n in range(500)], (), (), ()).as_text()
    found = pages(text)
    said = "".join(str(render(job(page)).blocks) for page in found)
    assert all(f"<https://example.org/{n}|S-2026-{n:06d} ICO → LinkedIn: fine (GB)" in said for n in range(500))  # fmt: skip
    assert len(found) <= 10
    assert max(len(page) for page in found) <= PAGE
