"""Facts as the text says them, and null where it does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.facts import find_facts
from classifiers.imposed import imposed
from classifiers.model import Model
from classifiers.money import find_sums
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
        ("ruim dertig miljoen euro boete", 30e6, "EUR"),
        ("a fine of half a million pounds", 500_000, "GBP"),
        ("과징금 5천550만원과 과태료 4천780만원", 103_300_000, "KRW"),
        ("multa de 379 millones de wones", 379e6, "KRW"),
        ("sanktionsavgift på 13 miljoner kronor", 13e6, "SEK"),
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
        "fined after annual revenue of €12 million",
        "a fine of $50 per user",
        "boete: dwangsommen tot ruim vijf miljoen euro",
    ],
)
def test_what_was_not_imposed_is_no_amount(text: str) -> None:
    assert imposed(text, "") is None


def test_the_sum_is_told_as_exactly_as_any_sentence_tells_it() -> None:
    money = imposed("Amende de 5 millions d'euros", "La CNIL y ajoute 5,2 millions.")
    assert money is not None
    assert (money.amount, money.currency, money.words) == (5.2e6, "EUR", "5,2 millions")


def test_the_authoritys_own_currency_is_the_imposed_one() -> None:
    told = "Fined $16.3 million (15 million euros)"
    assert (imposed(told, "", "EUR") or told).amount == 15e6  # type: ignore[union-attr]
    dollars = imposed("Fined $2 million over faces", "", "AUD")
    assert dollars is not None
    assert dollars.currency == "AUD"


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


_PIECES = st.sampled_from(
    ["€5 million", "fined", "과징금 5천550만원", "2026년 13월 40일", "99/99/2999", "Tribunale di", "Garante", "Meta", "in Italy",
     "9" * 40, "1.1.1.1.1", "up to", "\u200f", "Ω", "中国", "US$", "11 countries", "complaint", "A" * 300, "by", "of the", "\x00"]
)  # fmt: skip


@given(st.text(max_size=400), st.lists(_PIECES, max_size=40))
def test_any_text_gives_facts_or_nulls(model: Model, text: str, pieces: list[str]) -> None:
    mixed = " ".join(pieces)
    for item in (Item(text, text), Item(mixed, text, mixed), Item(text, mixed, url=text)):
        found = find_facts(item, model.gazetteer)
        assert (found.amount is None) == (found.currency is None) == (found.amount_text is None)
        for name in found.evidence:
            assert getattr(found, name)


@pytest.mark.parametrize(
    "text",
    ["fined €5 million " * 12_000, "A" * 200_000, "Aa " * 66_000, "1.000" * 40_000, "of the " * 28_000, "과징금 5천 " * 25_000, "(((" * 66_000],
    ids=["sums", "one word", "names", "digits", "articles", "east", "brackets"],
)  # fmt: skip
def test_a_text_of_200_kilobytes_is_read_in_bounds(model: Model, text: str) -> None:
    """Whatever it repeats: each pattern looks at a bounded stretch, none more than once a start."""
    for item in (Item("Title", text), Item(text, "", text)):
        assert find_facts(item, model.gazetteer).regulator is None


@pytest.mark.parametrize("unit", ["1", "1,", "1,,", "1천", "1 천1", "1 000 ", "$1%", "5천원 $5 "])
@pytest.mark.parametrize("end", ["", "원", "%"])
def test_no_text_takes_more_than_its_size_to_be_searched_for_sums(unit: str, end: str) -> None:
    """What grew with the square of the size would not end here before the test is given up."""
    text = unit * (200_000 // len(unit)) + end
    assert all(text[s.start : s.end] for s in find_sums(text))


@pytest.mark.parametrize("text", ["fined 5 mıllion euros", "fined 5 millionſ euros", "fıve mıllion €", "ſix million euros"])  # fmt: skip
def test_a_dotless_i_and_a_long_s_are_letters_of_a_scale(text: str) -> None:
    (found,) = find_sums(text)
    assert found.money.currency == "EUR"
    assert found.money.amount in (5e6, 6e6)


@pytest.mark.parametrize(
    ("title", "organisation", "amount", "currency"),
    [
        ("CNIL fines Doctolib EUR 3 million over AI training", "Doctolib", 3e6, "EUR"),
        ("ICO fines Acme Ltd GBP 500,000 over facial recognition AI", "Acme Ltd", 5e5, "GBP"),
        ("Garante fines Acme SpA 15 million euros over AI personal data", "Acme SpA", 15e6, "EUR"),
        ("Dutch DPA fines Acme Systems USD 3 million over AI", "Acme Systems", 3e6, "USD"),
        ("Swiss FDPIC fines Datenhaus CHF 200'000 over AI", "Datenhaus", 2e5, "CHF"),
        ("Dutch watchdog fines Area 51 Labs 3 million euros over AI", "Area 51 Labs", 3e6, "EUR"),
    ],
)
def test_a_sum_is_no_part_of_the_partys_name(
    model: Model, title: str, organisation: str, amount: float, currency: str
) -> None:
    found = find_facts(Item(title), model.gazetteer)
    assert (found.organisation, found.amount, found.currency) == (organisation, amount, currency)
