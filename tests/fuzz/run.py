"""A long run over every target: ``python tests/fuzz/run.py [SECONDS_PER_TARGET] [TARGET ...]``.

With atheris (coverage-guided) where it is installed, else with hypothesis. What can be counted
comes before: every word of a sample replaced, and long inputs, whose cost may not grow faster than
they do. What breaks something is kept in ``.fuzz/``, printed, and makes the exit code 1.
"""

from __future__ import annotations

import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from random import Random, shuffle

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent.parent)]
FOUND = Path(".fuzz")


def guided(name: str, seconds: int) -> None:
    """One target under libFuzzer; ends the process."""
    import atheris
    from fuzz.mutations import changed

    with atheris.instrument_imports(include=["monitor", "classifiers", "feedparser"]):
        from fuzz.targets import SAMPLES, TARGETS

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        chance = Random(seed)
        if chance.random() < 0.5:
            return atheris.Mutate(data, most)
        return changed(data, SAMPLES[name], chance)[:most]

    corpus = FOUND / name
    corpus.mkdir(parents=True, exist_ok=True)
    for n, sample in enumerate(SAMPLES[name]):
        (corpus / f"sample-{n}").write_bytes(sample)
    options = [f"-max_total_time={seconds}", "-timeout=20", "-rss_limit_mb=2000", "-max_len=20000"]
    arguments = [sys.argv[0], *options, f"-artifact_prefix={FOUND}/{name}-", str(corpus)]
    atheris.Setup(arguments, TARGETS[name], custom_mutator=mutate)
    atheris.Fuzz()


def unguided(name: str, seconds: int) -> None:
    """One target with hypothesis, round after round of new random inputs."""
    from fuzz.mutations import mutated
    from fuzz.targets import SAMPLES, TARGETS
    from hypothesis import HealthCheck, given, settings

    ends, rounds = time.monotonic() + seconds, 0

    @settings(
        max_examples=1000,
        deadline=None,
        derandomize=False,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )
    @given(mutated(SAMPLES[name]))
    def run(data: bytes) -> None:
        TARGETS[name](data)

    while time.monotonic() < ends:
        run()
        rounds += 1
    print(f"{name}: {rounds * 1000} inputs, nothing broke", flush=True)


def listed(name: str, seconds: int) -> None:
    """What can be counted: each word of a sample replaced, as far as a fifth of the time goes, in
    an order of chance; each piece said over and over.
    """
    from fuzz.mutations import STUMBLES, swapped
    from fuzz.targets import SAMPLES, TARGETS, in_proportion

    every = swapped(SAMPLES[name])
    shuffle(every)
    ends = time.monotonic() + seconds / 5
    for tried, data in enumerate(every):
        if time.monotonic() > ends:
            print(f"{name}: {tried} of {len(every)} words replaced")
            break
        try:
            TARGETS[name](data)
        except BaseException:
            (FOUND / f"{name}-swapped").write_bytes(data)
            raise
    for piece in (*SAMPLES[name], *STUMBLES):
        in_proportion(name, piece)


WAYS = {"atheris": guided, "hypothesis": unguided, "listed": listed}


def main() -> int:
    """Run every target in a process of its own."""
    if sys.argv[1:2] == ["--one"]:
        WAYS[sys.argv[2]](sys.argv[3], int(sys.argv[4]))
        return 0
    from fuzz.targets import TARGETS

    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    how = "atheris" if find_spec("atheris") else "hypothesis"
    if how == "hypothesis":
        print("atheris is not installed (pip install atheris): unguided, with hypothesis")
    FOUND.mkdir(exist_ok=True)
    broken = []
    for name in sys.argv[2:] or TARGETS:
        print(f"== {name}: {seconds} s with {how}", flush=True)
        for way in ("listed", how):
            command = [sys.executable, __file__, "--one", way, name, str(seconds)]
            if subprocess.run(command, check=False).returncode != 0:
                broken.append(f"{name} ({way})")
    print(f"broken: {', '.join(broken)}" if broken else "nothing broke")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
