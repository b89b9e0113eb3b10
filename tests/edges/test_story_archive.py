"""Stories in the archive: cases over years, corrections that last, ids that lead on, old archives."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlite_utils import Database

from classifiers.facts import Facts
from classifiers.model import Model
from monitor.domain import ParsedEntry, SourceKind
from monitor.neighbours import day_of, sought_under, stands_under
from monitor.recording import Recorder, record_items
from monitor.store import cases, corrections
from monitor.store.archive import Archive
from monitor.store.codec import facts_to_json
from monitor.store.fingerprint import pack, unpack
from monitor.store.migrations import schema_version
from monitor.store.stories import disagreements, ids_of, resolve, story_view
from monitor.stories import StoryHit, likeness

START = datetime.fromisoformat("2023-03-31T08:00:00+00:00")
GARANTE = [
    ("Garante blocks ChatGPT: OpenAI barred from processing Italians' personal data", 0),
    ("ChatGPT resumes in Italy after OpenAI meets Garante's personal data demands", 28),
    ("Garante fines OpenAI 15 million euros over ChatGPT training on personal data", 630),
    ("Rome court annuls Garante's 15 million euro fine on OpenAI over ChatGPT personal data", 1083),
]
OTHERS = [
    ("ICO fines Clearview AI 7.5 million pounds over facial recognition of personal data", 300),
    ("CNIL fines Clearview AI 20 million euros over facial recognition of personal data", 305),
]


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.open(tmp_path / "a.db") as opened:
        yield opened


def tell(archive: Archive, model: Model, told: list[tuple[str, int]]) -> None:
    recorder = Recorder(archive, model, ("console",), timedelta(days=3), threshold=0.01)
    for title, days in told:
        entry = ParsedEntry(title, url=f"https://example.org/{hash(title)}", guid=title, published=START + timedelta(days=days))  # fmt: skip
        record_items(recorder, [(f"source {days}", entry)], now=START + timedelta(days=1200), alert=False)  # fmt: skip


def links(archive: Archive) -> set[tuple[str, str]]:
    rows = archive.rows("SELECT s.title AS later, f.title AS earlier FROM story_links l JOIN stories s ON s.id = l.story_id JOIN stories f ON f.id = l.follows_id")  # fmt: skip
    return {(r["earlier"], r["later"]) for r in rows}


def story_of(archive: Archive, title: str) -> str:
    row = archive.row("SELECT s.public_id FROM stories s JOIN story_entries e ON e.story_id = s.id JOIN entries x ON x.id = e.entry_id WHERE x.title = ?", (title,))  # fmt: skip
    assert row is not None
    return str(row["public_id"])


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1)])
def test_the_steps_of_a_case_follow_each_other_over_years_in_any_order_of_arrival(
    archive: Archive, model: Model, order: tuple[int, ...]
) -> None:
    tell(archive, model, [*(GARANTE[n] for n in order), *OTHERS])
    titles = [title for title, _ in GARANTE]
    assert links(archive) == set(itertools.pairwise(titles))
    row = resolve(archive, story_of(archive, titles[1]))
    assert row is not None
    assert [step["title"] for step in cases.case_of(archive, row)] == titles


def test_a_hit_that_joins_a_story_leaves_no_empty_one_behind(
    archive: Archive, model: Model
) -> None:
    tell(archive, model, [GARANTE[2], ("ChatGPT, multa da 15 milioni a OpenAI dal Garante per dati personali", 630)])  # fmt: skip
    assert archive.rows("SELECT count(*) AS n FROM stories")[0]["n"] == 1


def test_a_merge_holds_although_facts_contradict_and_new_hits_join_it(
    archive: Archive, model: Model
) -> None:
    tell(archive, model, OTHERS)
    first, second = (story_of(archive, title) for title, _ in OTHERS)
    kept = corrections.merge(archive, first, second, "ada", START)
    tell(archive, model, [("CNIL hits Clearview AI with 20 million euro fine for facial recognition, personal data", 306)])  # fmt: skip
    assert kept == first
    for public in (first, second):
        row = resolve(archive, public)
        assert row is not None
        assert len(story_view(archive, row).hits) == 3
        assert ids_of(archive, row) == [first, second]
        assert set(disagreements(archive, row)["regulator"]) == {"ICO", "CNIL"}


def test_a_split_is_never_undone_by_the_machine_but_by_a_merge(
    archive: Archive, model: Model
) -> None:
    told = [GARANTE[2], ("Garante fines ChatGPT maker OpenAI 15 million euros over personal data", 631)]  # fmt: skip
    tell(archive, model, told)
    apart = corrections.split(archive, 2, "ada", START)
    tell(archive, model, [("OpenAI fined 15 million euros by Garante for ChatGPT's use of personal data", 632)])  # fmt: skip
    assert apart != story_of(archive, told[0][0])
    kept = corrections.merge(archive, story_of(archive, told[0][0]), apart, "ben", START)
    assert {story_of(archive, title) for title, _ in told} == {kept}


def test_an_archive_of_the_form_before_is_filed_anew_and_goes_on(
    tmp_path: Path, model: Model
) -> None:
    path = tmp_path / "old.db"
    with Archive.open(path) as archive:
        tell(archive, model, GARANTE[2:3])
    old = Database(path)
    old.execute("DROP TABLE story_index")
    old.execute("DROP TABLE story_cases")
    old.execute("DROP INDEX story_links_follows")
    old.execute("ALTER TABLE story_entries DROP COLUMN vector")
    old.execute("CREATE TABLE story_keys (key TEXT, entry_id INTEGER)")
    old.execute("DELETE FROM _sqlite_migrations WHERE name = 'm007_story_index'")
    old.execute(f"PRAGMA user_version = {schema_version() - 1}")
    old.conn.commit()
    old.close()
    with Archive.open(path) as archive:
        tell(archive, model, [("ChatGPT, multa da 15 milioni a OpenAI dal Garante per dati personali", 630), GARANTE[3]])  # fmt: skip
        assert archive.rows("SELECT count(*) AS n FROM story_list")[0]["n"] == 2
        assert len(links(archive)) == 1
    names = {row["name"] for row in Database(path)["_sqlite_migrations"].rows}
    assert "m007_story_index" in names


_NAMES = st.lists(st.sampled_from(["ICO", "CNIL", "Garante"]), max_size=3, unique=True).map(tuple)
_FACTS = st.builds(
    Facts,
    regulators=_NAMES,
    organisations=st.lists(st.sampled_from(["Meta", "X"]), max_size=2, unique=True).map(tuple),
    organisation=st.sampled_from([None, "Acme Ltd"]),
    action=st.sampled_from([None, "fine", "ban", "investigation", "complaint", "court-ruling"]),
    court=st.sampled_from([None, "CJEU"]),
    amount=st.sampled_from([None, 5e6]),
)


@given(_FACTS, _FACTS, st.integers(0, 30 * 24))
def test_two_dated_hits_with_a_party_or_authority_in_common_that_may_be_one_step_share_a_key(
    first: Facts, second: Facts, hours: int
) -> None:
    a, b = (
        StoryHit(
            n, str(n), "t", START + timedelta(hours=hours * n), SourceKind.PRESS, facts, {"w": 1.0}
        )  # fmt: skip
        for n, facts in enumerate((first, second))
    )
    parties = set(first.organisations) | {first.organisation}
    common = (parties & (set(second.organisations) | {second.organisation})) - {None}
    if likeness(a, b) > 0 and (common or set(first.regulators) & set(second.regulators)):
        for one, other in ((a, b), (b, a)):
            search, keys = sought_under(one), stands_under(other)
            away = abs(day_of(one.when) - day_of(other.when))
            assert any(wanted & keys.near and away <= days for wanted, days in search.near)


@given(st.dictionaries(st.text(min_size=1, max_size=12), st.floats(0, 1), max_size=60))
def test_a_hits_words_keep_their_weights_as_few_bytes(vector: dict[str, float]) -> None:
    data = pack(vector)
    assert len(data) == 6 * len(vector)
    assert sorted(unpack(data).values()) == pytest.approx(sorted(vector.values()), abs=1e-3)


def test_facts_without_anything_known_are_an_empty_object() -> None:
    assert facts_to_json(Facts()) == "{}"
