"""Build the generated references: docs/config.md and docs/cli.md.

With --check nothing is written; the exit code says whether they are up to date.
"""

import sys
from pathlib import Path

from monitor.documents import command_reference, configuration_reference

ROOT = Path(__file__).resolve().parent.parent
BUILT = {"config.md": configuration_reference, "cli.md": command_reference}
stale = []
for name, build in BUILT.items():
    path, text = ROOT / "docs" / name, build()
    if "--check" in sys.argv:
        stale += [name] if not path.exists() or path.read_text(encoding="utf-8") != text else []
    else:
        path.write_text(text, encoding="utf-8")
if stale:
    sys.exit(f"run `make docs`: {', '.join(stale)} not up to date")
