"""Backfills in any order of time end in the same stories as in order."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.model import Model
from monitor.domain import ParsedEntry
from monitor.recording import Recorder, record_items
from monitor.store.archive import Archive

START = datetime.fromisoformat("2024-09-01T08:00:00+00:00")
TOLD = [
    ("LinkedIn halts generative AI training on UK members' data after ICO concerns", "The regulator welcomed the suspension of personal data use.", 0),
    ("ICO statement: LinkedIn suspends AI training with UK users' personal data", "The company reflected on our concerns about generative models.", 1),
    ("LinkedIn resumes AI training with UK members' personal data after ICO review", "Members get more notice and an opt-out, the ICO says.", 300),
    ("Garante fines OpenAI 15 million euros over ChatGPT training data", "Personal data was used without a legal basis, the privacy authority found.", 110),
    ("ChatGPT, sanzione da 15 milioni a OpenAI dal Garante privacy", "Dati personali usati per addestrare l'intelligenza artificiale senza base giuridica.", 110),
    ("Rome court annuls OpenAI's 15 million euro ChatGPT privacy fine", "The Tribunale di Roma found that the Garante lacked competence over personal data training.", 560),
    ("Dutch AP fines Clearview AI 30.5 million euros over facial recognition database", "The biometric data was collected without consent.", 2),
    ("CNIL fines Clearview AI 5.2 million euros for ignoring order on facial images", "The personal data of French residents was not deleted.", 4),
]  # fmt: skip


def entries() -> list[tuple[str, ParsedEntry]]:
    return [
        (f"source {n}", ParsedEntry(title, url=f"https://example.org/{n}", guid=str(n), summary=text, published=START + timedelta(days=days)))
        for n, (title, text, days) in enumerate(TOLD)
    ]  # fmt: skip


def stories_after(model: Model, order: list[int], batches: int) -> set[frozenset[str]]:
    """The titles of each story after an import in this order."""
    told = entries()
    with TemporaryDirectory() as folder, Archive.open(Path(folder) / "a.db") as archive:
        recorder = Recorder(archive, model, ("console",), timedelta(days=3), threshold=0.05)
        for start in range(0, len(order), batches):
            batch = [told[n] for n in order[start : start + batches]]
            record_items(recorder, batch, now=START + timedelta(days=700), alert=False)
        found: dict[int, set[str]] = {}
        for row in archive.rows("SELECT se.story_id, e.title FROM story_entries se JOIN entries e ON e.id = se.entry_id"):  # fmt: skip
            found.setdefault(row["story_id"], set()).add(row["title"])
    return {frozenset(titles) for titles in found.values()}


@settings(max_examples=12)
@given(st.permutations(range(len(TOLD))), st.sampled_from([1, 3, 8]))
def test_hits_in_any_order_of_time_end_in_the_same_stories(
    model: Model, order: list[int], batches: int
) -> None:
    in_order = sorted(range(len(TOLD)), key=lambda n: TOLD[n][2])
    wanted = stories_after(model, in_order, 1)
    assert sum(map(len, wanted)) == len(TOLD)
    assert len(wanted) == 6
    assert stories_after(model, order, batches) == wanted
