"""A text laid out to be read for facts: its zones, the names and the places in it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from .gazetteer import Gazetteer, Mention, Name
from .matching import fold, tokens
from .places import Place, country_of, find_places, zone
from .verdict import Item

CAP = 8000
"""Characters of summary and text looked at."""
TITLE_CAP = 1000
AUTHORITIES = frozenset({"dpa", "consumer", "communications", "ag"})
"""Kinds of names that act; a court rules, an NGO complains."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A text with what is named in it.

    ``zones`` are the offsets where the title and the summary end; ``publisher`` is the authority
    whose page it is, ``source`` the jurisdiction of its feed, each where known; ``unsettled`` are
    authorities' names of which the text does not say whose they are.
    """

    text: str
    folded: str
    zones: tuple[int, int]
    mentions: tuple[Mention, ...]
    places: tuple[Place, ...]
    gazetteer: Gazetteer
    publisher: Name | None = None
    source: str | None = None
    unsettled: tuple[Mention, ...] = ()

    @property
    def title(self) -> str:
        """The headline."""
        return self.text[: self.zones[0]]

    @property
    def front(self) -> str:
        """Headline and summary."""
        return self.text[: self.zones[1]]

    @property
    def body(self) -> str:
        """What follows the headline."""
        return self.text[self.zones[0] :]

    def zone(self, start: int) -> int:
        """0 in the title, 1 in the summary, 2 in the text."""
        return zone(start, self.zones)

    def of_kind(self, kinds: Iterable[str]) -> list[Mention]:
        """Mentions of some kinds, those of the title first, then the summary's, then the text's."""
        wanted = frozenset(kinds)
        return [m for m in self.mentions if m.name.kind in wanted]

    def country(self, *, front: bool = False) -> str | None:
        """The country the text is about, by its words alone."""
        places = [p for p in self.places if not front or self.zone(p.start) < 2]
        return country_of(places, self.zones)


def lay_out(
    item: Item, gazetteer: Gazetteer, *, host: str | None = None, source: str | None = None
) -> Scene:
    """Read an item's names and places."""
    title, summary = item.title[:TITLE_CAP], item.summary[:CAP]
    text = f"{title}\n{summary}\n{item.text[: CAP - len(summary)]}"
    folded = fold(text)
    words = tokens(folded)
    found = gazetteer.find(text, folded=folded, words=words, trust=AUTHORITIES)
    scene = Scene(
        text=text,
        folded=folded,
        zones=(len(title), len(title) + len(summary) + 1),
        mentions=(),
        places=tuple(find_places(text, folded, words)),
        gazetteer=gazetteer,
        publisher=gazetteer.of_domain(host) if host else None,
        source=source,
    )
    settled: list[Mention] = []
    unsettled: list[Mention] = []
    for mention in found:
        meant = _settled(mention, scene)
        (unsettled if meant is None else settled).append(meant or mention)
    settled.sort(key=lambda m: (scene.zone(m.start), m.start))
    return replace(scene, mentions=tuple(settled), unsettled=tuple(unsettled))


_GENERIC = frozenset(
    [
        "a",
        "an",
        "the",
        "of",
        "for",
        "and",
        "on",
        "to",
        "in",
        "de",
        "des",
        "du",
        "da",
        "do",
        "della",
        "dei",
        "di",
        "per",
        "la",
        "le",
        "les",
        "l",
        "los",
        "las",
        "en",
        "y",
        "et",
        "e",
        "und",
        "fur",
        "der",
        "die",
        "das",
        "den",
        "van",
        "voor",
        "data",
        "protection",
        "privacy",
        "personal",
        "information",
        "commission",
        "commissioner",
        "authority",
        "agency",
        "office",
        "inspectorate",
        "supervisory",
        "regulator",
        "watchdog",
        "ombudsman",
        "national",
        "state",
        "federal",
        "high",
        "court",
        "supreme",
        "appeal",
        "tribunal",
        "district",
        "department",
        "board",
        "autorite",
        "protection",
        "donnees",
        "commission",
        "nationale",
        "autoridad",
        "agencia",
        "proteccion",
        "datos",
        "personales",
        "autoridade",
        "comissao",
        "nacional",
        "protecao",
        "dados",
        "autorita",
        "protezione",
        "dati",
        "personali",
        "datenschutzbehorde",
        "datenschutzbeauftragte",
        "datenschutzaufsicht",
        "aufsichtsbehorde",
        "behorde",
        "toezichthouder",
        "privacywaakhond",
        "waakhond",
        "gerechtshof",
        "justica",
        "gericht",
        "urzad",
        "ochrony",
        "danych",
        "osobowych",
        "organ",
    ]
)
_LINK = re.compile(
    r"\W*(?:of|in|for|from|de|du|des|d|della|del|dell|di|do|da|von|aus|van|voor|w|na|en|em|et des libertes)?\W+(?:the|la|l|le|les|der|den|die|het)?\W{0,2}",
    re.I,
)


def _settled(mention: Mention, scene: Scene) -> Mention | None:
    """Which of the bearers of a name is meant: by the country beside it, else the text's."""
    bearers = (mention.name, *mention.others)
    generic = _is_generic(mention.words)
    if mention.name.kind in ("organisation", "ngo") or (len(bearers) == 1 and not _open(mention)):
        return mention
    if generic and mention.words[0].islower() and any(mention.words in n.context for n in bearers):
        return None  # "protección de datos" is a subject, "Protección de Datos" an agency
    name = _beside(mention, bearers, scene, generic=_open(mention))
    name = name or _about(bearers, scene, generic)
    return None if name is None else Mention(name, mention.start, mention.end, mention.words)


def _open(mention: Mention) -> bool:
    """Whether other countries have an authority of that name: the Irish one is a "Garante" too."""
    return mention.words.lower() == "garante" or _is_generic(mention.words)


def _is_generic(words: str) -> bool:
    """Whether a name consists of words that any such authority's name has."""
    return all(w.rstrip("'s") in _GENERIC or w in _GENERIC for w in re.findall(r"[^\W\d_]+", fold(words)))  # fmt: skip


def _beside(mention: Mention, bearers: tuple[Name, ...], scene: Scene, *, generic: bool) -> Name | None:  # fmt: skip
    """The bearer, or the national authority, of the country that stands right beside the name."""
    for place in scene.places:
        before = 0 <= mention.start - place.end <= 3
        after = 0 <= place.start - mention.end <= 20 and _LINK.fullmatch(scene.folded, mention.end, place.start)  # fmt: skip
        if not (before or after):
            continue
        own = _of(bearers, place.code)
        if own is not None:
            return own
        if generic and mention.name.kind == "dpa":
            return authority_of(place, scene.gazetteer)
    return None


def _about(bearers: tuple[Name, ...], scene: Scene, generic: bool) -> Name | None:
    """The bearer in a country the text, its page or its source is of; else the only one."""
    told = sorted(scene.places, key=lambda p: (p.aside, scene.zone(p.start), p.start))
    publisher = scene.publisher.jurisdiction if scene.publisher else None
    codes = [*(p.code for p in told), *(c for c in (publisher, scene.source) if c)]
    own = next((n for c in codes if (n := _of(bearers, c)) is not None), None)
    if own is not None:
        return own
    sure = [p for p in told if not p.aside and p.code != "EU"]
    if generic and sure:
        return authority_of(sure[0], scene.gazetteer) if bearers[0].kind == "dpa" else None
    if len(bearers) == 1:
        return bearers[0]
    known = [n for n in bearers if n.national]
    return known[0] if len(known) == 1 else None


def _of(names: Iterable[Name], code: str) -> Name | None:
    country = code.partition("-")[0]
    return next((n for n in names if n.jurisdiction in (code, country)), None)


def authority_of(place: Place, gazetteer: Gazetteer) -> Name | None:
    """The data-protection authority of a place: the region's own, else the country's."""
    return gazetteer.national(place.code) or gazetteer.national(place.country)
