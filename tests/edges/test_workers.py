"""The killable parser pool (D7)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from monitor.domain import Failed, Parsed
from monitor.workers import ParserPool

pytestmark = pytest.mark.anyio
GOOD = b"<rss version='2.0'><channel><item><title>T</title><guid>1</guid></item></channel></rss>"


@pytest.fixture
def pool() -> Iterator[ParserPool]:
    made = ParserPool(processes=1, timeout_s=1.0)
    yield made
    made.close()


async def test_a_document_that_never_ends_costs_only_itself_d7(pool: ParserPool) -> None:
    redos = b"<rss version='2.0'><channel><item><author>" + b"a" * 200_000 + b"</author></item></channel></rss>"  # fmt: skip
    assert isinstance(await pool.feed(redos, "", "https://example.org/"), Failed | Parsed)
    assert isinstance(await pool.feed(GOOD, "", "https://example.org/"), Parsed)


async def test_an_error_of_a_document_comes_back_as_a_value(pool: ParserPool) -> None:
    found = await pool.feed(b"", "", "https://example.org/")
    assert found == Failed("empty", "the answer has no content")
