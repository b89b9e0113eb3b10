"""Dates as feeds really write them, to aware UTC. Pure.

feedparser reads most; this reads what it gets wrong or not at all: time-zone names beyond
the American ones, month names of the languages that regulators write, ISO basic form. An implausible date is None.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)

_ZONES = {
    "UT": 0, "UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "WEST": 1, "BST": 1, "IST": 1, "CET": 1,
    "MEZ": 1, "CEST": 2, "MESZ": 2, "EET": 2, "EEST": 3, "MSK": 3, "EST": -5, "EDT": -4,
    "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "BRT": -3, "JST": 9,
    "KST": 9, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13, "HKT": 8, "SGT": 8,
}  # fmt: skip

_MONTHS = (
    "jan janv january januar januari gen ene enero janeiro gener janvier gennaio jän jänner sty "
    "stycznia ledna januára januara ianuarie siječnja sausio janvāris janvārī jaanuar tammikuuta "
    "január ocak января януари ιανουαρίου yanvar ianuar",
    "feb fev fév févr february février februar februari febbraio febrero fevereiro febrer lut lutego "
    "února februára februara februarie veljače vasario februāris februārī veebruar helmikuuta "
    "február şubat февраля февруари φεβρουαρίου",
    "mar march mars märz mrz maart mrt marzo março març marts marca března marec martie ožujka kovo "
    "martā märts maaliskuuta március mart марта март μαρτίου",
    "apr avr april avril aprile abr abril kwi kwietnia dubna apríla aprila aprilie travnja balandžio "
    "aprīlis aprīlī aprill huhtikuuta április nisan апреля април απριλίου",
    "may mai maj maja mei maggio mag mayo maio maig května mája svibnja gegužės maijs maijā "
    "toukokuuta május mayıs мая май μαΐου μαίου",
    "jun june juin juni giugno giu junio junho juny cze czerwca června júna junija iunie lipnja "
    "birželio jūnijs jūnijā juuni kesäkuuta június haziran июня юни ιουνίου",
    "jul july juil juillet juli luglio lug julio julho juliol lip lipca července júla julija iulie "
    "srpnja liepos jūlijs jūlijā juuli heinäkuuta július temmuz июля юли ιουλίου",
    "aug aoû août august aout augustus agosto ago agost sie sierpnia srpna augusta avgusta kolovoza "
    "rugpjūčio augusts augustā elokuuta augusztus ağustos августа август αυγούστου",
    "sep sept september septembre settembre set septiembre setembro setembre wrz września září "
    "septembra septembrie rujna rugsėjo septembris septembrī syyskuuta szeptember eylül сентября "
    "септември σεπτεμβρίου",
    "oct okt october oktober octobre ottobre ott octubre outubro out paź października října októbra "
    "oktobra octombrie spalio oktobris oktobrī oktoober lokakuuta október ekim октября октомври "
    "οκτωβρίου",
    "nov november lis novembre noviembre novembro listopada listopadu novembra noiembrie studenoga "
    "studenog lapkričio novembris novembrī marraskuuta kasım ноября ноември νοεμβρίου",
    "dec dez december dezember déc décembre dicembre dic diciembre dezembro desembre gru grudnia "
    "prosince decembra decembrie prosinca gruodžio decembris decembrī detsember joulukuuta aralık "
    "декабря декември δεκεμβρίου desember",
)
# Croatian and Polish share `listopada` for different months; Polish regulators write the word,
# Croatian ones mostly numbers
_MONTH_OF = {name: n for n, names in enumerate(_MONTHS, 1) for name in names.split()}
_DAY = r"(\d{1,2})(?:\.|er|re|ère|a|º|°|st|nd|rd|th|\.?º)?"
_MONTH = r"([^\W\d_]{3,12})\.?"
_WORDS = re.compile(
    rf"(?<!\d){_DAY}\s+(?:de\s+|d['’]|of\s+)?{_MONTH},?\s+(?:del?\s+)?(\d{{4}})(?!\d)(.*)", re.S
)
_MONTH_FIRST = re.compile(rf"{_MONTH}\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}})(?!\d)(.*)", re.S)
_YEAR_FIRST = re.compile(
    rf"(?<!\d)(\d{{4}})\.?\s+(?:m\.\s+|gada\s+(\d{{1,2}})\.\s+)?{_MONTH}(?:\s+(\d{{1,2}})(?!\d))?(.*)",
    re.S,
)
_NUMERIC = re.compile(r"(?<!\d)(\d{1,2})([./-])\s?(\d{1,2})\2\s?(\d{4})(?!\d)(.*)", re.S)
_SHORT_YEAR = re.compile(r"(?<![\d.])(\d{1,2})\.(\d{1,2})\.(\d{2})(?![\d.])(.*)", re.S)
_YEAR_LED = re.compile(r"(?<!\d)(\d{4})/(\d{1,2})/(\d{1,2})(?!\d)(.*)", re.S)
_EAST_ASIAN = re.compile(r"(\d{4})[年년.]\s*(\d{1,2})[月월.]\s*(\d{1,2})[日일.]?(.*)", re.S)
_REIWA = re.compile(r"令和\s*(\d{1,2}|元)年\s*(\d{1,2})月\s*(\d{1,2})日(.*)", re.S)
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?!\d)")
_CLOCK = re.compile(r"(\d{1,2})[:h](\d{2})(?::(\d{2}))?")


def parse_date(text: str, *, month_first: bool | None = None) -> datetime | None:
    """A date in one of the forms this module adds; None leaves it to feedparser.

    ``3/4/2026`` means nothing without ``month_first``, which says how its source writes.
    """
    text = text.strip()[:100]
    for reader in (_iso, _rfc, _in_words):
        found = reader(text)
        if found is not None:
            return plausible(found)
    found = _numeric(text, month_first)
    return None if found is None else plausible(found)


def dates_in(text: str) -> Iterator[str]:
    """What in a text looks like a date, in order; whether it is one, ``parse_date`` tells."""
    patterns = (_WORDS, _MONTH_FIRST, _YEAR_FIRST, _YEAR_LED, _NUMERIC, _EAST_ASIAN, _REIWA, _ISO, _SHORT_YEAR)  # fmt: skip
    spans = []
    for pattern in patterns:
        for match in pattern.finditer(text[:3000].replace("\n", " ")):
            end = match.start(match.lastindex) if match.lastindex else match.end()
            spans.append((match.start(), -end, text[match.start() : end].strip()))
            if len(spans) > 20:
                break
    yield from (found for _, _, found in sorted(spans))


def month_comes_first(texts: Iterable[str]) -> bool | None:
    """Whether a source's numeric dates put the month first, where one of them tells."""
    for text in texts:
        for match in _NUMERIC.finditer(text[:200]):
            if match[2] == "/" and int(match[1]) != int(match[3]):
                if int(match[3]) > 12 >= int(match[1]):
                    return True
                if int(match[1]) > 12 >= int(match[3]):
                    return False
    return None


def plausible(moment: datetime) -> datetime | None:
    """The moment, unless it lies before feeds existed or in another century."""
    return moment if EARLIEST <= moment <= LATEST else None


def _iso(text: str) -> datetime | None:
    if not re.match(r"\d{4}-?\d{2}-?\d{2}(?:$|[T ])", text):
        return None
    try:
        moment = datetime.fromisoformat(text.replace(" UTC", "Z").replace(" +", "+"))
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):  # the latter: in UTC it is before the year 1 or after 9999
        return None


def _rfc(text: str) -> datetime | None:
    """RFC 5322 dates, with zone names that the standard library does not know."""
    match = re.search(r"\s([A-Z]{1,5})$", text)
    zone = _ZONES.get(match[1]) if match else None
    try:
        parts = parsedate_tz(text)
        if parts is None or parts[0] < 1000:
            return None
        offset = timedelta(hours=zone) if zone is not None else timedelta(seconds=parts[9] or 0)
        return datetime(*parts[:6], tzinfo=timezone(offset)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _in_words(text: str) -> datetime | None:
    for pattern, order in ((_WORDS, (0, 1, 2)), (_MONTH_FIRST, (1, 0, 2))):
        match = pattern.search(text)
        if match:
            day, name, year = (match.groups()[n] for n in order)
            month = _MONTH_OF.get(name.lower())
            if month:
                return _build(int(year), month, int(day), match.groups()[3])
    match = _YEAR_FIRST.search(text)
    if match:
        month, said = _MONTH_OF.get(match[3].lower()), match[2] or match[4]
        if month and said:
            return _build(int(match[1]), month, int(said), match[5])
    return None


def _numeric(text: str, month_first: bool | None) -> datetime | None:
    """``24.11.2026`` (day first wherever dots are used), ``2026/11/24``, ``2026年11月24日``, ``令和8年…``."""
    for pattern in (_YEAR_LED, _EAST_ASIAN):
        match = pattern.search(text)
        if match:
            return _build(int(match[1]), int(match[2]), int(match[3]), match[4])
    match = _REIWA.search(text)
    if match:
        year = 1 if match[1] == "元" else int(match[1])
        return _build(2018 + year, int(match[2]), int(match[3]), match[4])
    match = _NUMERIC.search(text)
    if match:
        return _slashed(match, month_first)
    match = _SHORT_YEAR.search(text)
    return _build(2000 + int(match[3]), int(match[2]), int(match[1]), match[4]) if match else None


def _slashed(match: re.Match[str], month_first: bool | None) -> datetime | None:
    first, second, year = int(match[1]), int(match[3]), int(match[4])
    if match[2] == "/" and first != second:
        if second > 12 or (month_first and first <= 12):
            first, second = second, first
        elif first <= 12 and month_first is None:
            return None  # 3/4/2026: nobody can tell
    return _build(year, second, first, match[5])


def _build(year: int, month: int, day: int, rest: str) -> datetime | None:
    clock = _CLOCK.search(rest)
    hour, minute, second = (int(x or 0) for x in clock.groups()) if clock else (0, 0, 0)
    zone = re.search(r"\b([A-Z]{2,5})\b", rest)
    offset = timezone(timedelta(hours=_ZONES.get(zone[1], 0) if zone else 0))
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=offset).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
