"""Courts that no gazetteer lists, told by their kind and place: "Landgericht X", "court in X". Pure."""

from __future__ import annotations

import re

from .gazetteer import Mention, Name
from .scene import Scene

_PLACE = r"(?P<place>[A-ZÀ-Þ][\w'’-]{1,40}(?: [A-ZÀ-Þ][\w'’-]{1,40})?)"
# pattern, how the court is called, its country where the words tell it
_KINDS: tuple[tuple[str, str, str | None], ...] = (
    (rf"Tribunal[ei](?: [Oo]rdinario| [Cc]ivile| di)* (?:di )?{_PLACE}", "Tribunale di {place}", "IT"),
    (rf"Corte d['’][Aa]ppello di {_PLACE}", "Corte d'appello di {place}", "IT"),
    (rf"(?i:tribunal administratif) d[e'’] ?{_PLACE}", "Tribunal administratif de {place}", "FR"),
    (rf"(?i:tribunal judiciaire) d[e'’] ?{_PLACE}", "Tribunal judiciaire de {place}", "FR"),
    (rf"(?i:cour d['’]appel) d[e'’] ?{_PLACE}", "Cour d'appel de {place}", "FR"),
    (rf"(?:Oberlandesgericht|OLG) {_PLACE}", "OLG {place}", "DE"),
    (rf"(?:Landgericht|LG) {_PLACE}", "LG {place}", "DE"),
    (rf"(?:Verwaltungsgericht|VG) {_PLACE}", "VG {place}", "DE"),
    (rf"(?:Amtsgericht|AG) {_PLACE}", "AG {place}", "DE"),
    (rf"(?i:rechtbank|rechter in|voorzieningenrechter) {_PLACE}", "Rechtbank {place}", "NL"),
    (rf"(?i:gerechtshof) {_PLACE}", "Gerechtshof {place}", "NL"),
    (rf"Audiencia Provincial de {_PLACE}", "Audiencia Provincial de {place}", "ES"),
    (rf"(?i:sąd\w* okręgow\w+) w[e]? {_PLACE}", "Sąd Okręgowy w {place}", "PL"),
    (r"(?P<place>서울|부산|대구|인천|수원|대전|광주)(?:중앙|행정)?(?:지방|고등)?(?:지법|법원|고법)", "{place} court", "KR"),
    (r"(?P<place>東京|大阪|名古屋|札幌|福岡)(?:地方|高等)?(?:地裁|高裁|裁判所)", "{place} court", "JP"),
    (rf"{_PLACE} (?P<kind>District|High|Supreme|Circuit|Superior|Regional|Administrative|County|Federal) Court", "{place} {kind} Court", None),
    (rf"(?i:courts?|tribunal|judge) (?:in|of) (?!Justice|Appeal){_PLACE}", "Court of {place}", None),
)  # fmt: skip
_COMPILED = [(re.compile(pattern), name, country) for pattern, name, country in _KINDS]
_STATE_COURT = re.compile(
    r"\bjustica\b|\bjuiza?\b|\bliminar\b|tribunal de justica|desembargador|\bcondenad[ao]\b|condenacao|danos morais"
)


def find_court(scene: Scene) -> Mention | None:
    """The court a ruling is of; headline and summary come before the text."""
    state = _of_brazilian_state(scene)
    if state is not None:
        return state
    for text in (scene.front, scene.text[scene.zones[1] :][:1500]):
        for pattern, called, country in _COMPILED:
            match = pattern.search(text)
            if match is None:
                continue
            name = called.format(**match.groupdict())
            known = scene.gazetteer.canonical(name) or scene.gazetteer.canonical(match[0])
            where = country or scene.country()
            found = known or Name(name, "court", jurisdiction=where)
            return Mention(found, match.start(), match.end(), match[0])
    return None


def _of_brazilian_state(scene: Scene) -> Mention | None:
    """``Justiça`` in a Brazilian state is that state's court, called TJ and the state's letters."""
    words = _STATE_COURT.search(scene.folded, 0, scene.zones[1] + 600)
    if words is None:
        return None
    state = next((p for p in scene.places if p.code.startswith("BR-")), None)
    if state is not None:
        letters = f"TJ{state.code[3:]}".replace("TJDF", "TJDFT")
        name = scene.gazetteer.canonical(letters) or Name(letters, "court", jurisdiction="BR")
    elif "tribunal de justica" in scene.folded[: scene.zones[1]]:
        name = Name("Tribunal de Justiça", "court", jurisdiction="BR")
    else:
        return None
    return Mention(name, words.start(), words.end(), scene.text[words.start() : words.end()])
