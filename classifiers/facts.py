"""What an item says happened: who acted, against whom, what, where, how much, on what ground.

Pure. Each value carries the words it came from; where the text does not say, it is None.
Looks at no feed and no clock.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from .actions import find_action
from .gazetteer import Gazetteer, Mention
from .matching import fold
from .money import currency_of, imposed
from .verdict import Item

_CAP = 8000
_DPA_KINDS = frozenset({"dpa", "consumer", "communications", "ag"})


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts of an item; ``evidence`` maps a field to the words it was read from."""

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
    evidence: Mapping[str, str] = field(default_factory=dict)


def find_facts(
    item: Item,
    gazetteer: Gazetteer,
    *,
    source_jurisdiction: str | None = None,
    source_host: str | None = None,
) -> Facts:
    """The facts of an item; never raises for any text."""
    title, body = item.title[:1000], f"{item.summary}\n{item.text}"[:_CAP]
    text = f"{title}\n{body}"
    mentions = gazetteer.find(text, trust=_DPA_KINDS)
    authorities, courts, ngos, organisations = _by_role(
        mentions, len(title), source_host, gazetteer
    )
    evidence: dict[str, str] = {}
    action, words = find_action(title, body)
    if words:
        evidence["action"] = words
    # an NGO's complaint in a country goes to that country's data-protection authority
    to_national = action == "complaint" and bool(ngos)
    unnamed = _unnamed_authority(text, gazetteer, sure=to_national) if not authorities else None
    leads = [courts, authorities] if action == "court-ruling" else [authorities, courts]
    regulator = _lead(
        [*leads[0], *leads[1], *([unnamed] if unnamed else ())], evidence, "regulator"
    )
    organisation = _lead(organisations, evidence, "organisation") or _unknown(
        text, len(title), mentions, evidence
    )
    jurisdiction = _jurisdiction(authorities or courts, unnamed, text, source_jurisdiction)
    paying = action in _PAYING or action is None
    money = imposed(title, body, currency_of(jurisdiction)) if paying else None
    if money is not None:
        evidence["amount"] = money.words
    return Facts(
        regulator=regulator,
        regulators=tuple(dict.fromkeys(m.name.name for m in [*authorities, *courts])),
        court=courts[0].name.name if courts else None,
        complainant=ngos[0].name.name if ngos else None,
        organisation=organisation,
        organisations=tuple(dict.fromkeys(m.name.name for m in organisations)),
        jurisdiction=jurisdiction,
        action=action,
        amount=money.amount if money else None,
        currency=money.currency if money else None,
        amount_text=money.words if money else None,
        legal_basis=_legal_basis(text),
        ai_leg=_ai_leg(text),
        evidence=evidence,
    )


_PAYING = frozenset({"fine", "settlement", "court-ruling", "order", "ban", "other", "reprimand"})


def _by_role(
    mentions: list[Mention], cut: int, host: str | None, gazetteer: Gazetteer
) -> tuple[list[Mention], list[Mention], list[Mention], list[Mention]]:
    """Mentions by role, those in the title first, then in the text's order."""
    order = sorted(mentions, key=lambda m: (m.start >= cut, m.start))
    authorities = [m for m in order if m.name.kind in _DPA_KINDS]
    # beside a data-protection authority a prosecutor is the one that joins in
    if any(m.name.kind == "dpa" and m.start < cut + 200 for m in authorities):
        authorities.sort(key=lambda m: m.name.kind == "ag")
    publisher = gazetteer.of_domain(host) if host else None
    if publisher is not None and publisher.kind in _DPA_KINDS and not authorities:
        authorities = [Mention(publisher, 0, 0, host or "")]
    courts = [m for m in order if m.name.kind == "court"]
    ngos = [m for m in order if m.name.kind == "ngo"]
    return authorities, courts, ngos, [m for m in order if m.name.kind == "organisation"]


def _lead(mentions: list[Mention], evidence: dict[str, str], name: str) -> str | None:
    if not mentions:
        return None
    evidence[name] = mentions[0].words
    return mentions[0].name.name


_AUTHORITY = re.compile(
    r"(?:privacy|data(?: |-)(?:protection )?|datenschutz|gegevensbescherming|protection des données|protección de datos|protezione dei dati|ochrony danych|proteção de dados|개인정보|個人情報)\W?(?:\w+\W){0,3}?(?:regulator|watchdog|authorit|commission|agency|behörde|aufsicht|autorit|agencia|toezichthouder|organ|urz|위|委員会)|autorité \w+ de protection|autoridad de protección|privacywaakhond|garante",
    re.I,
)


def _unnamed_authority(text: str, gazetteer: Gazetteer, *, sure: bool = False) -> Mention | None:
    """An authority told only by its task and country: "privacy regulators" in the Philippines."""
    words = _AUTHORITY.search(text)
    if words is None:
        country = _country(text) if sure else None
    else:
        # "the data protection authority of Austria": the country nearest to the words
        around = text[max(0, words.start() - 40) : words.end() + 40]
        country = _country(around, near=min(40, words.start())) or _country(text)
    name = gazetteer.national(country) if country else None
    return Mention(name, 0, 0, words[0] if words else country or "") if name else None


_CAPITALS = r"[A-ZÀ-Þ][\w&'’.-]*(?:\s+(?:[A-ZÀ-Þ0-9][\w&'’.-]*|AI|of|&)){0,3}"
_AGAINST = re.compile(
    rf"(?:against|fines?|fined|sues|orders|warns|probes?|investigates?|blocks?|bans?|tells|hits|reprimands?|contre|contro|contra|tegen|wobec|przeciw(?:ko)?|multa a|sanziona|sanctionne|beboet)\s+(?:the\s+|la\s+|le\s+|die\s+|den\s+|el\s+|a\s+)?(?P<name>{_CAPITALS})"
)
_SUBJECT = re.compile(
    rf"^(?P<name>{_CAPITALS})\s+(?:is |was |has been )?(?:fined|ordered|banned|sued|hit|told|agrees|settles|pauses|halts|suspends|stops|faces|must|to pay|violated|breached|condamné|sanctionné|multata|multado|multada|sancionada|beboet|ukaran)"
)
_LEGAL_FORM = re.compile(
    r"(?P<name>[A-ZÀ-Þ][\w&'’-]+(?:\s+[A-ZÀ-Þ][\w&'’-]*){0,3},?\s+(?:Inc|Ltd|Limited|LLC|GmbH|AG|SE|Corp|plc|S\.?A|S\.?p\.?A|S\.?L|B\.?V|Pty|Oy|AB|ASA?|Co)\b\.?)"
)
_NO_NAMES = frozenset({"AI", "GDPR", "EU", "UK", "US", "The", "Facial", "Data", "Privacy", "Court", "Judge", "Germany", "Italy", "France", "Spain", "Ireland", "Brazil", "Europe", "New", "South", "Dutch", "Use", "Company"})  # fmt: skip


def _unknown(text: str, cut: int, mentions: list[Mention], evidence: dict[str, str]) -> str | None:
    """An organisation that no gazetteer knows: by its place in the headline, or its legal form."""
    title = text[:cut]
    for pattern, where in ((_SUBJECT, title), (_AGAINST, title), (_LEGAL_FORM, text[:2000])):
        for match in pattern.finditer(where):
            name = match["name"].strip(" .,'’")
            start = match.start("name")
            known = any(m.start < match.end("name") and start < m.end for m in mentions)
            if not known and name.split()[0] not in _NO_NAMES and len(name) > 2:
                evidence["organisation"] = name
                return name
    return None


def _jurisdiction(
    authorities: list[Mention], unnamed: Mention | None, text: str, source: str | None
) -> str | None:
    told = [*authorities, unnamed] if unnamed else authorities
    for mention in told:
        if mention.name.jurisdiction:
            return mention.name.jurisdiction
    found = _country(text)
    if found is None and source:
        return source.partition("-")[0]
    return found


_COUNTRIES = {
    "GB": r"\b(?:uk|u\.k\.|britain|british|united kingdom|england|london|britannique|britisch\w*|britannic\w*)\b",
    "IT": r"\b(?:ital(?:y|ian|ia|ien|ie|iani|iana|iano|ienne|iaans\w*|ienisch\w*)|włoch\w*)\b", "IE": r"\b(?:ireland|irish|irlan\w+|dublin)\b",
    "FR": r"\b(?:france|french|français\w*|frankreich|francia|francês|frankrijk)\b", "DE": r"\b(?:german[y]?|deutsch\w*|allemagne|alemania|alemanha|germania|duitsland|berlin|hamburg|bavaria\w*)\b",
    "ES": r"\b(?:spain|spanish|españ\w*|espagne|spanien|spagna|espanha|spanje)\b", "NL": r"\b(?:netherlands|dutch|nederland\w*|pays-bas|niederl\w*|paesi bassi|holland\w*|holenders\w*)\b",
    "BR": r"\b(?:são paulo|lgpd|anpd|justiça paulista|brazil\w*|brasil\w*|brésil\w*)\b", "KR": r"(?:\b(?:south korea\w*|korean?|corée du sud|südkorea\w*|corea del sud|corea del sur|coreia do sul|seoul)\b|한국|국내|韓|개인정보보호법)",
    "JP": r"(?:\bjapan\w*\b|日本)", "US": r"\b(?:u\.s\.|united states|américain\w*|texas|illinois|california|new york|états-unis|usa)\b", "CA": r"\b(?:canad\w*|quebec|québec|ontario|british columbia)\b",
    "AU": r"\baustrali\w*\b", "NZ": r"\bnew zealand\b", "PL": r"\b(?:poland|polish|pols\w+|pologne|polen)\b", "PT": r"\b(?:portug\w+)\b", "AT": r"\b(?:austria\w*|autrichien\w*|österreich\w*|autriche)\b",
    "BE": r"\b(?:belgi\w*)\b", "GR": r"\b(?:greece|greek|griechenland|grèce)\b", "SE": r"\b(?:sweden|swedish|schwed\w*|suède|svensk\w*)\b", "NO": r"\b(?:norw\w+|norsk\w*)\b", "KE": r"\bkenya\w*\b",
    "HK": r"\bhong kong\b", "CN": r"(?:\bchin(?:a|ese)\b|中国)", "HU": r"\bhungar\w+\b", "CH": r"\b(?:swiss|switzerland|schweiz\w*|suisse)\b", "PH": r"\bphilippin\w*\b", "ID": r"\bindonesia\w*\b", "CO": r"\bcolombia\w*\b", "TH": r"\bthai\w*\b",
    "EU": r"\b(?:eu|european union|europe|union européenne|europ\w+)\b",
}  # fmt: skip
_COUNTRY = {code: re.compile(pattern, re.I) for code, pattern in _COUNTRIES.items()}


def _country(text: str, near: int = 0) -> str | None:
    """The country named nearest to a place; Europe only where no country is named."""
    found = [(abs(m.start() - near), c) for c, p in _COUNTRY.items() for m in p.finditer(text)]
    inside = [f for f in found if f[1] != "EU"]
    return str(min(inside or found)[1]) if found else None


_ARTICLES = re.compile(r"\b(?:art(?:icle|ikel|ículo|igo|icolo|\.)?s?)\s?(\d{1,2})(?:\s?\(\d\))?(?=[^.;]{0,60}(?:gdpr|dsgvo|rgpd|avg|rodo))", re.I)  # fmt: skip
_LAWS = {
    "UK GDPR": r"\buk gdpr\b", "GDPR": r"(?<!uk )\b(?:gdpr|dsgvo|ds-gvo|rgpd|rodo)\b|\bAVG\b", "BIPA": r"\bbipa\b|biometric information privacy act",
    "COPPA": r"\bcoppa\b|children's online privacy", "FTC Act s.5": r"\bftc act\b|section 5 of the ftc", "LGPD": r"\blgpd\b", "CCPA": r"\bccpa\b|\bcpra\b",
    "PIPA": r"\bpipa\b|개인정보 ?보호법", "APPI": r"個人情報保護法|\bappi\b", "PIPEDA": r"\bpipeda\b", "Privacy Act": r"\bprivacy act\b", "DPA 2018": r"data protection act", "CUBI": r"\bcubi\b",
}  # fmt: skip
_LAW = {name: re.compile(pattern, re.I if name != "AVG" else 0) for name, pattern in _LAWS.items()}


def _legal_basis(text: str) -> tuple[str, ...]:
    laws = [name for name, pattern in _LAW.items() if pattern.search(text)]
    articles = sorted({int(n) for n in _ARTICLES.findall(text) if int(n) < 100})
    return (*laws, *(f"Art. {n}" for n in articles))


_LEGS = (
    ("face or biometric", r"facial|face[- ]|faces|biometri|iris|gesicht|rostro|rosto|visage|volto|twarz|gezicht|voiceprint|얼굴|안면|홍채|顔|虹彩"),
    ("training data", r"train|entraîn|entren|addestr|trein|trenow|학습|学習"),
    ("automated decisions", r"algorithm|automated|automatis|automatiz|automatiser|scor|profil|algoritm|알고리즘|자동"),
    ("scraping", r"scrap|harvest|moissonn"),
    ("assistant or wearable", r"smart glasses|alexa|siri|voice assistant|wearable|assistant vocal|sprachassist"),
    ("generative or chatbot", r"chat|gener|llm|language model|grok|deepseek|replika|gpt|챗|딥시크|生成"),
)  # fmt: skip
_LEG = tuple((name, re.compile(pattern)) for name, pattern in _LEGS)


def _ai_leg(text: str) -> str | None:
    """Which use of AI the step is about, by the words that occur most."""
    folded = text.lower()
    counts = [(len(p.findall(folded)), -n, name) for n, (name, p) in enumerate(_LEG)]
    best = max(counts)
    return best[2] if best[0] else None


def same_name(a: str, b: str, gazetteer: Gazetteer) -> bool:
    """Whether two names mean the same, by alias, case and accents folded."""
    first, second = gazetteer.canonical(a), gazetteer.canonical(b)
    return fold(first.name if first else a) == fold(second.name if second else b)
