"""A digest of any length goes out in pages that a channel takes."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from monitor.digest import PAGE, pages
from monitor.domain import AlertKind, DeliveryJob, DeliveryState
from monitor.message import TEXT_LIMIT, render

NOW = datetime(2026, 11, 24, tzinfo=UTC)


@given(st.lists(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"]), max_size=400), max_size=60))  # fmt: skip
def test_no_line_of_a_digest_is_lost_or_doubled(lines: list[str]) -> None:
    text = "\n".join(lines)
    found = pages(text)
    assert _said("\n".join(found)) == _said(text)
    assert all(len(page) <= PAGE for page in found)


def _said(text: str) -> list[str]:
    return [line for line in text.splitlines() if line]


def test_a_digest_of_five_hundred_stories_is_sent_whole_and_within_the_limits() -> None:
    lines = [f"• S-2026-{n:06d} ICO → LinkedIn: fine — A headline & <more> of story {n}" for n in range(500)]  # fmt: skip
    said = ""
    for page in pages("\n".join(lines)):
        job = DeliveryJob(1, "u", 1, "C1", AlertKind.DIGEST, DeliveryState.PENDING, 0, NOW, text=page)  # fmt: skip
        message = render(job)
        assert len(message.text) <= TEXT_LIMIT
        assert len(message.blocks) <= 50
        blocks = str(message.blocks)
        assert all(len(b["text"]["text"]) <= 3000 for b in message.blocks if "text" in b)
        said += blocks
    assert all(f"S-2026-{n:06d}" in said for n in range(500))
