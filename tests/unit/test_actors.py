"""Who acts: by name, by task and country, by country alone; who complains and who rules is told apart."""

from __future__ import annotations

import pytest

from classifiers.facts import Facts, find_facts
from classifiers.model import Model
from classifiers.told_dates import told_date
from classifiers.verdict import Item


def facts(model: Model, title: str, summary: str = "", **more: str) -> Facts:
    return find_facts(Item(title, summary, **more), model.gazetteer)


@pytest.mark.parametrize(
    ("title", "summary", "regulator", "jurisdiction"),
    [
        ("Bank muss zahlen", "In Berlin wurde ein Bußgeld verhängt, weil eine automatisierte Absage nicht erklärt wurde.", "BlnBDI", "DE"),
        ("Italy blocks chatbot over privacy of minors", "", "Garante", "IT"),
        ("Plainte de noyb contre OpenAI", "La plainte a été déposée en Autriche.", "DSB", "AT"),
        ("Queja de noyb", "La autoridad de protección de datos de Austria recibió la queja contra ChatGPT.", "DSB", "AT"),
        ("Regulators in the Philippines order iris scans to stop", "The privacy regulator said so.", "NPC (PH)", "PH"),
        ("Il Garante irlandese indaga su Meta", "", "DPC", "IE"),
        ("Die Hamburger Datenschutzbehörde prüft Meta", "", "HmbBfDI", "DE"),
        ("Norwegian Datatilsynet bans Meta's behavioural ads", "", "Datatilsynet (NO)", "NO"),
        ("Personal Information Protection Commission halts app", "Downloads in South Korea stopped over personal data.", "PIPC", "KR"),
        ("noyb complains to eleven European privacy regulators over Meta's AI", "", "Eleven DPAs", "EU"),
    ],
)  # fmt: skip
def test_an_authority_is_told_by_its_task_or_its_country(
    model: Model, title: str, summary: str, regulator: str, jurisdiction: str
) -> None:
    found = facts(model, title, summary)
    assert (found.regulator, found.jurisdiction) == (regulator, jurisdiction)
    assert found.regulators[0] == regulator
    assert found.evidence["regulator"]


@pytest.mark.parametrize(
    "title",
    [
        "Italy's parliament bans a chatbot on ministers' devices over privacy",
        "Government of Spain blocks app on official phones over personal data",
        "La empresa vulnera la protección de datos de sus clientes",
        "Datatilsynet opens case",
        "Chinese AI start-up stores personal data abroad",
    ],
)
def test_no_authority_is_guessed(model: Model, title: str) -> None:
    assert facts(model, title).regulator is None


def test_court_and_complainant_are_told_apart_from_the_authority(model: Model) -> None:
    ruling = facts(model, "Rome court annuls the Garante's fine on OpenAI")
    assert (ruling.regulator, ruling.court) == ("Tribunale di Roma", "Tribunale di Roma")
    assert ruling.regulators == ("Tribunale di Roma", "Garante")
    complaint = facts(model, "noyb files complaint with the CNIL against Acme over face data")
    assert (complaint.regulator, complaint.complainant) == ("CNIL", "noyb")


@pytest.mark.parametrize(
    ("title", "court", "jurisdiction"),
    [
        ("Landgericht Bonn: Urteil zu Gesichtserkennung", "LG Bonn", "DE"),
        ("Tribunale di Torino annulla la multa sui dati biometrici", "Tribunale di Torino", "IT"),
        ("Justiça proíbe reconhecimento facial no Rio de Janeiro", "TJRJ", "BR"),
        ("Rechtbank Utrecht: uitspraak over gezichtsherkenning", "Rechtbank Utrecht", "NL"),
    ],
)
def test_a_court_that_no_list_has_is_told_by_its_place(
    model: Model, title: str, court: str, jurisdiction: str
) -> None:
    found = facts(model, title)
    assert (found.action, found.court, found.jurisdiction) == ("court-ruling", court, jurisdiction)


def test_the_first_zone_that_names_an_authority_decides(model: Model) -> None:
    item = Item("CNIL fines Acme over faces", "", "The Garante had fined it in Italy before.")
    found = find_facts(item, model.gazetteer)
    assert found.regulators == ("CNIL",)


def test_an_authoritys_own_page_is_its_own_word(model: Model) -> None:
    page = facts(model, "Provvedimento su un sistema di riconoscimento facciale", url="https://www.garanteprivacy.it/home/docweb/1")  # fmt: skip
    assert (page.regulator, page.jurisdiction) == ("Garante", "IT")


def test_the_place_comes_from_the_authority_then_the_text_then_the_source(model: Model) -> None:
    item = Item("Firm sued over chatbot data")
    assert find_facts(item, model.gazetteer, source_jurisdiction="DE-BY").jurisdiction == "DE"
    told = Item("Firm sued in Spain over chatbot data")
    assert find_facts(told, model.gazetteer, source_jurisdiction="GB").jurisdiction == "ES"
    assert facts(model, "Firm sued over data", url="https://news.example.it/1").jurisdiction == "IT"
    origin = Item("American company sued over data")
    assert find_facts(origin, model.gazetteer, source_jurisdiction="FR").jurisdiction == "FR"


@pytest.mark.parametrize(
    ("title", "organisation"),
    [
        ("AEPD sanciona con 30.000 euros a Vueling por las cookies", "Vueling"),
        ("Garante: sanzione da 240.000 euro a Benetton", "Benetton"),
        ("UODO nałożył na Morele.net karę 644 780 euro", "Morele.net"),
        ("AP legt Voetbalplaats boete op van 575.000 euro", "Voetbalplaats"),
        ("Haga hospital fined €460,000 by Dutch AP", "Haga hospital"),
        ("Doctissimo écope d'une amende de 380 000 euros infligée par la CNIL", "Doctissimo"),
        ("PIPC, Incruit에 과징금 4억 6300만원 부과", "Incruit"),
        ("California AG announces $375,000 settlement with DoorDash", "DoorDash"),
        ("CNIL : mise en demeure du ministère de l'intérieur", "ministère de l'intérieur"),
        ("BlnBDI verhängt Geldbuße von 14,5 Millionen Euro gegen Deutsche Wohnen", "Deutsche Wohnen"),
        ("Ediscom é multada em 300.000 euros pelo Garante", "Ediscom"),
    ],
)  # fmt: skip
def test_a_party_that_no_list_has_is_told_by_its_place_in_a_headline(
    model: Model, title: str, organisation: str
) -> None:
    found = facts(model, title)
    assert (found.organisation, found.organisations) == (organisation, ())


@pytest.mark.parametrize(
    "title",
    [
        "Bußgeld wegen Verstoß gegen Transparenzpflicht bei automatisierter Entscheidung",
        "Data protection authority fines bank over algorithm",
        "El regulador multa por el uso de datos, una meta lejana",
    ],
)
def test_a_common_word_is_no_party(model: Model, title: str) -> None:
    assert facts(model, title).organisation is None


@pytest.mark.parametrize(
    ("title", "action"),
    [
        ("Acme must pay €5m, the CNIL rules", "fine"),
        ("Authors sue Acme over AI training", "complaint"),
        ("Sospesa la sanzione a OpenAI: decide il Tribunale di Roma", "court-ruling"),
        ("Justiça multa ViaQuatro por biometria facial", "court-ruling"),
    ],
)
def test_which_step_a_headline_tells(model: Model, title: str, action: str) -> None:
    assert facts(model, title).action == action


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("il 21 marzo 2025", "2025-03-21"),
        ("on 18 march 2026, after 2 may 2024", "2026-03-18"),
        ("vom 31.05.2023", "2023-05-31"),
        ("2021년 4월 28일", "2021-04-28"),
        ("1er decembre 2024", "2024-12-01"),
        ("32 march 2024 and 12 people 2024", None),
    ],
)
def test_the_day_a_text_names(text: str, day: str | None) -> None:
    assert told_date(text) == day
