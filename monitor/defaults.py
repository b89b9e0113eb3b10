"""Where the shipped ``feeds.yaml``, seeds and model lie: in the installed package, or the checkout."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

_PACKAGE = Path(str(files("monitor")))


def shipped(name: str) -> Path:
    """A shipped file or folder: ``feeds.yaml`` or ``seeds``."""
    packaged = _PACKAGE / "_data" / name
    return packaged if packaged.exists() else _PACKAGE.parent / name


def shipped_model() -> Path:
    """The model built from the shipped seeds."""
    return Path(str(files("classifiers"))) / "data" / "model.json.gz"
