"""Names of authorities and organisations, as the press writes them, to their canonical form.

Pure. Ambiguous names (``DPC``, ``AP``, ``Target``) count only beside a cue that supports them.
Travels inside the model file as plain data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .matching import Match, PhraseIndex, Token, fold


@dataclass(frozen=True, slots=True)
class Name:
    """One authority or organisation.

    ``context`` are ambiguous aliases; they count only where one of ``cues`` or another alias
    stands in the same text. ``kind`` is ``organisation`` or an authority's kind.
    """

    name: str
    kind: str
    aliases: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    cues: tuple[str, ...] = ()
    jurisdiction: str | None = None
    national: bool = False
    domains: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mention:
    """A name found in a text."""

    name: Name
    start: int
    end: int
    words: str


@dataclass(slots=True)
class Gazetteer:
    """All names, ready to be found."""

    names: tuple[Name, ...]
    _index: PhraseIndex[tuple[Name, bool]] = field(init=False, repr=False)
    _by_alias: dict[str, Name] = field(init=False, repr=False)
    _domains: dict[str, Name] = field(init=False, repr=False)
    _national: dict[str, Name] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        loose: list[tuple[str, tuple[Name, bool]]] = []
        exact: list[tuple[str, tuple[Name, bool]]] = []
        self._by_alias, self._domains = {}, {}
        self._national = {n.jurisdiction: n for n in self.names if n.national and n.jurisdiction}
        for name in self.names:
            for alias in dict.fromkeys((name.name, *name.aliases, *name.context)):
                unsure = alias in name.context
                sharp = _is_acronym(alias) or (unsure and name.kind == "organisation")
                (exact if sharp else loose).append((alias, (name, unsure)))
                self._by_alias.setdefault(fold(alias), name)
            for domain in name.domains:
                self._domains[domain] = name
        self._index = PhraseIndex.build(loose, exact=exact)

    def find(
        self,
        text: str,
        *,
        folded: str | None = None,
        words: list[Token] | None = None,
        trust: frozenset[str] = frozenset(),
    ) -> list[Mention]:
        """The names in a text, longest first where they overlap, in the text's order.

        Ambiguous names of the kinds in ``trust`` need no support: to be used where the text is
        known to be about their subject.
        """
        folded = fold(text) if folded is None else folded
        matches = self._index.find(text, folded=folded, words=words)
        if not matches:
            return []
        sure = {m.payload[0].name for m in matches if not m.payload[1]}
        taken: list[Match[tuple[Name, bool]]] = []
        for match in sorted(matches, key=lambda m: (m.start - m.end, m.payload[1], m.start)):
            if any(match.start < t.end and t.start < match.end for t in taken):
                continue
            name, unsure = match.payload
            if unsure and name.kind not in trust and not self._supported(match, sure, folded):
                continue
            if (
                unsure
                and text[match.start - 1 : match.end + 1] == f"({match.words})"
                and match.start > 60
            ):
                continue  # "ROME (AP)" is a news agency
            taken.append(match)
        taken.sort(key=lambda m: m.start)
        return [Mention(m.payload[0], m.start, m.end, m.words) for m in taken]

    def _supported(self, match: Match[tuple[Name, bool]], sure: set[str], folded: str) -> bool:
        name = match.payload[0]
        return name.name in sure or any(cue in folded for cue in name.cues)

    def canonical(self, alias: str) -> Name | None:
        """The name an alias stands for, case and accents folded."""
        return self._by_alias.get(fold(alias.strip()))

    def national(self, jurisdiction: str) -> Name | None:
        """The data-protection authority that bears its country's name, such as the Italian one."""
        return self._national.get(jurisdiction)

    def of_domain(self, host: str) -> Name | None:
        """The authority that publishes under a host."""
        parts = host.lower().split(".")
        for start in range(len(parts) - 1):
            found = self._domains.get(".".join(parts[start:]))
            if found:
                return found
        return None

    def to_data(self) -> list[dict[str, Any]]:
        """Plain data for the model file."""
        keys = ("aliases", "context", "cues", "jurisdiction", "national", "domains")
        return [
            {"name": n.name, "kind": n.kind}
            | {key: getattr(n, key) for key in keys if getattr(n, key)}
            for n in self.names
        ]

    @classmethod
    def from_data(cls, data: Sequence[Mapping[str, Any]]) -> Gazetteer:
        """A gazetteer from ``to_data``."""
        lists = ("aliases", "context", "cues", "domains")
        return cls(
            tuple(
                Name(**dict[str, Any]((k, tuple(v) if k in lists else v) for k, v in entry.items()))
                for entry in data
            )
        )


def _is_acronym(alias: str) -> bool:
    """Short names in capitals match only so: ``AP`` is an authority, ``ap`` is not."""
    return len(alias) <= 8 and alias.isascii() and alias.isupper()
