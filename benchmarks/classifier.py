"""Speed and memory of the classifier: loading, screening and judging."""

from __future__ import annotations

import resource
import time
from pathlib import Path

from classifiers.examples import read_examples
from classifiers.model import Model
from monitor.defaults import shipped, shipped_model


def main() -> None:
    """Run and print."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    model = Model.load(shipped_model())
    print(
        f"load: {(time.perf_counter() - began) * 1000:.0f} ms, {(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024:.0f} MB"
    )
    examples = read_examples(Path(shipped("seeds")), [])
    for name, wanted in (
        ("ordinary", [e.item for e in examples if e.kind == "general"]),
        ("relevant", [e.item for e in examples if e.kind == "enforcement"]),
    ):
        items = wanted * max(1, 20000 // len(wanted))
        began = time.perf_counter()
        for item in items:
            model.judge(item)
        print(f"{name}: {len(items) / (time.perf_counter() - began):,.0f} items/s")


if __name__ == "__main__":
    main()
