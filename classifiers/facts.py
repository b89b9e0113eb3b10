"""What an item says happened: who acted, against whom, what, where, how much, on what ground.

Pure. Each value carries the words it came from; where the text does not say, it is None.
Looks at no feed and no clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from .actions import find_action
from .authorities import Actors, find_actors
from .gazetteer import Gazetteer
from .imposed import imposed
from .law import ai_leg, legal_basis
from .matching import fold
from .money import currency_of
from .organisations import find_organisations, titled_organisation, untitled_organisation
from .places import country_of
from .scene import Scene, lay_out
from .told_dates import told_date
from .verdict import Item


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts of an item; ``evidence`` maps a field to the words it was read from.

    ``told`` is the day the item says the step was taken (ISO 8601).
    """

    regulator: str | None = None
    regulators: tuple[str, ...] = ()
    court: str | None = None
    complainant: str | None = None
    organisation: str | None = None
    organisations: tuple[str, ...] = ()
    jurisdiction: str | None = None
    action: str | None = None
    amount: float | None = None
    currency: str | None = None
    amount_text: str | None = None
    legal_basis: tuple[str, ...] = ()
    ai_leg: str | None = None
    told: str | None = None
    evidence: Mapping[str, str] = field(default_factory=dict)


_PAYING = frozenset({"fine", "settlement", "court-ruling", "order", "ban", "other", "reprimand", None})  # fmt: skip


def find_facts(
    item: Item,
    gazetteer: Gazetteer,
    *,
    source_jurisdiction: str | None = None,
    source_host: str | None = None,
) -> Facts:
    """The facts of an item; never raises for any text.

    ``source_host`` is the page's host, by default that of the item's own address.
    """
    host = source_host or _host(item.url)
    scene = lay_out(item, gazetteer, host=host, source=source_jurisdiction)
    action, action_words = find_action(scene.title, scene.body)
    actors = find_actors(scene, action)
    organisation, organisations, organisation_words = _party(scene)
    jurisdiction, where = _jurisdiction(scene, actors, host)
    home = currency_of(jurisdiction)
    money = imposed(scene.title, scene.body, home) if action in _PAYING else None
    laws, law_words = legal_basis(scene.text)
    leg, leg_words = ai_leg(scene.text)
    evidence = {
        "regulator": actors.lead.words if actors.lead else None,
        "organisation": organisation_words,
        "jurisdiction": where,
        "action": action_words,
        "amount": money.words if money else None,
        "legal_basis": law_words,
        "ai_leg": leg_words,
    }
    return Facts(
        regulator=actors.lead.name.name if actors.lead else None,
        regulators=tuple(n.name for n in actors.all),
        court=actors.court.name if actors.court else None,
        complainant=actors.complainant.name if actors.complainant else None,
        organisation=organisation,
        organisations=organisations,
        jurisdiction=jurisdiction,
        action=action,
        amount=money.amount if money else None,
        currency=money.currency if money else None,
        amount_text=money.words if money else None,
        legal_basis=laws,
        ai_leg=leg,
        told=told_date(scene.folded[: scene.zones[1]]),
        evidence={name: words for name, words in evidence.items() if words},
    )


def _host(url: str | None) -> str | None:
    try:
        return urlsplit(url).hostname if url else None
    except ValueError:
        return None


def _party(scene: Scene) -> tuple[str | None, tuple[str, ...], str | None]:
    """The organisation acted upon, all that are named, and the words of the first."""
    known = find_organisations(scene)
    names = tuple(dict.fromkeys(m.name.name for m in known))
    first = known[0] if known else None
    zone = scene.zone(first.start) if first else 3
    told = titled_organisation(scene) if zone > 0 else None
    if told is None and zone > 1:
        told = untitled_organisation(scene)
    if told is not None:
        return told, (), told
    return (first.name.name, names, first.words) if first else (None, (), None)


def _jurisdiction(scene: Scene, actors: Actors, host: str | None) -> tuple[str | None, str | None]:
    """Of the authority that acts; else of the page's or the feed's; else the text's country."""
    if actors.lead is not None and actors.lead.name.jurisdiction:
        return actors.lead.name.jurisdiction, actors.lead.words
    if scene.publisher is not None and scene.publisher.jurisdiction:
        return scene.publisher.jurisdiction, host
    # the press of one country tells what happens in another: a country told for itself comes first
    told = [p for p in scene.places if not p.aside and p.code != "EU"]
    if told:
        code = country_of(told, scene.zones)
        first = next(p for p in told if p.country == code)
        return code, scene.text[first.start : first.end]
    if scene.source:
        return scene.source.partition("-")[0], None
    return _fallback(scene, host)


_DOMAINS = {"uk": "GB", "eu": "EU"}


def _fallback(scene: Scene, host: str | None) -> tuple[str | None, str | None]:
    """The country of the page's domain, else Europe or a company's origin where those are told."""
    ending = (host or "").rpartition(".")[2].lower()
    country = _DOMAINS.get(ending) or (ending.upper() if scene.gazetteer.national(ending.upper()) else None)  # fmt: skip
    if country:
        return country, host
    code = country_of([p for p in scene.places if not p.aside], scene.zones)
    return code, None


def same_name(a: str, b: str, gazetteer: Gazetteer) -> bool:
    """Whether two names mean the same, by alias, case and accents folded."""
    first, second = gazetteer.canonical(a), gazetteer.canonical(b)
    return fold(first.name if first else a) == fold(second.name if second else b)
