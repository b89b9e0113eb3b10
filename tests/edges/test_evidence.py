"""What an auditor gets: who knew what when, in a pack that nobody can alter unseen."""

from __future__ import annotations

import copy
import json
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.model import Model
from monitor.decide import Silence
from monitor.domain import (
    DeliveryState,
    Feed,
    FeedName,
    HttpFacts,
    Parsed,
    ParsedEntry,
    PollJob,
    PollResult,
    SourceKind,
)
from monitor.evidence_pack import pack, verify
from monitor.ledger import NOT_CONFIGURED, Settlement
from monitor.recording import Recorder, record_poll
from monitor.store import corrections, evidence, feeds, labels, silences
from monitor.store.archive import Archive
from monitor.store.codec import iso, state_from_row
from monitor.store.deliveries import DeliveryLedger
from monitor.store.stories import resolve

ROOT = Path(__file__).parent.parent.parent
FEED = Feed(FeedName("ICO news"), "https://ico.example/rss", SourceKind.REGULATOR, "GB", "en")
CLEARVIEW = ("ICO fines Clearview AI over facial recognition of UK residents", "The company's database of faces breached UK data protection law.")  # fmt: skip
DEEPSEEK = ("Garante blocks DeepSeek's chatbot over personal data", "The Italian authority ordered the AI company to stop processing personal data.")  # fmt: skip


def entry(number: int, told: tuple[str, str], now: datetime, more: str = "") -> ParsedEntry:
    return ParsedEntry(told[0] + more, url=f"https://ico.example/{number}", guid=str(number), summary=told[1], text="The whole text.", published=now)  # fmt: skip


@pytest.fixture
def watched(archive: Archive, model: Model, now: datetime) -> Archive:
    """Two stories told, sent, judged, edited, merged and silenced."""
    feeds.sync(archive, [FEED])
    recorder = Recorder(archive, model, ("C1",), timedelta(days=3))

    def poll(when: datetime, *found: ParsedEntry) -> None:
        row = archive.rows("SELECT * FROM feeds")[0]
        http = HttpFacts(status=200, etag='"e1"', last_modified="Mon", body_hash="b0d1", final_url="https://ico.example/final", started=when)  # fmt: skip
        record_poll(recorder, PollResult(PollJob(FEED, state_from_row(dict(row))), http, Parsed(found)), now=when, chance=0.0)  # fmt: skip

    poll(now)
    poll(now + timedelta(hours=1), entry(1, CLEARVIEW, now), entry(2, DEEPSEEK, now))
    ledger = DeliveryLedger(archive, ("C1",))
    for row in archive.rows("SELECT id FROM deliveries"):
        ledger.mark_sending(row["id"], now + timedelta(hours=1))
        ledger.settle(ledger.job(row["id"]), Settlement(DeliveryState.SENT, ts="17.1", permalink="https://slack.example/p1"), now + timedelta(hours=1))  # fmt: skip
    poll(now + timedelta(hours=2), entry(1, CLEARVIEW, now, " (corrected)"))
    first = archive.rows("SELECT entry_id FROM story_entries ORDER BY entry_id")[0]["entry_id"]
    labels.add(archive, first, "relevant", "a fine is a fine", "dpo", model.id, now)
    ids = [r["public_id"] for r in archive.rows("SELECT public_id FROM stories ORDER BY id")]
    number = silences.add(archive, Silence("story", ids[0], now + timedelta(days=30), "dpo", "known"), now)  # fmt: skip
    silences.lift(archive, number, now + timedelta(hours=3))
    corrections.merge(archive, ids[0].lower(), ids[1].lower(), "dpo", now + timedelta(hours=4))
    return archive


def packed(archive: Archive, story: str = "S-2026-000001") -> dict[str, Any]:
    row = resolve(archive, story)
    assert row is not None
    chain = archive.rows("SELECT * FROM evidence ORDER BY seq")
    return pack(
        story,
        [dict(r) for r in chain],
        evidence.rows_of(archive, row),
        made="2027-01-01T00:00:00.000Z",
    )


def told(document: dict[str, Any], what: str) -> list[dict[str, Any]]:
    return [json.loads(r["data"]) for r in document["rows"] if isinstance(r, dict) and r.get("what") == what]  # fmt: skip


def test_a_pack_holds_all_that_an_auditor_asks_for(watched: Archive) -> None:
    document = packed(watched)
    seen = told(document, "entry first seen")[0]
    assert (seen["title"], seen["summary"], seen["text"]) == (*CLEARVIEW, "The whole text.")
    assert seen["fetch"] == {
        "started": "2026-11-24T09:00:00.000Z",
        "final_url": "https://ico.example/final",
        "etag": '"e1"',
        "last_modified": "Mon",
        "body_hash": "b0d1",
        "status": 200,
    }
    assert seen["model"].startswith("m-")
    assert (seen["label"], seen["facts"]["regulator"]) == ("relevant", "ICO")
    assert told(document, "entry edited")[0]["title"].endswith("(corrected)")
    assert told(document, "alert")[0]["deliveries"][0]["channel"] == "C1"
    sent = told(document, "delivery")[0]
    assert (sent["state"], sent["permalink"], sent["sent_at"]) == ("sent", "https://slack.example/p1", "2026-11-24T09:00:00.000Z")  # fmt: skip
    judged = told(document, "judgement")[0]
    assert (judged["author"], judged["why"], judged["label"]) == ("dpo", "a fine is a fine", "relevant")  # fmt: skip
    assert [s["reason"] for s in told(document, "silence begun")] == ["known"]
    assert told(document, "silence lifted")[0]["lifted"] is not None
    assert told(document, "stories merged")[0]["author"] == "dpo"


def test_the_pack_of_a_merged_story_is_that_of_its_heir(watched: Archive) -> None:
    ids = [r["public_id"] for r in watched.rows("SELECT public_id FROM stories ORDER BY id")]
    one, other = (packed(watched, i) for i in ids[:2])
    assert one["rows"] == other["rows"]
    titles = [e["title"] for e in told(one, "entry first seen")]
    assert titles == [CLEARVIEW[0], DEEPSEEK[0]]


def test_a_story_keeps_what_was_split_from_it_as_evidence(
    watched: Archive, model: Model, now: datetime
) -> None:
    entry_id = watched.rows("SELECT max(entry_id) AS n FROM story_entries")[0]["n"]
    corrections.split(watched, entry_id, "dpo", now + timedelta(hours=5))
    assert told(packed(watched), "story split")[0]["entry"] == entry_id


@pytest.mark.parametrize(
    "forge",
    [
        lambda rows: rows[0].update(data=rows[0]["data"].replace("Clearview", "Nobody")),
        lambda rows: rows[0].update(made="2020-01-01T00:00:00.000Z"),
        lambda rows: rows[0].update(entry="77"),
        lambda rows: rows[0].update(story="S-2026-000099"),
        lambda rows: rows.pop(0),
        lambda rows: rows.pop(),
        lambda rows: rows.reverse(),
        lambda rows: rows.insert(1, "0" * 64),
        lambda rows: rows.insert(0, rows[0]),
    ],
)
def test_a_forged_pack_is_not_sound(watched: Archive, forge: Callable[[list[Any]], object]) -> None:
    document = copy.deepcopy(packed(watched))
    assert verify(document) == []
    forge(document["rows"])
    assert verify(document) != []


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("story", "S-2026-009999", "no row is about the story S-2026-009999"),
        ("story", None, "no row is about the story"),
        ("made", "2020-01-01T00:00:00.000Z", "before its row of"),
        ("made", None, "before its row of"),
    ],
)
def test_what_a_pack_says_of_itself_is_borne_out_by_its_rows(
    watched: Archive, key: str, value: str | None, said: str
) -> None:
    (problem,) = verify(packed(watched) | {key: value})
    assert said in problem


@pytest.mark.parametrize("key", ["story", "made"])
@pytest.mark.parametrize("value", ["\x1b[2K\rpack.json: sound", "\ud800", "x" * 9000, ["S"], 7, {}])
def test_what_a_forger_writes_does_not_reach_the_terminal(
    watched: Archive, key: str, value: object
) -> None:
    problems = verify(packed(watched) | {key: value})
    assert problems
    assert all(problem.isprintable() and len(problem) < 200 for problem in problems)


@pytest.mark.parametrize("value", ["\ud800", "\x1b[2K", "", 5, None, ["0" * 64], "0" * 63])
def test_a_bare_hash_makes_a_pack_unsound_whatever_it_is(watched: Archive, value: object) -> None:
    document = packed(watched)
    forged = document | {"rows": [*document["rows"], {"hash": value}], "head": value}
    problems = verify(forged)
    assert problems[0] == f"row {len(forged['rows'])}: a bare hash proves nothing; have the pack made anew"  # fmt: skip
    assert all(problem.isprintable() for problem in problems)


def test_a_row_with_another_number_is_named_in_short(watched: Archive) -> None:
    document = copy.deepcopy(packed(watched))
    document["rows"][0]["seq"] = ["\x1b[2K" * 900]
    assert all(problem.isprintable() and len(problem) < 200 for problem in verify(document))


def test_a_log_written_anew_does_not_have_the_hash_that_was_kept_elsewhere(
    watched: Archive, now: datetime
) -> None:
    number, kept = evidence.head(watched)
    assert number == len(packed(watched)["rows"])
    with watched.write() as connection:
        evidence.append(connection, now, "later", {})
    assert verify(packed(watched), [kept]) == []
    assert verify(packed(watched), ["0" * 64]) != []


def test_rows_of_the_first_form_are_checked_where_they_are_shown(
    archive: Archive, now: datetime
) -> None:
    previous = evidence.GENESIS
    with archive.write() as connection:
        for n in range(3):
            value = evidence.sha256(previous, iso(now), "fact", f'{{"n":{n}}}')
            connection.execute(
                "INSERT INTO evidence (made, what, data, previous, hash) VALUES (?, 'fact', ?, ?, ?)",
                (iso(now), f'{{"n":{n}}}', previous, value),
            )
            previous = value
        evidence.append(connection, now, "fact", {"n": 3}, story="S-2026-000001")
    chain = [dict(r) for r in archive.rows("SELECT * FROM evidence ORDER BY seq")]
    assert evidence.broken_at(chain) is None
    document = pack("S-2026-000001", chain, {2, 4}, made=iso(now))
    assert verify(document) == []
    assert [row.get("other", False) for row in document["rows"]] == [True, False, True, False]
    document["rows"][1]["data"] = '{"n":9}'
    assert verify(document) == ["row 2: its content does not give its hash", "row 3: its content does not give its hash", "row 4: its content does not give its hash", "the rows do not lead to the head"]  # fmt: skip


def test_a_hash_without_content_proves_nothing_even_where_it_is_the_anchor(
    watched: Archive, tmp_path: Path
) -> None:
    document = packed(watched)
    head = document["head"]
    invented = {"entry": "1", "seq": 1, "made": "2026-01-01T00:00:00.000Z", "what": "entry first seen", "story": document["story"], "data": "{}"}  # fmt: skip
    digest = evidence.digest({**invented, "entry_id": "1"})
    invented["hash"] = evidence.sha256(evidence.GENESIS, digest)
    document["rows"] = [invented, {"hash": head}]
    assert verify(document, [head]) == ["row 2: a bare hash proves nothing; have the pack made anew"]  # fmt: skip
    (tmp_path / "pack.json").write_text(json.dumps(document))
    done = subprocess.run([sys.executable, "-I", "-c", documented_check(), str(tmp_path / "pack.json")], check=False, capture_output=True)  # fmt: skip
    assert done.returncode != 0


@pytest.mark.parametrize("made", ["zzz", "", None, "9999"])
def test_a_pack_says_when_it_was_made(watched: Archive, made: str | None) -> None:
    assert "it says it was made at" in str(verify({**packed(watched), "made": made}))


def documented_check() -> str:
    text = (ROOT / "docs" / "archive.md").read_text(encoding="utf-8")
    return str(re.findall(r"```python\n(.*?)```", text, re.S)[0])


def test_the_lines_in_the_documentation_check_a_pack_and_find_a_forgery(
    watched: Archive, tmp_path: Path
) -> None:
    assert len(documented_check().strip().splitlines()) <= 12
    file = tmp_path / "pack.json"

    def check() -> int:
        return subprocess.run([sys.executable, "-I", "-c", documented_check(), str(file)], check=False, capture_output=True).returncode  # fmt: skip

    document = packed(watched)
    file.write_text(json.dumps(document))
    assert check() == 0
    document["rows"][-1]["data"] = "{}"
    file.write_text(json.dumps(document))
    assert check() != 0


@given(st.recursive(st.none() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x), max_leaves=8))  # fmt: skip
def test_any_document_is_judged_and_never_crashes_the_check(document: Any) -> None:
    assert verify(document)
    assert verify({"format": "regwatch-evidence-2", "rows": document})
    assert verify({"format": "regwatch-evidence-2", "rows": [document], "head": ""})


def test_what_becomes_of_deliveries_to_a_channel_that_is_none_any_more_is_evidence(
    watched: Archive, now: datetime
) -> None:
    with watched.write() as connection:
        connection.execute("UPDATE deliveries SET state = 'pending'")
        connection.execute("UPDATE alerts SET kind = 'update' WHERE id <> 1")
    before = len(told(packed(watched), "delivery"))
    assert DeliveryLedger(watched, ("C9",)).readdress("C9", now) == 1
    moved = told(packed(watched), "delivery moved")
    assert [(m["left"], m["channel"]) for m in moved] == [("C1", "C9")]
    given_up = told(packed(watched), "delivery")[before:]
    assert given_up
    assert {(d["state"], d["last_error"]) for d in given_up} == {("abandoned", NOT_CONFIGURED)}


def test_of_one_alert_to_two_channels_that_are_none_any_more_one_is_moved(
    watched: Archive, now: datetime
) -> None:
    with watched.write() as connection:
        connection.execute("DELETE FROM deliveries")
        for channel in ("C1", "C2"):
            connection.execute(
                "INSERT INTO deliveries (alert_id, channel, uid, state, not_before, created) "
                "VALUES (1, :channel, :channel, 'pending', :now, :now)",
                {"channel": channel, "now": iso(now)},
            )
    assert DeliveryLedger(watched, ("C9",)).readdress("C9", now) == 1
    assert [m["left"] for m in told(packed(watched), "delivery moved")] == ["C1"]
