"""Lines of items as anybody may write them: each is read, or named as bad, and none stops the others."""

from __future__ import annotations

import json

import pytest

from classifiers.facts import Facts
from classifiers.model import Model
from monitor.items import as_item, as_line, read_lines, scored, sourced
from monitor.measuring import measure_file


@pytest.mark.parametrize(("number", "said"), [("NaN", "NaN is no JSON"), ("-Infinity", "-Infinity is no JSON"), ("1e999", "1e999 is too large a number"), ("9" * 5000, "not JSON")])  # fmt: skip
def test_a_number_that_json_cannot_say_again_is_a_bad_line(number: str, said: str) -> None:
    bad, good = read_lines([f'{{"title": "T", "more": [{number}]}}', '{"title": "T", "more": 1.5}'])
    assert bad.item is None
    assert said in str(bad.problem)
    assert good.item == {"title": "T", "more": 1.5}


def test_what_is_scored_comes_out_as_json_again(model: Model) -> None:
    (line,) = read_lines(['{"title": "half \\ud800 of é", "more": {"a": [1e300, null]}}'])
    assert line.item is not None
    out = as_line(scored(line.item, model.judge(as_item(line.item)), Facts()))
    out.encode()
    assert json.loads(out)["more"] == {"a": [1e300, None]}


@pytest.mark.parametrize(("source", "name"), [("ICO\ud800\x1b", "ICO"), ("  ", "ingest"), ("", "ingest"), (None, "ingest"), ("x" * 900, "x" * 200)])  # fmt: skip
def test_a_source_is_kept_by_a_name_that_an_archive_takes(source: str | None, name: str) -> None:
    assert sourced({"title": "T", "source": source})[0] == name


@pytest.mark.parametrize("amount", ["7.5m", [7], {}, 10**400, -5, True])
def test_a_labelled_sum_that_is_none_labels_nothing(model: Model, amount: object) -> None:
    value = {"title": "ICO fines Clearview AI £7.5m", "label": "relevant", "amount": amount}
    result = measure_file(model, 0.5, [value], facts=True, stories=True)
    assert result.get("fact_amount_labelled", 0) == int(amount is True)
