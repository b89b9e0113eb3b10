"""Which hits tell one step, whatever order they come in."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from classifiers.facts import find_facts
from classifiers.model import Model
from classifiers.verdict import Item
from monitor.domain import SourceKind
from monitor.leading import lead, story_facts
from monitor.stories import StoryHit, arrange

NOW = datetime(2024, 9, 20, tzinfo=UTC)
TOLD = [
    # story, title, summary, days after NOW, kind
    ("garante", "ChatGPT, sanzione da 15 milioni a OpenAI dal Garante privacy", "Il Garante contesta l'addestramento con dati personali senza base giuridica.", 0, "regulator"),
    ("garante", "Italy's privacy watchdog fines OpenAI 15 million euros over ChatGPT", "Personal data was used to train the model without a legal basis.", 0, "press"),
    ("garante", "OpenAI hit with €15m penalty in Italy", "The Garante closed its probe into ChatGPT's use of personal data.", 1, "law"),
    ("linkedin", "LinkedIn halts AI training on UK data after ICO concerns", "The regulator welcomed the pause.", 0, "press"),
    ("linkedin", "ICO statement on LinkedIn's suspension of AI training with UK users' data", "We are pleased.", 0, "regulator"),
    ("meta", "Meta pauses AI training on UK posts after ICO request", "Facebook and Instagram posts of Britons are left out.", 1, "press"),
    ("cnil", "CNIL fines Clearview AI 20 million euros", "Facial recognition without a legal basis.", 2, "press"),
    ("ap", "Dutch AP fines Clearview AI 30.5 million euros", "The face database is illegal.", 3, "press"),
    ("resume", "LinkedIn resumes AI training on UK data after talks with ICO", "Members get an opt-out.", 200, "press"),
]  # fmt: skip


def hits(model: Model) -> list[StoryHit]:
    made = []
    for n, (_, title, summary, days, kind) in enumerate(TOLD):
        item = Item(title, summary)
        facts = find_facts(item, model.gazetteer)
        made.append(StoryHit(n, title, title, NOW + timedelta(days=days), SourceKind(kind), facts, model.vector(item)))  # fmt: skip
    return made


def stories(groups: object) -> set[frozenset[int]]:
    return {frozenset(h.entry_id for h in g.hits) for g in groups}  # type: ignore[attr-defined]


def wanted() -> set[frozenset[int]]:
    names = {t[0] for t in TOLD}
    return {frozenset(n for n, t in enumerate(TOLD) if t[0] == name) for name in names}


def test_one_step_is_one_story_across_languages_and_neighbours_stay_apart(model: Model) -> None:
    assert stories(arrange(hits(model), {}).groups) == wanted()


@given(st.integers(0, 10_000))
def test_the_order_of_arrival_does_not_matter(model: Model, seed: int) -> None:
    shuffled = hits(model)
    random.Random(seed).shuffle(shuffled)
    assert stories(arrange(shuffled, {}).groups) == wanted()


def test_a_later_step_follows_the_earlier_one(model: Model) -> None:
    groups = arrange(hits(model), {}).groups
    resumed = next(g for g in groups if any(h.entry_id == 8 for h in g.hits))
    assert resumed.follows is not None
    assert any(h.entry_id == 3 for h in groups[resumed.follows].hits)


def test_existing_stories_go_on_and_the_younger_of_two_that_meet_gives_way(model: Model) -> None:
    three = hits(model)[:3]
    done = arrange(three, {0: 5, 1: 7})
    assert [g.story for g in done.groups] == [5]
    assert done.merged == {7: 5}


def test_a_persons_decision_outweighs_every_likeness(model: Model) -> None:
    all_hits = hits(model)
    apart = stories(arrange(all_hits, {}, apart=[(0, 1)]).groups)
    assert not any({0, 1} <= s for s in apart)
    together = stories(arrange(all_hits, {}, together=[(3, 6)]).groups)
    assert any({3, 6} <= s for s in together)


def test_the_authority_leads_and_its_facts_come_first(model: Model) -> None:
    group = hits(model)[:3]
    assert lead(group).entry_id == 0
    facts, disagreements = story_facts(group)
    assert (facts.regulator, facts.organisation, facts.amount, facts.currency) == ("Garante", "OpenAI", 15_000_000.0, "EUR")  # fmt: skip
    assert "amount" not in disagreements


def undated(hit: StoryHit) -> StoryHit:
    return replace(hit, dated=False, when=NOW - timedelta(days=900))


def test_an_undated_report_joins_its_step_by_authority_party_and_sum(model: Model) -> None:
    made = hits(model)
    made[2] = undated(made[2])  # the law firm's note on the fine for ChatGPT
    assert stories(arrange(made, {}).groups) == wanted()


def test_an_undated_report_does_not_bridge_two_steps_that_lie_far_apart(model: Model) -> None:
    """The pause and a second pause two years later stay two stories; the undated one joins one."""
    first = hits(model)[3]
    later = replace(first, entry_id=90, key="later", when=first.when + timedelta(days=700))
    between = replace(undated(first), entry_id=91, key="between")
    groups = stories(arrange([first, later, between], {}).groups)
    assert len(groups) == 2
    assert not any({first.entry_id, 90} <= group for group in groups)


def test_an_undated_report_of_another_stage_stays_apart(model: Model) -> None:
    made = hits(model)
    resumed = undated(made[8])
    groups = stories(arrange([made[3], made[4], resumed], {}).groups)
    assert frozenset({resumed.entry_id}) in groups
