"""Build the generated references: docs/config.md, docs/cli.md, and the tables in docs/archive.md.

With --check nothing is written; the exit code says whether they are up to date.
"""

import sys
from pathlib import Path

from monitor.archive_guide import with_reference
from monitor.documents import command_reference, configuration_reference

ROOT = Path(__file__).resolve().parent.parent
BUILT = {
    "config.md": lambda _: configuration_reference(),
    "cli.md": lambda _: command_reference(),
    "archive.md": with_reference,
}
stale = []
for name, build in BUILT.items():
    path = ROOT / "docs" / name
    there = path.read_text(encoding="utf-8") if path.exists() else ""
    text = build(there)
    if "--check" in sys.argv:
        stale += [name] if there != text else []
    else:
        path.write_text(text, encoding="utf-8")
if stale:
    sys.exit(f"run `make docs`: {', '.join(stale)} not up to date")
