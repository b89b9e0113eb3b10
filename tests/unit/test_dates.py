"""Dates as feeds write them (F14)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.dates import parse_date


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Tue, 24 Nov 2026 10:00:00 CEST", datetime(2026, 11, 24, 8, tzinfo=UTC)),
        ("Tue, 24 Nov 2026 10:00:00 -0400", datetime(2026, 11, 24, 14, tzinfo=UTC)),
        ("mardi 3 juin 2025", datetime(2025, 6, 3, tzinfo=UTC)),
        ("3. März 2025", datetime(2025, 3, 3, tzinfo=UTC)),
        ("12 settembre 2024", datetime(2024, 9, 12, tzinfo=UTC)),
        ("12 de septiembre de 2024", datetime(2024, 9, 12, tzinfo=UTC)),
        ("5 października 2023", datetime(2023, 10, 5, tzinfo=UTC)),
        ("Nov 2, 2026", datetime(2026, 11, 2, tzinfo=UTC)),
        ("24.11.2026", datetime(2026, 11, 24, tzinfo=UTC)),
        ("2026年11月24日", datetime(2026, 11, 24, tzinfo=UTC)),
        ("20261124T101500Z", datetime(2026, 11, 24, 10, 15, tzinfo=UTC)),
        ("2026-11-24T10:15:00+02:00", datetime(2026, 11, 24, 8, 15, tzinfo=UTC)),
    ],
)
def test_dates_in_many_forms_are_read(text: str, moment: datetime) -> None:
    assert parse_date(text) == moment


@pytest.mark.parametrize("text", ["", "0000-00-00", "soon", "31.02.2026", "1970-01-01T00:00:00Z", "0001-01-01T00:00:00+09:00", "9999-12-31T23:59:59-05:00", "Fri, 31 Dec 9999 23:00:00 EST", "31 December 9999 23:00 EST"])  # fmt: skip
def test_what_is_no_plausible_date_is_none(text: str) -> None:
    assert parse_date(text) is None


@given(st.text(max_size=60))
def test_any_text_is_a_date_or_none(text: str) -> None:
    found = parse_date(text)
    assert found is None or found.tzinfo is not None
