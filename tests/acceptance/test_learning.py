"""``train``, ``rescore`` and ``evaluate`` as a user runs them, on a small topic of the user's own."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

CHILDREN = Path(__file__).parent.parent / "data" / "topics" / "children"
ITEMS = [
    {"title": "Regulator fines game studio over profiles of children", "summary": "No consent for the data of minors, the watchdog found; an order follows."},
    {"title": "Bakery wins prize", "summary": "Its bread has been made in the same way since 1911."},
]  # fmt: skip


@pytest.fixture
def topic(regwatch: Any, tmp_path: Path) -> Path:
    """A folder with a topic of its own, a model for it and two archived entries."""
    shutil.copytree(CHILDREN, tmp_path / "children")
    (tmp_path / "feeds.yaml").write_text("archive: a.db\nseeds: [children/]\nalerts: {threshold: 0.2}\n")  # fmt: skip
    (tmp_path / "items.jsonl").write_text("\n".join(map(json.dumps, ITEMS)))
    return tmp_path


def test_a_new_model_names_what_it_would_change_then_judges_the_archive(
    regwatch: Any, topic: Path
) -> None:
    regwatch("ingest", "items.jsonl")  # by the shipped model: no word of artificial intelligence
    assert json.loads(regwatch("hits", "--json").stdout) == []
    tried = json.loads(regwatch("train", "--dry-run", "--json").stdout)
    assert [c["change"] for c in tried["changes"]] == ["hit"]
    assert (tried["written"], (topic / "model.json").exists()) == (None, False)
    trained = regwatch("train")
    assert "1 archived entries would be judged otherwise" in trained.stdout
    assert json.loads(regwatch("rescore", "--json").stdout)["hits"] == 1
    assert json.loads(regwatch("rescore", "--json").stdout)["judged"] == 0
    assert len(json.loads(regwatch("hits", "--json").stdout)) == 1


def test_a_candidate_that_is_worse_is_refused_and_force_takes_it(
    regwatch: Any, topic: Path
) -> None:
    regwatch("train")
    model = topic / "model.json"
    better = json.loads(model.read_text())
    better["measured"]["average_precision"] = 0.999
    model.write_text(json.dumps(better))
    refused = regwatch("train")
    assert refused.returncode == 2
    assert "refused: cross-validated average precision falls from 0.999" in refused.stderr
    assert json.loads(model.read_text()) == better
    assert not list(topic.glob("*.candidate"))
    assert regwatch("train", "--force").returncode == 0
    assert json.loads(model.read_text()) != better


def test_bad_seeds_are_named_all_at_once_and_the_model_in_force_stays(
    regwatch: Any, topic: Path
) -> None:
    regwatch("train")
    before = (topic / "model.json").read_bytes()
    with (topic / "children" / "stories" / "steps.yaml").open("a") as file:
        file.write('- {event: x, title: "One"}\n- {event: y, title: "Two", label: perhaps}\n')
    done = regwatch("train")
    assert done.returncode == 2
    assert "steps.yaml:11: label: missing" in done.stderr
    assert "steps.yaml:12: label: 'perhaps' is not one of" in done.stderr
    assert (topic / "model.json").read_bytes() == before


def test_an_evaluation_reports_calibration_base_rate_and_draws_both_plots(
    regwatch: Any, topic: Path
) -> None:
    done = regwatch("evaluate", "--json", "--plot", "curve.svg")
    result = json.loads(done.stdout)
    assert 0 <= result["precision_at_base_rate"] <= 1
    assert set(result["flagged_by_kind"]) == {
        "enforcement",
        "no-children",
        "no-data",
        "policy",
        "general",
    }
    assert len(result["baselines"]) == 3
    for name in ("curve.svg", "curve-reliability.svg"):
        assert (topic / name).read_text().startswith("<svg")
