"""Files that somebody hands to a command: a configuration, and JSON Lines of items or judgements.

A file is read, or each of its problems is named with its line; one bad line costs itself only.
"""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from classifiers.facts import find_facts
from monitor.config import load
from monitor.defaults import shipped as shipped_folder
from monitor.errors import ConfigError
from monitor.items import as_item, as_line, read_lines, scored, sourced
from monitor.measuring import as_text, measure_file
from monitor.recording import record_items

from .archives import opened, recorder
from .documents import NOW, shipped

_CONFIG = b"""archive: a.db\npoll: {interval: 1h, allow_addresses: [127.0.0.0/8]}\nalerts:\n  quiet_hours: {begins: "22:00", ends: "07:00", zone: Europe/Berlin}\nfeeds:\n  - {name: A, url: 'https://e.example/feed', kind: press, jurisdiction: GB}\n  - {name: B, watch: 'https://e.example/news', kind: ngo, entry: li}\n"""
_MORE = b"""seeds: [builtin, "."]\npoll: {max_body: 10MB, contact: "a@b.example", timeout: 30s}\nkeep: {text: 90d, export: "hits.csv"}\nalerts:\n  slack: {channel: C0123, token_file: "token"}\n  tiers: {act_now: [{actions: [fine], min_amount: 1000000.0}], digest: [{below_score: 0.7}]}\n  digest: {at: "08:30", zone: UTC}\n  routes: [{channel: C1, organisations: [OpenAI], tiers: [digest]}]\nfeeds:\n  - &a {name: A, url: 'https://e.example/feed', kind: press, interval: 30m, fallbacks: ['https://e.example/b'], headers_env: {X-Key: KEY}}\n"""
_LINE = '{"title": "ICO fines Clearview AI £7.5m over facial recognition", "summary": "The company\'s database of faces breached UK data protection law.", "url": "https://ico.example/1", "published": "2026-11-24", "source": "ICO", "lang": "en", "id": 1, "label": "relevant", "story": "a", "regulator": "ICO", "amount": 7500000, "currency": "GBP", "jurisdiction": "GB", "action": "fine"}'.encode()


@cache
def folder() -> Path:
    """A place for files, this process's own."""
    return Path(tempfile.mkdtemp(prefix="regwatch-fuzz-"))


def configuration(data: bytes) -> None:
    """Any file: a configuration that can be used, or every problem with its line."""
    path = folder() / "feeds.yaml"
    (folder() / "token").write_text("xoxb-2")
    path.write_bytes(data)
    try:
        config = load(path, environ={"SLACK_BOT_TOKEN": "xoxb-1"}, builtin=shipped_folder("seeds"))
    except ConfigError as error:
        assert error.problems
        assert all(problem.strip() for problem in error.problems)
        assert all(problem.isprintable() for problem in error.problems), error.problems
        return
    assert len({feed.name for feed in config.feeds}) == len(config.feeds)
    assert all(feed.interval >= timedelta(minutes=15) for feed in config.feeds)  # fmt: skip
    assert not any("\0" in str(place) for place in (config.archive, *config.seeds))
    config.poll.contact.encode("ascii")  # it stands in a header
    for lasting in (config.poll.interval, config.keep.text, config.alerts.fresh_for):
        assert NOW - lasting < NOW + lasting or not lasting
    assert config.alerts.policy().not_before(None, NOW) >= NOW
    for watched in config.feeds:
        assert watched.url.lower().startswith(("http://", "https://"))
        assert NOW + watched.interval > NOW


def lines(data: bytes) -> None:
    """JSON Lines for ``score``, ``ingest`` and ``evaluate``: each line an item or a problem."""
    read = list(read_lines(io.BytesIO(data)))
    numbers = [line.number for line in read]
    assert numbers == sorted(set(numbers))
    good = [line.item for line in read if line.item is not None]
    assert all(line.problem for line in read if line.item is None)
    for value in good[:20]:
        _scored(value)
    _measured(good[:20])
    _kept(good[:20])


def _scored(value: dict[str, Any]) -> None:
    """What comes out is the same object with more in it, as a line of strict JSON."""
    item = as_item(value)
    verdict = shipped().judge(item, threshold=0.5)
    assert 0.0 <= verdict.score <= 1.0
    text = as_line(scored(value, verdict, find_facts(item, shipped().gazetteer)))
    text.encode()
    assert "\n" not in text
    back = json.loads(text, parse_constant=_no_json)
    assert set(value) <= set(back)
    assert back["title"] == value["title"]


def _no_json(name: str) -> None:
    raise AssertionError(f"{name} is no JSON")


def _measured(values: list[dict[str, Any]]) -> None:
    result = measure_file(shipped(), 0.5, values, facts=True, stories=True)
    assert result["items"] <= len(values)
    assert 0.0 <= result["precision"] <= 1.0
    assert 0.0 <= result["recall"] <= 1.0
    assert as_text(result, errors=True)


def _kept(values: list[dict[str, Any]]) -> None:
    """As ``ingest`` keeps them: nothing is lost silently, and what was kept is known again."""
    with opened() as archive:
        items = [sourced(value) for value in values]
        done = record_items(recorder(archive), items, now=NOW, alert=False)
        held = archive.rows("SELECT count(*) AS n FROM entries")[0]["n"]
        assert held == done.new <= len(items)
        assert bool(held) == bool(items)
        assert record_items(recorder(archive), items, now=NOW, alert=False).new == 0


TARGETS: dict[str, Callable[[bytes], None]] = {"configuration": configuration, "lines": lines}
SAMPLES: dict[str, tuple[bytes, ...]] = {
    "configuration": (_CONFIG, _MORE),
    "lines": (
        _LINE,
        _LINE + b"\n" + _LINE.replace(b"ICO", b"CNIL").replace(b'"id": 1', b'"id": "2"'),
        b'{"title": "T"}\n\n{"title": 5}\nnot JSON\n{"title": "half \\ud800", "more": [1.5, {"deep": [true, null]}]}',
    ),
}
