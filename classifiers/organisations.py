"""Against whom a step is taken: known organisations, and those that no gazetteer knows. Pure."""

from __future__ import annotations

import re

from .gazetteer import Mention
from .money import find_sums
from .scene import Scene


def find_organisations(scene: Scene) -> list[Mention]:
    """The known organisations of headline and summary; else those the text puts in a party's place."""
    known = [m for m in scene.of_kind({"organisation"}) if not _is_maker(m, scene)]
    front = [m for m in known if scene.zone(m.start) < 2]
    return front or [m for m in known if _in_party_place(m, scene)]


def _is_maker(mention: Mention, scene: Scene) -> bool:
    """``Microsoft-owned LinkedIn``: the owner is not the party where the owned one is named."""
    after = scene.text[mention.end : mention.end + 24]
    return after.startswith(("-owned", "-backed", "-eigene"))


_CAPITALS = r"[A-ZÀ-Þ][\w&'’.-]{0,40}(?:\s+(?:[A-ZÀ-Þ0-9][\w&'’.-]{0,40}|AI|of(?: the)?|&|and(?= [A-Z])|de|du|la|di|del|della)){0,4}"
_AGAINST_WORDS = (
    r"against|fin(?:es|ed|ing)|sues|sued|orders?|ordered|warns|warned|prob(?:es|ing|ed)|investigat(?:es|ing|ed)|blocks|blocked|bans|banned|tells|told|hits|slaps|reprimands|reprimanded|penali[sz]es|sanctions|accuses|into|rules|asks|stops|halts|forces|"
    r"contre|condamne|sanctionne|épingle|met en demeure|vise|interdit à|ordonne à|enquête sur|"
    r"contro|sanziona|multa(?: a)?|blocca|ferma|ammonisce|diffida|a carico di|nei confronti di|"
    r"contra|sanciona(?: a)?|ordena a|investiga a|bloquea|apercibe a|frente a|multa em|proíbe|condena|investiga|aplica multa (?:à|ao)|"
    r"gegen|verhängt|untersagt|verwarnt|verbietet|rügt|verklagt|stoppt|"
    r"tegen|beboet|verbiedt|waarschuwt|"
    r"wobec|przeciw(?:ko)?|ukarał[oa]?|ukarana|nałożył[oa]? na|na firmę|na spółkę|"
    r"by|par|por|da parte di|von|door|przez"
)
_AGAINST = re.compile(
    rf"\b(?:{_AGAINST_WORDS})\s+(?:(?:the|la|le|les|l['’]|die|den|das|der|el|al|a|o|à|il|lo|firm[aęy]|company|maker of|operator of|city of|retailer|chain|start-?up|société|entreprise|azienda|società|empresa|compañía|bedrijf|Firma|Unternehmen|spółk\w+)\s*){{0,2}}\s?(?P<name>{_CAPITALS})",
)
_VERBS = (
    r"(?:is |was |has been |have been |gets |will |is being |to be )?(?:fined|ordered|banned|sued|hit|slapped|told|agrees|agreed|settles|settled|pauses|paused|halts|suspends|suspended|stops|faces|must|to pay|pays|violated|breached|broke|accused|reprimanded|penali[sz]ed|barred|blocked|under investigation|investigated|warned|appeals|loses|wins|resumes|failed|found)\b|"
    r"(?:est |a été |va être )?(?:condamnée?|sanctionnée?|épinglée?|visée?|mise? en demeure|écope|doit|suspend|accusée?)\b|"
    r"(?:è stata? |è )?(?:multat[ao]|sanzionat[ao]|condannat[ao]|bloccat[ao]|sospende|deve)\b|"
    r"(?:ha sido |es |fue |foi |é )?(?:multad[ao]|sancionad[ao]|condenad[ao]|investigad[ao]|obligad[ao]|denunciad[ao]|proibid[ao]|bloquead[ao]|suspende|deberá|terá de|deve|leva multa)\b|"
    r"(?:muss|soll|darf|wird|wurde|kassiert|verstößt|verstieß|stoppt)\b|"
    r"(?:moet|krijgt|mag|stopt|beboet|schendt)\b|"
    r"(?:został[ay]? )?(?:ukaran[aey]|musi|zapłaci|wstrzymuje|naruszył[ao]?)\b"
)
_SUBJECT = re.compile(rf"(?:^|[:–—|»\"”,] |\. )(?P<name>{_CAPITALS}),?\s+(?:{_VERBS})")
# a body's kind may follow its name in lower case: "Haga hospital fined"
_BODY_SUBJECT = re.compile(
    rf"^(?P<name>[A-ZÀ-Þ][\w&'’.-]{{0,40}}(?: \w+){{0,2}} (?:hospitals?|municipality|department|gyms|board|council|festivals?|schools?|stores?|bank|office|police|university|airport|club|group|clinic|pharmacy|supermarkets?|chain|city))\s+(?:{_VERBS})"
)
# "multa con 2 millones a X", "sanzione da 5 milioni a X", "legt X boete op", "settlement with X"
_TO = re.compile(
    rf"(?:(?:multa|sanciona|sanción|sanzione|prohíbe|ordena|impone|ordina|vieta|apercibe)\b(?:[^.:;]|(?<=\d)\.(?=\d)){{0,60}}?\s(?:a|ad|alla?|al|à)|(?:istruttoria|indagine|faro|lente) (?:su|nei confronti di)|legt|onderzoek naar|nałożył[oa]? na|settlement with|settles with|deal with|complaints? about|(?:fine|fines|penalty|ban|sanction) on|apurar|enquête sur|amende à|handling by)\s+(?:the |la |el |il |los |de )?(?P<name>{_CAPITALS})"
)
_EAST = re.compile(
    r"(?:^|[\s,·…“\"‘'<「])(?P<name>[A-Z][\w&.'-]{0,40}(?: [A-Z][\w&.'-]{0,40}){0,3}|[가-힣]{2,12}?)(?:에|에게|에 대해) ?(?:과징금|과태료|시정명령|시정조치|제재|총|\d)"
    r"|^(?P<lead>[A-Z][\w&.'-]{0,40}(?: [A-Z][\w&.'-]{0,40}){0,3}), ?(?=[가-힣])"
    r"|(?P<object>[A-Z][\w&.'-]{0,40}(?: [A-Z][\w&.'-]{0,40}){0,3}|[가-힣]{2,12}?)(?:을|를)? (?:조사|고발)"
    r"|(?P<east>[゠-ヿ一-鿿A-Za-z0-9・]{2,16}?)(?:に対し|社に|に|を)(?:行政|指導|制裁|課徴|調査|提訴|命令)"
)
_LEGAL_FORM = re.compile(
    r"(?P<name>[A-ZÀ-Þ][\w&'’-]{1,40}(?:\s+[A-ZÀ-Þ][\w&'’-]{0,40}){0,3},?\s+(?:Inc|Ltd|Limited|LLC|LLP|GmbH|AG|SE|Corp|Corporation|plc|PLC|S\.?A|S\.?A\.?S|S\.?p\.?A|S\.?r\.?l|S\.?L|B\.?V|N\.?V|Pty|Oy|AB|A\/S|ASA?|Co|Ltda|sp\. z o\.o)\b\.?)"
)
# public bodies are told by their kind, in lower case as well
_BODY = re.compile(
    r"\b(?P<name>(?:[Mm]inist(?:ère|ry|ero|erio|ério|erie|erstwo)|[Bb]undesministerium|[Cc]omune|[Mm]unicipality|[Aa]yuntamiento|[Gg]emeente|[Pp]refeitura|[Cc]ommune|[Vv]ille|[Uu]niversit(?:y|à|é|ät|eit)|[Uu]niversidade?|[Hh]ospital|[Ss]chool [Bb]oard|[Cc]ouncil|[Cc]ity) (?:of (?:the )?|de l['’]|del(?:l['’]|la )?|de la |du |des |der |de |di |do |da |für |van (?:de )?)\w[\w'’-]{1,40}(?: (?:and|y|e|et|und) [A-Z]\w+)?)"
    r"|\b(?P<title>(?:[A-ZÀ-Þ][\w'’-]{1,40} ){1,3}(?:Police|Council|University|Hospital|School|Ministry|Municipality|Airport|Club|Bank|Group))\b"
)
_NO_FIRST = frozenset(
    [
        "ai",
        "gdpr",
        "eu",
        "uk",
        "us",
        "the",
        "a",
        "an",
        "facial",
        "data",
        "privacy",
        "court",
        "judge",
        "germany",
        "italy",
        "france",
        "spain",
        "ireland",
        "brazil",
        "europe",
        "new",
        "dutch",
        "use",
        "company",
        "chatbot",
        "chatbots",
        "firm",
        "firms",
        "apps",
        "big",
        "meet",
        "how",
        "why",
        "what",
        "when",
        "two",
        "three",
        "eight",
        "over",
        "illegal",
        "unlawful",
        "where",
        "who",
        "android",
        "ios",
        "face",
        "faces",
        "biometric",
        "children",
        "kids",
        "users",
        "clients",
        "parents",
        "social",
        "online",
        "this",
        "that",
        "its",
        "it",
        "he",
        "she",
        "they",
        "we",
        "google's",
        "ki",
        "ia",
        "si",
        "rgpd",
        "dsgvo",
        "avg",
        "rodo",
        "intelligence",
        "intelligenza",
        "inteligencia",
        "künstliche",
        "kunstmatige",
        "sztuczna",
        "bußgeld",
        "geldbuße",
        "strafe",
        "multa",
        "sanzione",
        "sanción",
        "amende",
        "boete",
        "kara",
        "unternehmen",
        "firma",
        "bedrijf",
        "azienda",
        "impresa",
        "empresa",
        "entreprise",
        "société",
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "commission",
        "commissioner",
        "authority",
        "regulator",
        "watchdog",
        "dpa",
        "garante",
        "cnil",
        "aepd",
        "ico",
        "dpc",
        "ftc",
        "first",
        "second",
        "third",
        "million",
        "millions",
        "euro",
        "euros",
        "eur",
        "gbp",
        "usd",
        "personal",
        "state",
        "federal",
        "chinese",
        "american",
        "millones",
        "complaint",
        "complaints",
        "inquiry",
        "investigation",
    ]
)
_NO_SINGLE = frozenset(["bank", "banks", "police", "retailer", "school", "schools", "app", "tech", "hospital", "supermarket", "media", "south", "north", "group", "council", "ministry", "city", "government"])  # fmt: skip


_TITLE_PATTERNS = (_SUBJECT, _BODY_SUBJECT, _AGAINST, _TO, _EAST)


def titled_organisation(scene: Scene) -> str | None:
    """An organisation that no gazetteer knows, told by its place in the headline."""
    title = (0, scene.zones[0])
    return next((n for p in _TITLE_PATTERNS if (n := _first(p, scene, title)) is not None), None)


def untitled_organisation(scene: Scene) -> str | None:
    """The same, told by its place in the summary, its legal form or its kind."""
    for pattern, where in (
        (_SUBJECT, (scene.zones[0] + 1, scene.zones[1])),
        (_LEGAL_FORM, (0, scene.zones[1])),
        (_BODY, (0, scene.zones[1])),
        (_AGAINST, (scene.zones[0] + 1, scene.zones[1])),
        (_TO, (scene.zones[0] + 1, scene.zones[1])),
        (_LEGAL_FORM, (scene.zones[1], scene.zones[1] + 1500)),
    ):
        name = _first(pattern, scene, where)
        if name is not None:
            return name
    return None


def _first(pattern: re.Pattern[str], scene: Scene, where: tuple[int, int]) -> str | None:
    for match in pattern.finditer(scene.text, *where):
        group = next(g for g, value in match.groupdict().items() if value)
        name = match[group].strip(" .,'’:")
        start = match.start(group)
        end = start + len(name)
        if pattern is not _LEGAL_FORM:
            name, end = _trimmed(_before_sum(name, scene.text[start:]), start)
        if not name or _taken(scene, start, end) or not _may_name(name):
            continue
        return name
    return None


_TAIL = re.compile(
    r"\s+(?:of|de|du|la|di|del|della|and|&|[Oo]ver|[Ff]or|[Aa]fter|[Ii]n|[Ff]rom|[Tt]o|[Ww]ith|[Uu]se|[Uu]sing|[Dd]ata|[Ff]acial|AI|[Pp]ersonal|[Pp]rivacy|GDPR|[Bb]iometric)$"
)
_INNER = re.compile(
    r"\s+(?:Over|For|After|In|From|To|With|Use|Using|Under|On|And Orders|From)\b.*$"
)


def _trimmed(name: str, start: int) -> tuple[str, int]:
    """A name without the words of a headline in capitals that follow it."""
    name = _INNER.sub("", name)
    name = name.split(". ")[0].removesuffix("'s").removesuffix("’s")
    previous = None
    while previous != name:
        previous = name
        if not name.endswith(" AI") or " " not in name[:-3]:
            name = _TAIL.sub("", name) if not name.endswith(" AI") else name
    return name.strip(" .,'’"), start + len(name)


_SUM_ROOM = 40
"""Letters after a name in which the rest of a sum stands that begins in it."""


def _before_sum(name: str, text: str) -> str:
    """A name without the sum that follows it: ``Acme EUR 3 million``, ``Acme SpA 15 million euros``."""
    sums = find_sums(text[: len(name) + _SUM_ROOM])
    return name[: min((s.start for s in sums), default=len(name))].rstrip(" .,'’:")


def _taken(scene: Scene, start: int, end: int) -> bool:
    """Whether the words are an authority's, a country's or another name's."""
    if any(m.start < end and start < m.end for m in (*scene.mentions, *scene.unsettled)):
        return True
    return any(p.start <= start and p.end >= end for p in scene.places)


_COMMON = re.compile(r"(?:pflicht|pflichten|ung|ungen|keit|schutz|gesetz|recht|rechte|regeln|system|software|technologie|bank|firma|e[rn]kennung)$")  # fmt: skip


def _may_name(name: str) -> bool:
    """Whether words are a name: German writes every noun with a capital."""
    first = name.split()[0].lower()
    if len(name) < 2 or first in _NO_FIRST or first[0].isdigit():
        return False
    return " " in name or not (first in _NO_SINGLE or _COMMON.search(first))


_PARTY_BEFORE = re.compile(rf"\b(?:{_AGAINST_WORDS})\s+(?:\S+\s+){{0,2}}$")
_PARTY_AFTER = re.compile(rf"(?:['’]s\b)?[\s,]+(?:\w+\s+){{0,2}}?(?:{_VERBS})")


def _in_party_place(mention: Mention, scene: Scene) -> bool:
    """Whether the words beside a name that only the text has make it the party of a step."""
    before = scene.text[max(0, mention.start - 50) : mention.start]
    return bool(_PARTY_BEFORE.search(before)) or bool(_PARTY_AFTER.match(scene.text, mention.end))
