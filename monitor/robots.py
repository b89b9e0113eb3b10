"""What a site's robots.txt allows us (RFC 9309). Pure; linear in its input, whatever the patterns.

The standard library's reader takes the first rule that fits and knows no wildcards; sites write
for readers that take the longest and know ``*`` and ``$``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote, unquote_to_bytes, urlsplit

AGENT = "regwatch"
SIZE_CAP = 500_000
"""Characters read of a robots.txt: the bound that the RFC asks a reader to reach at least."""
KEEP_LEAST = timedelta(hours=1)
KEEP_MOST = timedelta(hours=24)
_DELAY_CAP_S = 3600.0


@dataclass(frozen=True, slots=True)
class Rule:
    """One ``Allow`` or ``Disallow`` line that concerns us."""

    allow: bool
    pattern: str

    def __str__(self) -> str:
        return f"{'Allow' if self.allow else 'Disallow'}: {self.pattern}"


@dataclass(frozen=True, slots=True)
class Rules:
    """What a robots.txt says to us; ``crawl_delay_s`` where it asks for a pause between requests."""

    rules: tuple[Rule, ...] = ()
    crawl_delay_s: float | None = None

    def forbidding(self, url: str) -> Rule | None:
        """The rule that forbids a URL: the longest that fits, of equals the one that allows."""
        path = _path_of(url)
        fitting = [r for r in self.rules if _fits(_normal(r.pattern), path)]
        found = max(fitting, key=lambda r: (len(_normal(r.pattern)), r.allow), default=None)
        return None if found is None or found.allow else found


def read_robots(text: str, agent: str = AGENT) -> Rules:
    """The rules for us: those of the groups that name us, else those for everybody.

    Any text gives rules; lines that are none are passed over.
    """
    groups: dict[str, list[tuple[str, str]]] = {}
    ours: set[str] = set()  # which groups a rule goes to: of strangers' names none is kept
    naming = False
    for line in text[:SIZE_CAP].lstrip("\ufeff").splitlines():
        # no pattern here: one that trims blanks at an end takes the square of a line's blanks
        name, colon, value = (part.strip() for part in line.partition("#")[0].partition(":"))
        key = name.lower() if colon else ""
        if key == "user-agent":
            ours = (ours if naming else set()) | ({agent.lower(), "*"} & {_token(value)})
            naming = True
            for group in ours:
                groups.setdefault(group, [])
        elif key in ("allow", "disallow", "crawl-delay"):
            naming = False
            for group in ours:
                groups[group].append((key, value))
    return _rules(groups.get(agent.lower(), groups.get("*", [])))


def _token(value: str) -> str:
    """A product token without its version: ``RegWatch/1.0`` means ``regwatch``."""
    match = re.match(r"\*|[a-z_-]+", value, re.I)
    return match[0].lower() if match else ""


def _rules(lines: list[tuple[str, str]]) -> Rules:
    rules = tuple(Rule(key == "allow", value) for key, value in lines if key != "crawl-delay" and value)  # fmt: skip
    delays = [float(v) for k, v in lines if k == "crawl-delay" and re.fullmatch(r"\d{1,9}(\.\d{1,6})?", v)]  # fmt: skip
    return Rules(rules, min(max(delays), _DELAY_CAP_S) if delays else None)


def origin_of(url: str) -> str:
    """What one robots.txt speaks for: scheme, host and port."""
    parts = urlsplit(url)
    return f"{parts.scheme.lower()}://{parts.netloc.rpartition('@')[2].lower()}"


def _path_of(url: str) -> str:
    parts = urlsplit(url)
    return _normal((parts.path or "/") + (f"?{parts.query}" if parts.query else ""))


def _normal(path: str) -> str:
    """One spelling: unreserved characters bare, everything else percent-encoded in capitals."""
    kept = path.replace("%2F", "%252F").replace("%2f", "%252F")  # an encoded slash is no slash
    kept = kept.replace("%2A", "%252A").replace("%2a", "%252A").replace("%24", "%2524")
    return quote(unquote_to_bytes(kept), safe="/*$?&=:@!'()+,;~%")


def _fits(pattern: str, path: str) -> bool:
    """Whether a pattern with ``*`` and a final ``$`` fits the beginning of a path."""
    whole = pattern.endswith("$")
    first, *rest = pattern.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    place = len(first)
    for n, part in enumerate(rest, 1):
        if whole and n == len(rest):
            return len(path) - len(part) >= place and path.endswith(part)
        found = path.find(part, place)
        if found < 0:
            return False
        place = found + len(part)
    return not whole or place == len(path)
