"""Sums of money as the press writes them, in ten languages, to number and currency. Pure.

The imposed sum is told from a threatened maximum or a company's turnover by the words around it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_CURRENCIES = {
    "€": "EUR", "eur": "EUR", "euro": "EUR", "euros": "EUR", "euró": "EUR", "евро": "EUR",
    "유로": "EUR", "ユーロ": "EUR", "欧元": "EUR", "£": "GBP", "gbp": "GBP", "pound": "GBP", "pounds": "GBP",
    "livres": "GBP", "libras": "GBP", "pfund": "GBP", "sterline": "GBP", "sterling": "GBP", "funtów": "GBP", "pond": "GBP",
    "$": "USD", "us$": "USD", "usd": "USD", "dollar": "USD", "dollars": "USD", "dolar": "USD",
    "dólares": "USD", "dolares": "USD", "dollari": "USD", "dolarów": "USD", "달러": "USD", "ドル": "USD",
    "a$": "AUD", "aud": "AUD", "c$": "CAD", "cad": "CAD", "nz$": "NZD", "hk$": "HKD", "s$": "SGD",
    "₩": "KRW", "krw": "KRW", "won": "KRW", "wons": "KRW", "원": "KRW", "ウォン": "KRW",
    "¥": "JPY", "jpy": "JPY", "yen": "JPY", "円": "JPY", "yuan": "CNY", "rmb": "CNY", "元": "CNY",
    "r$": "BRL", "brl": "BRL", "reais": "BRL", "real": "BRL", "réais": "BRL", "zł": "PLN", "zl": "PLN",
    "pln": "PLN", "złotych": "PLN", "zloty": "PLN", "zlotys": "PLN", "sek": "SEK", "kronor": "SEK",
    "nok": "NOK", "dkk": "DKK", "kroner": "DKK", "kr": "SEK", "chf": "CHF", "huf": "HUF",
    "forint": "HUF", "forints": "HUF", "₺": "TRY", "try": "TRY", "lira": "TRY", "liras": "TRY",
    "₹": "INR", "inr": "INR", "rupees": "INR", "czk": "CZK", "ron": "RON", "mxn": "MXN", "pesos": "MXN", "₱": "PHP",
}  # fmt: skip
_SCALES = {
    "thousand": 1e3, "k": 1e3, "tausend": 1e3, "mila": 1e3, "mil": 1e3, "mille": 1e3, "duizend": 1e3, "tys": 1e3,
    "million": 1e6, "millions": 1e6, "m": 1e6, "mn": 1e6, "mln": 1e6, "mio": 1e6, "mill": 1e6, "millionen": 1e6,
    "milioni": 1e6, "milione": 1e6, "millones": 1e6, "millón": 1e6, "millon": 1e6, "milhões": 1e6, "milhoes": 1e6,
    "milhão": 1e6, "miljoen": 1e6, "milionów": 1e6, "milion": 1e6, "miliony": 1e6, "miljoner": 1e6,
    "billion": 1e9, "bn": 1e9, "bln": 1e9, "b": 1e9, "mrd": 1e9, "md": 1e9, "mds": 1e9, "milliard": 1e9, "milliards": 1e9,
    "milliarde": 1e9, "milliarden": 1e9, "miliardi": 1e9, "miliardo": 1e9, "miljard": 1e9, "miliard": 1e9,
    "miliardów": 1e9, "bilhões": 1e9, "bilhão": 1e9, "bi": 1e9, "mi": 1e6,
    "만": 1e4, "억": 1e8, "조": 1e12, "万": 1e4, "億": 1e8, "亿": 1e8, "兆": 1e12,
}  # fmt: skip


def _alternatives(words: dict[str, object]) -> str:
    return "|".join(re.escape(w) for w in sorted(words, key=len, reverse=True))


_SIGN = r"(?:us\$|a\$|c\$|nz\$|hk\$|s\$|r\$|[€£$₩¥₺₹₱])"
_CODE = r"(?:eur|gbp|usd|aud|cad|krw|jpy|brl|pln|sek|nok|dkk|chf|huf|try|inr|czk|ron|mxn)"
_NUMBER = r"(?:un|una|um|one|ein|eine|een|jeden)(?= mil| mio)|\d{1,3}(?:[ .,'’\u00a0\u202f]\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d+)?"
_SCALE = rf"(?:{_alternatives(dict(_SCALES))})"
_MONEY = re.compile(
    rf"(?<![A-Za-z0-9.,])(?P<pre>{_SIGN}|{_CODE})?[ \u00a0]?(?P<number>{_NUMBER})"
    rf"(?:[ \u00a0-]?(?P<scale>{_SCALE})(?:\.|(?![a-zà-ž])))?"
    rf"(?P<more>[ ]?\d[\d,]*[만万])?"
    rf"(?:[ \u00a0]?(?:de |di |d'|d’|us |u\.s\. )?(?P<post>{_alternatives(dict(_CURRENCIES))})(?![a-zà-ž]))?",
    re.I,
)
_THREATENED = re.compile(
    r"(up to|as much as|maximum|at most|could face|may face|could be fined|faces? (?:a )?(?:potential|possible)|jusqu'?à|bis zu|fino a(?:l)?|hasta|até|tot(?: maximaal)?|nawet|maksymaln\w+|最大|최대)\W+(?:\w+\W+){0,4}$",
    re.I,
)
_OTHER = re.compile(
    r"(multa diária(?: de)?|daily (?:fine|penalty)(?: of)?|turnover|revenue|valued at|valuation|worth|raised|funding|invest\w*|market cap|chiffre d'affaires|umsatz|fatturato|facturación|per day|a day|daily|dwangsom\w*|in damages sought|billion users|prices?|costs?|budget)\W+(?:\w+\W+){0,4}$",
    re.I,
)
_IMPOSED = re.compile(
    r"fine[ds]?|penalt|settle|pay|sanction|amende|bußgeld|busse|geldbuße|strafe|multa|sanzion|sanci|coima|boete|kar[aęyą]|ukara|과징금|과태료|제재|制裁|課徴|罰金|罚款|grzywn|böter|gebyr|condamn|indemni|indeniz|danos morais|compensation|paga|zahl|betaal|boet|impone|impôs|verser|astreinte|straft|conden|fixou|fissa|fij[oó]",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Money:
    """A sum, its ISO 4217 currency, and the words it was read from."""

    amount: float
    currency: str
    words: str


def imposed(title: str, body: str, home: str | None = None) -> Money | None:
    """The sum a step imposed, None where the text names none; a threatened maximum is none.

    ``home`` is the currency of the jurisdiction, where it is known.
    """
    best: tuple[float, Money] | None = None
    for place, text in ((0, title), (1, body[:6000])):
        for match in _MONEY.finditer(text):
            money = _read(match)
            if money is None:
                continue
            before, after = (
                text[max(0, match.start() - 60) : match.start()],
                text[match.end() : match.end() + 60],
            )
            if _THREATENED.search(before) or _OTHER.search(before):
                continue
            if not _IMPOSED.search(f"{before} {after}") and not _IMPOSED.search(title):
                continue
            if re.match(
                r"\W{0,2}(?:(?:per|a|each|pro|al|por|par|diári|täglich)\s?(?:day|tag|giorno|dia|día|jour)|daily|diári)",
                after,
                re.I,
            ):
                continue
            # the sum in the authority's own currency is the one it imposed, others are conversions
            foreign = home is not None and money.currency != home
            rank = (2.0 if foreign else 0.0) + (0.0 if place == 0 else 1.0) + match.start() / 1e5
            if best is None or rank < best[0] or _sharper(money, best[1]):
                best = (min(rank, best[0]) if best else rank, money)
    return best[1] if best else None


def _sharper(new: Money, old: Money) -> bool:
    """The same sum, told more exactly: 5.2 million after "5 million"."""
    digits = [sum(c.isdigit() for c in m.words) for m in (new, old)]
    close = abs(new.amount - old.amount) < 0.1 * old.amount
    return new.currency == old.currency and close and digits[0] > digits[1]


def _read(match: re.Match[str]) -> Money | None:
    mark = match["pre"] or match["post"]
    if mark is None:
        return None
    currency = _CURRENCIES.get(mark.lower())
    value = _number(match["number"], scaled=match["scale"] is not None)
    if currency is None or value is None:
        return None
    if match["scale"]:
        value *= _SCALES[match["scale"].lower()]
    if match["more"]:
        value += float(match["more"][:-1].replace(",", "")) * 1e4
    if not 50 <= value <= 1e13:
        return None
    return Money(round(value, 2), currency, match[0].strip())


def _number(text: str, *, scaled: bool) -> float | None:
    """``1.234.567``, ``1,234,567``, ``30,5`` or ``30.5``: which mark is the decimal one."""
    text = re.sub(r"[ '’\u00a0\u202f]", "", text)
    if text.isalpha():
        return 1.0
    marks = [c for c in text if c in ".,"]
    if not marks:
        return float(text)
    last = marks[-1]
    whole, _, rest = text.rpartition(last)
    grouped = len(rest) == 3 and (len(marks) > 1 or not scaled)
    if len(set(marks)) == 1 and (len(marks) > 1 or grouped):
        return float(text.replace(last, ""))
    try:
        return float(re.sub(r"[.,]", "", whole) + "." + rest)
    except ValueError:
        return None


_EURO = [
    "AT",
    "BE",
    "CY",
    "DE",
    "EE",
    "ES",
    "FI",
    "FR",
    "GR",
    "HR",
    "IE",
    "IT",
    "LT",
    "LU",
    "LV",
    "MT",
    "NL",
    "PT",
    "SI",
    "SK",
    "EU",
]
_OWN = {"GB": "GBP", "US": "USD", "CA": "CAD", "AU": "AUD", "NZ": "NZD", "KR": "KRW", "JP": "JPY", "BR": "BRL", "PL": "PLN", "SE": "SEK", "NO": "NOK", "DK": "DKK", "CH": "CHF", "HU": "HUF", "CZ": "CZK", "TR": "TRY", "IN": "INR", "CN": "CNY", "MX": "MXN", "PH": "PHP"}  # fmt: skip


def currency_of(jurisdiction: str | None) -> str | None:
    """The currency in which a jurisdiction's authorities impose sums (ISO 4217)."""
    country = (jurisdiction or "").partition("-")[0]
    return "EUR" if country in _EURO else _OWN.get(country)
