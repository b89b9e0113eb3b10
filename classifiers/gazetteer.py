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
    stands in the same text. ``kind`` is ``organisation`` or an authority's kind. ``national`` says
    that it is the data-protection authority of its jurisdiction, or of ``region`` (ISO 3166-2).
    """

    name: str
    kind: str
    aliases: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    cues: tuple[str, ...] = ()
    jurisdiction: str | None = None
    national: bool = False
    region: str | None = None
    domains: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mention:
    """A name found in a text; ``others`` bear the same name elsewhere, such as a second DPC."""

    name: Name
    start: int
    end: int
    words: str
    others: tuple[Name, ...] = ()


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
        self._national = {n.region or n.jurisdiction or "": n for n in self.names if n.national}
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
        others: dict[int, list[Name]] = {}
        for match in sorted(matches, key=lambda m: (m.start - m.end, m.payload[1], m.start)):
            name, unsure = match.payload
            if unsure and name.kind not in trust and not self._supported(match, sure, folded):
                continue
            if _is_word(match, text) or (unsure and _is_agency(match, text)):
                continue
            over = next((t for t in taken if match.start < t.end and t.start < match.end), None)
            if over is None:
                taken.append(match)
            elif (over.start, over.end) == (match.start, match.end) and over.payload[0] is not name:
                others.setdefault(over.start, []).append(name)
        taken.sort(key=lambda m: m.start)
        return [
            Mention(m.payload[0], m.start, m.end, m.words, tuple(others.get(m.start, ())))
            for m in taken
        ]

    def _supported(self, match: Match[tuple[Name, bool]], sure: set[str], folded: str) -> bool:
        name = match.payload[0]
        return name.name in sure or any(cue in folded for cue in name.cues)

    def canonical(self, alias: str) -> Name | None:
        """The name an alias stands for, case and accents folded."""
        return self._by_alias.get(fold(alias.strip()))

    def national(self, jurisdiction: str) -> Name | None:
        """The data-protection authority of a country or region, such as the Italian one."""
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
        keys = ("aliases", "context", "cues", "jurisdiction", "national", "region", "domains")
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


_AGENCY_AFTER = 60


def _is_agency(match: Match[tuple[Name, bool]], text: str) -> bool:
    """``ROME (AP)`` is a news agency, not the Dutch authority."""
    bracketed = text[match.start - 1 : match.end + 1] == f"({match.words})"
    return bracketed and match.start > _AGENCY_AFTER


def _is_word(match: Match[tuple[Name, bool]], text: str) -> bool:
    """A company's short name in lower case or with other accents is a word: ``meta``, ``über``."""
    said = match.words
    if match.payload[0].kind != "organisation" or len(said) > _SHORT or " " in said:
        return False
    return (said.islower() and said.isalpha() and ord(said[0]) < 0x2E80) or "ü" in said.lower()


_SHORT = 6


def _is_acronym(alias: str) -> bool:
    """Short names in capitals match only so: ``AP`` is an authority, ``ap`` is not."""
    return len(alias) <= 8 and alias.isascii() and alias.isupper()
