"""Facts as the text says them, and null where it does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.facts import find_facts
from classifiers.imposed import imposed
from classifiers.model import Model
from classifiers.verdict import Item


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("fined EUR 15 million", 15e6, "EUR"),
        ("Bußgeld von 15 Mio. Euro", 15e6, "EUR"),
        ("settlement of $1.4bn", 1.4e9, "USD"),
        ("multa de 30,5 millones de euros", 30.5e6, "EUR"),
        ("a GBP 7.5m fine", 7.5e6, "GBP"),
        ("amende de 2,4 milliards de wons", 2.4e9, "KRW"),
        ("fined £7,552,800", 7_552_800, "GBP"),
        ("boete van 290.000 euro", 290_000, "EUR"),
        ("kara 18,4 mln zł", 18.4e6, "PLN"),
        ("과징금 1억 330만원 부과", 103_300_000, "KRW"),
        ("制裁金3050万ユーロ", 30.5e6, "EUR"),
        ("multa de R$ 50 mil", 50_000, "BRL"),
        ("multa de un millón de euros", 1e6, "EUR"),
    ],
)
def test_sums_in_many_notations(text: str, amount: float, currency: str) -> None:
    money = imposed(text, "")
    assert money is not None
    assert money.amount == pytest.approx(amount)
    assert money.currency == currency


@pytest.mark.parametrize(
    "text",
    [
        "The company could be fined up to 20 million euros",
        "OpenAI, valued at $300 billion, was fined",
        "fined after 1.6 million patients' records leaked",
        "daily fine of R$ 50 mil",
        "fined on 20 September 2024",
    ],
)
def test_what_was_not_imposed_is_no_amount(text: str) -> None:
    assert imposed(text, "") is None


@pytest.mark.parametrize(
    ("title", "summary", "facts"),
    [
        ("LinkedIn suspends AI training on UK data after ICO raises concerns", "", ("ICO", "LinkedIn", "GB", "suspension")),
        ("Garante privacy, multa di 5 milioni a Replika", "", ("Garante", "Luka (Replika)", "IT", "fine")),
        ("noyb files complaint against OpenAI with Austrian data protection authority", "", ("DSB", "OpenAI", "AT", "complaint")),
        ("Irish DPC opens inquiry into X over Grok training", "", ("DPC", "X", "IE", "investigation")),
        ("La AEPD ordena el cese a Worldcoin", "", ("AEPD", "Worldcoin", "ES", "order")),
        ("개인정보위, 스캐터랩에 과징금 부과", "", ("PIPC", "Scatter Lab", "KR", "fine")),
        ("Rome court annuls OpenAI fine", "", ("Tribunale di Roma", "OpenAI", "IT", "court-ruling")),
        ("Acme Analytics fined over face scans by CNIL", "", ("CNIL", "Acme Analytics", "FR", "fine")),
    ],
)  # fmt: skip
def test_facts_of_headlines(model: Model, title: str, summary: str, facts: tuple[str, ...]) -> None:
    found = find_facts(Item(title, summary), model.gazetteer)
    assert (found.regulator, found.organisation, found.jurisdiction, found.action) == facts


def test_what_the_text_does_not_say_is_null(model: Model) -> None:
    found = find_facts(Item("Something happened somewhere"), model.gazetteer)
    assert (found.regulator, found.organisation, found.jurisdiction, found.amount) == (None,) * 4


def test_each_value_carries_the_words_it_came_from(model: Model) -> None:
    found = find_facts(Item("UK data watchdog fines Facebook £500,000"), model.gazetteer)
    assert found.evidence["organisation"] == "Facebook"
    assert found.evidence["amount"] == "£500,000"


@given(st.text(max_size=400))
def test_any_text_gives_facts_or_nulls(model: Model, text: str) -> None:
    assert find_facts(Item(text, text), model.gazetteer) is not None


def test_a_text_of_200_kilobytes_is_read_in_bounds(model: Model) -> None:
    assert (
        find_facts(Item("Title", "fined €5 million " * 12_000), model.gazetteer).amount is not None
    )
