"""What is installed: locked, hashed, in step with pyproject.toml, and listed for whoever asks."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent.parent
LOCKS = ("requirements.lock", "requirements-dev.lock")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
BUILD = ("hatchling", "editables")


def blocks(lock: str) -> list[str]:
    """The lock's entries, each with its hashes."""
    return re.split(r"\n(?=\S)", (ROOT / lock).read_text(encoding="utf-8").strip())


def locked(lock: str) -> dict[str, Requirement]:
    """What a lock pins, by canonical name; an entry per environment marker is one of several."""
    found = [Requirement(block.partition("\\")[0].strip()) for block in blocks(lock)]
    return {canonicalize_name(r.name): r for r in found if not r.marker or r.marker.evaluate()}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_line_of_a_lock_is_pinned_and_hashed_and_names_no_address(lock: str) -> None:
    for block in blocks(lock):
        assert re.match(r"[a-z0-9-]+(\[[a-z_, -]+\])?==[^\s;]+( ; [^\\]+)? \\\n", block), block[:80]
        hashes = re.findall(r"--hash=sha256:([0-9a-f]{64})\b", block)
        assert hashes
        assert len(hashes) == block.count("\n")
        assert "://" not in block


@pytest.mark.parametrize(("lock", "extra"), [("requirements.lock", None), ("requirements-dev.lock", "dev")])  # fmt: skip
def test_the_lock_is_in_step_with_the_project(lock: str, extra: str | None) -> None:
    asked = [*PROJECT["dependencies"], *BUILD]
    asked += PROJECT["optional-dependencies"][extra] if extra else []
    pins = locked(lock)
    for text in asked:
        wanted = Requirement(text)
        if wanted.marker and not wanted.marker.evaluate():
            continue
        pin = pins[canonicalize_name(wanted.name)]
        (version,) = (s.version for s in pin.specifier)
        assert wanted.specifier.contains(version, prereleases=True), f"{text}: {pin}"
        assert wanted.extras <= pin.extras


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_is_complete(lock: str) -> None:
    """Whatever a pinned package needs here is pinned as well."""
    pins = locked(lock)
    missing = set()
    for name, pin in pins.items():
        try:
            needed = [Requirement(text) for text in requires(name) or []]
        except PackageNotFoundError:
            continue  # of another platform
        for wanted in needed:
            inside = any(wanted.marker.evaluate({"extra": e}) for e in ("", *pin.extras)) if wanted.marker else True  # fmt: skip
            if inside and canonicalize_name(wanted.name) not in pins:
                missing.add(f"{name} needs {wanted}")
    assert missing == set()


def test_what_runs_is_what_is_tested() -> None:
    tested = locked(LOCKS[1])
    assert {n: p.specifier for n, p in locked(LOCKS[0]).items()} == {n: tested[n].specifier for n in locked(LOCKS[0])}  # fmt: skip


def test_the_bill_of_materials_lists_what_is_locked(tmp_path: Path) -> None:
    pytest.importorskip("cyclonedx_py", reason="cyclonedx-bom is not installed")
    made = tmp_path / "bom.json"
    command = [sys.executable, "-W", "ignore", "-m", "cyclonedx_py", "requirements", "requirements.lock"]  # fmt: skip
    # validated against the CycloneDX schema by the program itself before it is written
    subprocess.run([*command, "--validate", "--pyproject", "pyproject.toml", "--output-reproducible", "--of", "JSON", "-o", str(made)], cwd=ROOT, check=True, capture_output=True)  # fmt: skip
    bom = json.loads(made.read_text())
    assert (bom["bomFormat"], bom["metadata"]["component"]["name"]) == ("CycloneDX", "regwatch")
    listed = {(c["name"], c["version"]) for c in bom["components"]}
    in_lock = {tuple(re.match(r"([a-z0-9-]+)(?:\[.*?\])?==([^\s;]+)", b).groups()) for b in blocks(LOCKS[0])}  # type: ignore[union-attr]  # fmt: skip
    assert listed == in_lock
    assert all(c["purl"].startswith("pkg:pypi/") for c in bom["components"])
    assert all(c["externalReferences"][0]["hashes"] for c in bom["components"])
