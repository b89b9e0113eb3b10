"""Who acts in a text: authorities by name, by task and country, or by their country alone. Pure.

The leading one is the first in the title, else in the summary, else in the text; a ruling is its
court's, a complaint is told apart from whoever complains.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .courts import find_court
from .gazetteer import Mention, Name
from .places import Place
from .scene import AUTHORITIES, Scene, authority_of


@dataclass(frozen=True, slots=True)
class Actors:
    """The leading authority with the words that tell it, all of them, courts and complainants."""

    lead: Mention | None
    all: tuple[Name, ...]
    court: Name | None
    complainant: Name | None


def find_actors(scene: Scene, action: str | None) -> Actors:
    """Who acts, complains and rules."""
    named = _ordered(scene)
    courts = scene.of_kind({"court"})
    ngos = scene.of_kind({"ngo"})
    if action == "court-ruling" and not courts:
        courts = [m for m in (find_court(scene),) if m is not None]
    several = _several(scene) if action in ("complaint", "settlement", "warning", "investigation") else None  # fmt: skip
    told = _told(scene, complaint=action == "complaint" and bool(ngos), action=action)
    lead = _leading(scene, named, courts, told, several, action)
    names = [*([lead.name] if lead else []), *(m.name for m in _front([*named, *courts], scene))]
    return Actors(
        lead=lead,
        all=tuple(dict.fromkeys(names)),
        court=courts[0].name if courts else None,
        complainant=ngos[0].name if ngos else None,
    )


def _ordered(scene: Scene) -> list[Mention]:
    """The authorities named, the page's own first where its headline names no other."""
    named = scene.of_kind(AUTHORITIES)
    # beside a data-protection authority a prosecutor is the one that joins in
    if any(m.name.kind == "dpa" and m.start < scene.zones[0] + 200 for m in named):
        named.sort(key=lambda m: m.name.kind == "ag")
    own = scene.publisher
    if own is None or own.kind not in AUTHORITIES:
        return named
    titled = any(scene.zone(m.start) == 0 for m in named)
    if named and (titled or own.jurisdiction == "EU"):
        return named
    return [Mention(own, 0, 0, own.name), *named]


def _front(mentions: list[Mention], scene: Scene) -> list[Mention]:
    """Those of headline and summary; what only the text names is background."""
    front = [m for m in mentions if scene.zone(m.start) < 2]
    return front or mentions


def _leading(
    scene: Scene,
    named: list[Mention],
    courts: list[Mention],
    told: Mention | None,
    several: Mention | None,
    action: str | None,
) -> Mention | None:
    if action == "court-ruling" and courts:
        return courts[0]
    if several is not None and not any(scene.zone(m.start) == 0 for m in named):
        return several
    if told is not None and (not named or scene.zone(told.start) < scene.zone(named[0].start)):
        same = [m for m in named if m.name.jurisdiction == told.name.jurisdiction]
        return same[0] if same else told
    if named:
        return named[0]
    return courts[0] if courts else None


_TASK = re.compile(
    r"(?:privacy|data(?:[ -](?:protection|privacy))?|information)[ -](?:\w+ )?(?:regulator|watchdog|authorit|commission|agenc|ombudsman|inspectorate|bod(?:y|ies)\b)"
    r"|\b(?:regulator|watchdog|authorit(?:y|ie)|dpa)s? (?:in|of)\b|\bdpas?\b"
    r"|autorite\w* (?:\w+ )?(?:de|du|chargee de la) (?:protection|controle)|gendarme (?:\w+ )?(?:de la vie|des donnees)|regulateur|autorite (?!de la conc)\w+"
    r"|datenschutz\w*(?:behorde|aufsicht|beauftragt|kommission|wachter)|datenschutzer|aufsichtsbehorde"
    r"|autorita (?:\w+ )?(?:per la |garante |di )?(?:privacy|protezione|controllo)|\bgarante\b"
    r"|(?:autoridad|agencia|autoridade) (?:\w+ )?(?:nacional )?(?:de|para la) (?:proteccion|protecao)|regulador"
    r"|privacy-?(?:waakhond|toezichthouder|autoriteit)|toezichthouder|waakhond"
    r"|organ\w* (?:\w+ )?(?:nadzor|ochrony)|urz[ae]d\w* (?:\w+ )?ochrony danych"
    r"|개인정보 ?(?:보호)? ?(?:위원회|위|당국|감독)|규제 ?당국|보호 ?당국|個人情報保護(?:委員会|当局|監督)|規制当局|監督当局"
)


def _told(scene: Scene, *, complaint: bool, action: str | None) -> Mention | None:
    """An authority told by its task and country, or by its country as who acted."""
    for match in _TASK.finditer(scene.folded, 0, scene.zones[1] + 1200):
        place = _nearest(scene, match.start(), match.end())
        if place is None and scene.zone(match.start()) < 2:
            place = _only(scene)
        name = authority_of(place, scene.gazetteer) if place else None
        if name is not None:
            return Mention(name, match.start(), match.end(), scene.text[match.start() : match.end()])  # fmt: skip
    place = None
    if complaint:
        # an NGO's complaint in a country goes to that country's data-protection authority
        place = _only(scene)
    elif action in _SANCTIONS:
        place = _acting(scene, passive=action in _PASSIVE)
    name = authority_of(place, scene.gazetteer) if place else None
    if place is None or name is None:
        return None
    return Mention(name, place.start, place.end, scene.text[place.start : place.end])


def _nearest(scene: Scene, start: int, end: int, reach: int = 40) -> Place | None:
    """The country that stands nearest to some words."""
    near = [
        (max(p.start - end, start - p.end, 0), n)
        for n, p in enumerate(scene.places)
        if not p.aside and p.code != "EU" and p.start - end <= reach and start - p.end <= reach
    ]
    return scene.places[min(near)[1]] if near else None


def _only(scene: Scene) -> Place | None:
    """The first country of headline and summary, where they name any for itself."""
    front = [p for p in scene.places if scene.zone(p.start) < 2 and not p.aside and p.code != "EU"]
    return front[0] if front else None


_SANCTIONS = frozenset({"fine", "ban", "order", "suspension", "investigation", "warning", "reprimand", "complaint", "settlement"})  # fmt: skip
_PASSIVE = frozenset({"fine", "ban", "order", "reprimand"})
_ACTS = re.compile(
    r"(?:'s)?\W+(?:(?:has|have|had|hat|a|ha|heeft|temporarily|also|becomes \w+ \w+ to|joins \w+ in|moves to|to|first to)\W+){0,2}"
    r"(?:block|bans?\b|banned|fine[sd]?\b|order|suspend|stop|halt|restrict|investigat|prob|open|launch|demand|hit|slap|penali|sanction|bar[rs]|sue[sd]?\b|warn"
    r"|bloque|interdit|inflige|ouvre|enquete|verbiet|sperr|untersag|verhang|ermittel|pruft|blocc|vieta|multa|apre|indaga|ferma"
    r"|prohibe|investiga|ordena|suspende|abre|bloquei|proibe|determina|verbied|blokk|onderzoek|legt|blokuj|zakazuj|bada|naklada|wszczyn|차단|금지|조사|부과|중단)"
)
_WHERE = re.compile(
    r"(?:\bin|\ben|\ba|\bau|\baux|\bem|\bno|\bna|\bw|\bnel|\bnella|\bfrom)\s+(?:der |the |la |l.)?$"
)
_WHERE_EAST = re.compile(r"(?:에서|で|内)")
_LAWS = frozenset({"lgpd", "개인정보보호법"})  # a country's law that its one authority enforces
_ELSE = re.compile(
    r"government|ministr|ministe|parliament|senat|congress|police|polizei|polici|\bcourts?\b|judge|tribunal|gericht|rechtbank|military|lawmaker|devices|consumer|antitrust|competition|kartell|election"
)
_SUBJECT = re.compile(
    r"privac|personal(?:ly)? (?:data|info)|data protection|\bgdpr\b|\brgpd\b|dsgvo|datenschutz|donnees|dati personali|datos|dados|persoonsgegevens|danych|개인정보|정보|個人情報|biometr|facial|user data|automatis|algorithm|gesicht|iris"
)


def _acting(scene: Scene, *, passive: bool) -> Place | None:
    """The country that acts ("Italy blocks ...") or where a step was taken ("fined in Italy").

    Only where the matter is personal data and no other power of that country is named.
    """
    front = scene.folded[: scene.zones[1]]
    if _ELSE.search(front) or not _SUBJECT.search(front):
        return None
    for place in scene.places:
        if scene.zone(place.start) == 2 or place.adjective or place.aside or place.code == "EU":
            continue
        if place.code in ("DE", "US", "CN"):
            continue  # no one authority acts for these in privacy matters
        before = front[max(0, place.start - 14) : place.start]
        if _ACTS.match(front, place.end):
            return place
        law = front[place.start : place.end] in _LAWS
        if passive and (law or _WHERE.search(before) or _WHERE_EAST.match(front, place.end)):
            return place
    return None


_COUNTS = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12,
    "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "sept": 7, "huit": 8, "neuf": 9, "dix": 10, "onze": 11, "douze": 12,
    "zwei": 2, "drei": 3, "vier": 4, "funf": 5, "sechs": 6, "sieben": 7, "acht": 8, "neun": 9, "zehn": 10, "elf": 11, "zwolf": 12,
    "due": 2, "tre": 3, "cinque": 5, "sei": 6, "sette": 7, "otto": 8, "nove": 9, "dieci": 10, "undici": 11,
    "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "seis": 6, "siete": 7, "ocho": 8, "nueve": 9, "diez": 10, "once": 11,
    "sete": 7, "oito": 8, "dez": 10, "twee": 2, "drie": 3, "vijf": 5, "zes": 6, "zeven": 7, "negen": 9, "tien": 10,
}  # fmt: skip
_SEVERAL = re.compile(
    r"\b(?P<n>\d{1,2}|" + "|".join(_COUNTS) + r") (?:\w+ ){0,2}?"
    r"(?P<what>(?:eu |european |national )?(?:dpas|(?:data protection|privacy|data) (?:authorities|regulators|watchdogs|agencies)|countries|states|pays|landern|paesi|paises|landen|krajach|autorites|autorita|autoridades|behorden)|(?:state )?attorneys general)\b"
)
_WORDS = ("", "", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve")  # fmt: skip


def _several(scene: Scene) -> Mention | None:
    """Many authorities at once, told by their number: "complaints in eleven countries"."""
    for match in _SEVERAL.finditer(scene.folded, 0, scene.zones[1] + 600):
        count = int(match["n"]) if match["n"].isdigit() else _COUNTS[match["n"]]
        if count < 2:
            continue
        attorneys = "attorneys" in match["what"]
        if not attorneys and not _is_complaint(scene.folded):
            continue
        word = _WORDS[count] if count < len(_WORDS) else str(count)
        name = f"{count} state attorneys general" if attorneys else f"{word} DPAs"
        kind, where = ("ag", "US") if attorneys else ("dpa", _union(scene))
        return Mention(Name(name, kind, jurisdiction=where), match.start(), match.end(), scene.text[match.start() : match.end()])  # fmt: skip
    return None


def _is_complaint(folded: str) -> bool:
    return any(w in folded for w in ("complain", "plainte", "beschwerde", "reclam", "denunci", "queja", "klacht", "skarg"))  # fmt: skip


_MEMBERS = frozenset(["AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK", "IS", "EU"])  # fmt: skip


def _union(scene: Scene) -> str | None:
    """``EU`` where Europe, one of its countries or a complainant from there is named."""
    named = {p.country for p in scene.places if not p.aside}
    ngos = {m.name.jurisdiction for m in scene.of_kind({"ngo"})}
    return "EU" if (named | ngos) & _MEMBERS else None
