"""Speed and memory of the classifier: loading, judging, and the whole command ``regwatch score``."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from classifiers.model import Model
from classifiers.topic import Topic
from classifiers.training import train
from classifiers.verdict import Item
from monitor.defaults import shipped, shipped_model

ITEMS = 100_000


def main() -> None:
    """Run and print."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    model = Model.load(shipped_model())
    took = (time.perf_counter() - began) * 1000
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"load: {took:.0f} ms, {grown:.0f} MB")
    began = time.perf_counter()
    topic = Topic.load([shipped("seeds")])
    train(topic)
    print(f"reading the seeds and training: {time.perf_counter() - began:.1f} s")
    kinds = topic.settings.kinds
    ordinary = [e.item for e in topic.examples if e.kind in kinds["ordinary"]]
    for name, items in (
        ("ordinary", ordinary),
        ("relevant", [e.item for e in topic.examples if e.kind in kinds["relevant"]]),
    ):
        print(f"{name}: {_rate(model, items):,.0f} items/s")
    print(f"regwatch score, whole command: {_command_rate(ordinary):,.0f} items/s")


def _rate(model: Model, items: Sequence[Item]) -> float:
    repeated = list(items) * max(1, 20_000 // len(items))
    began = time.perf_counter()
    for item in repeated:
        model.judge(item)
    return len(repeated) / (time.perf_counter() - began)


def _command_rate(items: Sequence[Item]) -> float:
    """Items per second from the command's start to its end, start-up included."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "items.jsonl"
        lines = [json.dumps({"title": i.title, "summary": i.summary}) for i in items]
        file.write_text("\n".join((lines * (ITEMS // len(lines) + 1))[:ITEMS]))
        began = time.perf_counter()
        with (Path(folder) / "scored.jsonl").open("w") as out:
            subprocess.run([sys.executable, "-m", "monitor", "score", str(file)], stdout=out, check=True)  # fmt: skip
        return ITEMS / (time.perf_counter() - began)


if __name__ == "__main__":
    main()
