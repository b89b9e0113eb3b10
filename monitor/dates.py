"""Dates as feeds really write them, to aware UTC. Pure.

feedparser reads most; this reads what it gets wrong or not at all: time-zone names beyond
the American ones, month names of eight languages, ISO basic form. An implausible date is None.
"""

from __future__ import annotations

import re
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
    "jan janv januar januari gen ene enero janeiro jän jänner sty stycznia gennaio janvier",
    "feb fev fév févr février februar februari febbraio febrero fevereiro lut lutego",
    "mar mars märz mrz maart mrt marzo março marca",
    "apr avr avril april aprile abr abril kwi kwietnia",
    "may mai maj maja mei maggio mag mayo maio",
    "jun juin juni giugno giu junio junho cze czerwca june",
    "jul juil juillet juli luglio lug julio julho lip lipca july",
    "aug aoû août aout augustus august agosto ago sie sierpnia",
    "sep sept septembre september settembre set septiembre setembro wrz września",
    "oct okt oktober octobre ottobre ott octubre outubro out paź października october",
    "nov november novembre noviembre novembro lis listopada",
    "dec dez dezember déc décembre dicembre dic diciembre dezembro december gru grudnia",
)
_MONTH_OF = {name: n for n, names in enumerate(_MONTHS, 1) for name in names.split()}
_WORDS = re.compile(
    r"(\d{1,2})(?:\.|er|º|st|nd|rd|th)?\s+(?:de\s+|of\s+)?([^\W\d_]{3,12})\.?,?\s+(?:de\s+)?(\d{4})(.*)",
    re.S,
)
_MONTH_FIRST = re.compile(r"([^\W\d_]{3,12})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})(.*)", re.S)
_NUMERIC = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(.*)", re.S)
_EAST_ASIAN = re.compile(r"(\d{4})[年년.]\s*(\d{1,2})[月월.]\s*(\d{1,2})[日일.]?(.*)", re.S)
_CLOCK = re.compile(r"(\d{1,2})[:h](\d{2})(?::(\d{2}))?")


def parse_date(text: str) -> datetime | None:
    """A date in one of the forms this module adds; None leaves it to feedparser."""
    text = text.strip()[:100]
    for reader in (_iso, _rfc, _in_words, _numeric):
        found = reader(text)
        if found is not None:
            return plausible(found)
    return None


def plausible(moment: datetime) -> datetime | None:
    """The moment, unless it lies before feeds existed or in another century."""
    return moment if EARLIEST <= moment <= LATEST else None


def _iso(text: str) -> datetime | None:
    if not re.match(r"\d{4}-?\d{2}-?\d{2}(?:$|[T ])", text):
        return None
    try:
        moment = datetime.fromisoformat(text.replace(" UTC", "Z").replace(" +", "+"))
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def _rfc(text: str) -> datetime | None:
    """RFC 5322 dates, with zone names that the standard library does not know."""
    match = re.search(r"\s([A-Z]{1,5})$", text)
    zone = _ZONES.get(match[1]) if match else None
    try:
        parts = parsedate_tz(text)
        if parts is None or parts[0] < 1000:
            return None
        offset = timedelta(hours=zone) if zone is not None else timedelta(seconds=parts[9] or 0)
        moment = datetime(*parts[:6], tzinfo=timezone(offset))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment.astimezone(UTC)


def _in_words(text: str) -> datetime | None:
    for pattern, order in ((_WORDS, (0, 1)), (_MONTH_FIRST, (1, 0))):
        match = pattern.search(text)
        if match:
            groups = match.groups()
            month = _MONTH_OF.get(groups[order[1]].lower())
            if month:
                return _build(int(groups[2]), month, int(groups[order[0]]), groups[3])
    return None


def _numeric(text: str) -> datetime | None:
    """``24.11.2026`` (day first wherever dots are used) and ``2026年11月24日``."""
    match = _NUMERIC.match(text)
    if match:
        return _build(int(match[3]), int(match[2]), int(match[1]), match[4])
    match = _EAST_ASIAN.match(text)
    if match:
        return _build(int(match[1]), int(match[2]), int(match[3]), match[4])
    return None


def _build(year: int, month: int, day: int, rest: str) -> datetime | None:
    clock = _CLOCK.search(rest)
    hour, minute, second = (int(x or 0) for x in clock.groups()) if clock else (0, 0, 0)
    zone = re.search(r"\b([A-Z]{2,5})\b", rest)
    offset = timezone(timedelta(hours=_ZONES.get(zone[1], 0) if zone else 0))
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=offset).astimezone(UTC)
    except ValueError:
        return None
