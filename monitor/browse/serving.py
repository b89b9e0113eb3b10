"""How Datasette is called: its arguments and its description of the archive. Starts nothing.

0.65 takes the description as metadata; 1.0 takes queries and facets as configuration and the
rest as metadata, and ignores in each what belongs to the other: it gets the one file twice.
"""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from ..store.comments import comments

HERE = Path(__file__).parent
_SETTINGS = {
    "default_page_size": 50,
    "facet_time_limit_ms": 500,
    "sql_time_limit_ms": 5000,
    "suggest_facets": "off",
}


def description(archive: Path) -> str:
    """The description with the archive's own name: Datasette calls a database as its file.

    What tables and columns mean comes from the comments that the documents are made of.
    """
    told = yaml.safe_load((HERE / "datasette.yaml").read_text(encoding="utf-8"))
    database = told["databases"].pop("regwatch")
    for name, comment in comments().items():
        table = database["tables"].setdefault(name, {})
        table.setdefault("description", f"{comment.meaning[0].upper()}{comment.meaning[1:]}.")
        table.setdefault("columns", dict(comment.columns))
    told["databases"] = {archive.stem: database}
    return yaml.safe_dump(told, allow_unicode=True, sort_keys=False)


def arguments(version: str, archive: Path, described: Path, port: int) -> list[str]:
    """What follows the name of the command. ``version`` is what ``datasette --version`` says."""
    found = re.search(r"(\d+)\.\d+", version)
    modern = found is not None and int(found[1]) >= 1
    settings = [
        word for name, value in _SETTINGS.items() for word in ("--setting", name, str(value))
    ]
    return [
        "serve", str(archive), "--host", "127.0.0.1", "--port", str(port),
        "--metadata", str(described), *(("--config", str(described)) if modern else ()),
        "--plugins-dir", str(HERE / "plugins"), "--static", f"regwatch-static:{HERE / 'static'}", *settings,
    ]  # fmt: skip
