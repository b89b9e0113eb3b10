"""Sums of money as the press writes them, in ten languages, to number and currency. Pure.

Which of a text's sums was imposed is decided in ``imposed``.
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
    "₩": "KRW", "krw": "KRW", "won": "KRW", "wons": "KRW", "wones": "KRW", "wonów": "KRW", "원": "KRW", "ウォン": "KRW",
    "¥": "JPY", "jpy": "JPY", "yen": "JPY", "円": "JPY", "yuan": "CNY", "rmb": "CNY", "元": "CNY",
    "r$": "BRL", "brl": "BRL", "reais": "BRL", "real": "BRL", "réais": "BRL", "zł": "PLN", "zl": "PLN",
    "pln": "PLN", "złotych": "PLN", "zloty": "PLN", "zlotys": "PLN", "sek": "SEK", "kronor": "SEK",
    "nok": "NOK", "dkk": "DKK", "kroner": "DKK", "kr": "SEK", "chf": "CHF", "huf": "HUF",
    "forint": "HUF", "forints": "HUF", "₺": "TRY", "try": "TRY", "lira": "TRY", "liras": "TRY",
    "₹": "INR", "inr": "INR", "rupees": "INR", "czk": "CZK", "ron": "RON", "mxn": "MXN", "pesos": "MXN", "₱": "PHP",
    "au$": "AUD", "ca$": "CAD", "nzd": "NZD", "hkd": "HKD", "sgd": "SGD", "php": "PHP", "cop": "COP", "kes": "KES", "zar": "ZAR", "rand": "ZAR",
    "lei": "RON", "korun": "CZK", "kč": "CZK", "shillings": "KES", "₦": "NGN", "naira": "NGN", "baht": "THB", "ringgit": "MYR", "rubles": "RUB",
    "엔": "JPY", "파운드": "GBP", "ポンド": "GBP", "美元": "USD", "lire": "TRY", "francs": "CHF", "franken": "CHF", "franchi": "CHF",
    "euroa": "EUR", "korona": "SEK", "kroon": "SEK", "peso": "MXN", "rupee": "INR", "rúpias": "INR",
}  # fmt: skip
_SCALES = {
    "thousand": 1e3, "k": 1e3, "tausend": 1e3, "mila": 1e3, "mil": 1e3, "mille": 1e3, "duizend": 1e3, "tys": 1e3,
    "million": 1e6, "millions": 1e6, "m": 1e6, "mn": 1e6, "mln": 1e6, "mio": 1e6, "mill": 1e6, "millionen": 1e6,
    "milioni": 1e6, "milione": 1e6, "millones": 1e6, "millón": 1e6, "millon": 1e6, "milhões": 1e6, "milhoes": 1e6,
    "milhão": 1e6, "miljoen": 1e6, "milionów": 1e6, "milion": 1e6, "miliony": 1e6, "miljoner": 1e6,
    "billion": 1e9, "bn": 1e9, "bln": 1e9, "b": 1e9, "mrd": 1e9, "md": 1e9, "mds": 1e9, "milliard": 1e9, "milliards": 1e9,
    "milliarde": 1e9, "milliarden": 1e9, "miliardi": 1e9, "miliardo": 1e9, "miljard": 1e9, "miliard": 1e9,
    "miliardów": 1e9, "bilhões": 1e9, "bilhão": 1e9, "bi": 1e9, "mi": 1e6,
}  # fmt: skip


def _alternatives(words: dict[str, object]) -> str:
    return "|".join(re.escape(w) for w in sorted(words, key=len, reverse=True))


_SIGN = r"(?:us\$|a\$|au\$|c\$|ca\$|nz\$|hk\$|s\$|r\$|[€£$₩¥₺₹₱₦])"
_CODE = r"(?:eur|gbp|usd|aud|cad|nzd|krw|jpy|brl|pln|sek|nok|dkk|chf|huf|try|inr|czk|ron|mxn|php|cop|kes|zar|sgd|hkd)"
# numbers in words count only before a scale: "dertig miljoen", "half a million"
_SPELLED = {
    **dict.fromkeys(("un", "una", "um", "uma", "one", "ein", "eine", "einer", "een", "jeden", "a"), 1.0),
    **dict.fromkeys(("half a", "ein halbe", "eine halbe", "einer halben", "half", "halve", "een half", "un demi", "mezzo", "medio", "meio", "pół"), 0.5),
    **dict.fromkeys(("one and a half", "anderthalb", "eineinhalb", "anderhalf", "półtora"), 1.5),
    **dict.fromkeys(("two", "zwei", "deux", "due", "dos", "dois", "twee", "dwa"), 2.0),
    **dict.fromkeys(("three", "drei", "trois", "tre", "tres", "três", "drie", "trzy"), 3.0),
    **dict.fromkeys(("four", "vier", "quatre", "quattro", "cuatro", "quatro", "cztery"), 4.0),
    **dict.fromkeys(("five", "fünf", "cinq", "cinque", "cinco", "vijf", "pięć"), 5.0),
    **dict.fromkeys(("six", "sechs", "sei", "seis", "zes", "sześć"), 6.0),
    **dict.fromkeys(("seven", "sieben", "sept", "sette", "siete", "sete", "zeven"), 7.0),
    **dict.fromkeys(("eight", "acht", "huit", "otto", "ocho", "oito", "osiem"), 8.0),
    **dict.fromkeys(("nine", "neun", "neuf", "nove", "nueve", "negen"), 9.0),
    **dict.fromkeys(("ten", "zehn", "dix", "dieci", "diez", "dez", "tien", "dziesięć"), 10.0),
    **dict.fromkeys(("twelve", "zwölf", "douze", "dodici", "doce", "doze", "twaalf"), 12.0),
    **dict.fromkeys(("fifteen", "fünfzehn", "quinze", "quindici", "quince", "vijftien", "piętnaście"), 15.0),
    **dict.fromkeys(("twenty", "zwanzig", "vingt", "venti", "veinte", "vinte", "twintig", "dwadzieścia"), 20.0),
    **dict.fromkeys(("thirty", "dreißig", "trente", "trenta", "treinta", "trinta", "dertig", "trzydzieści"), 30.0),
    **dict.fromkeys(("forty", "vierzig", "quarante", "quaranta", "cuarenta", "quarenta", "veertig"), 40.0),
    **dict.fromkeys(("fifty", "fünfzig", "cinquante", "cinquanta", "cincuenta", "cinquenta", "vijftig"), 50.0),
    **dict.fromkeys(("hundred", "a hundred", "hundert", "cent", "cento", "cien", "cem", "honderd", "sto"), 100.0),
}  # fmt: skip
_NUMBER = rf"\b(?:{_alternatives(dict(_SPELLED))})(?=[ -](?:mil|mio|bil|bn|mrd|tys|thous|tausend|duiz))|\d{{1,3}}(?:[ .,'’\u00a0\u202f]\d{{3}})+(?:[.,]\d{{1,2}})?|\d+(?:[.,]\d+)?"
_SCALE = rf"(?:{_alternatives(dict(_SCALES))})"
_LINK = r"(?:de |di |d'|d’|us |u\.s\. |australian |canadian |hong kong |singapore |american )?"
_MONEY = re.compile(
    rf"(?<![A-Za-z0-9.,])(?P<pre>{_SIGN}|{_CODE})?[ \u00a0]?(?P<number>{_NUMBER})(?![%\d])"
    rf"(?:[ \u00a0\u202f-]?(?P<scale>{_SCALE})(?:\.|(?![a-zà-ž])))?"
    rf"(?:[ \u00a0\u202f-]?{_LINK}(?P<post>{_alternatives(dict(_CURRENCIES))})(?![a-zà-ž]))?",
    re.I,
)
_EAST_UNITS = {"백": 1e2, "百": 1e2, "천": 1e3, "千": 1e3, "만": 1e4, "万": 1e4, "萬": 1e4, "억": 1e8, "億": 1e8, "亿": 1e8, "조": 1e12, "兆": 1e12}  # fmt: skip
_EAST = re.compile(
    # bounded throughout, and never begun within a number: no text takes more than its size in time
    rf"(?<!\d)(?<!\d[,.])(?P<number>\d[\d,.]{{0,30}}[ ]?[{''.join(_EAST_UNITS)}](?:[ ]?[\d,.]{{0,30}}[{''.join(_EAST_UNITS)}]){{0,12}}(?:[ ]?\d[\d,]{{0,30}})?) ?(?P<post>원|유로|달러|엔|파운드|円|ウォン|ユーロ|ドル|ポンド|元|欧元|美元)"
)
_EAST_PART = re.compile(
    rf"(?P<n>\d[\d,.]*)?[ ]?(?P<unit>[{''.join(_EAST_UNITS)}])|(?P<rest>\d[\d,]*)"
)


@dataclass(frozen=True, slots=True)
class Money:
    """A sum, its ISO 4217 currency (empty where it is not told), and the words it was read from."""

    amount: float
    currency: str
    words: str


@dataclass(frozen=True, slots=True)
class Sum:
    """A sum and where it stands in its text."""

    money: Money
    start: int
    end: int


def find_sums(text: str, home: str | None = None) -> list[Sum]:
    """All sums of a text in its order; ``home`` settles what "dollars" or "kr" mean."""
    east = [s for m in _EAST.finditer(text) if (s := _read_east(m)) is not None]
    west = [s for m in _MONEY.finditer(text) if (s := _read(m, home)) is not None]
    west = [w for w in west if not any(e.start < w.end and w.start < e.end for e in east)]
    return sorted(_joined(east, text) + west, key=lambda s: s.start)


_AND_FINE = re.compile(r"\s?(?:과|와|및|,|·)?\s?(?:과태료|과징금)\s?(?:는|를|은)?\s?(?:각각)?\s?")


def _joined(found: list[Sum], text: str) -> list[Sum]:
    """Surcharge and administrative fine of one decision are one sum: ``과징금 A과 과태료 B``."""
    joined: list[Sum] = []
    for one in found:
        last = joined[-1] if joined else None
        if (
            last is not None
            and last.money.currency == one.money.currency
            and re.search(r"과징금 ?\S{0,2} ?$", text[max(0, last.start - 8) : last.start])
            and _AND_FINE.fullmatch(text, last.end, one.start)
        ):
            words = text[last.start : one.end]
            both = Money(last.money.amount + one.money.amount, one.money.currency, words)
            joined[-1] = Sum(both, last.start, one.end)
        else:
            joined.append(one)
    return joined


_LOCAL = {
    "$": ("AUD", "CAD", "NZD", "SGD", "HKD"), "dollar": ("AUD", "CAD", "NZD", "SGD", "HKD"), "dollars": ("AUD", "CAD", "NZD", "SGD", "HKD"),
    "kr": ("SEK", "NOK", "DKK"), "kroner": ("NOK", "DKK"), "kronor": ("SEK",), "pesos": ("MXN", "COP", "ARS", "CLP", "PHP"),
    "¥": ("CNY",), "元": ("JPY",),
}  # fmt: skip


def _read(match: re.Match[str], home: str | None) -> Sum | None:
    mark = _plain(match["pre"] or match["post"] or "")
    spelled = _SPELLED.get(_plain(match["number"]))
    scale = match["scale"]
    if not mark and not scale:
        return None
    currency = _CURRENCIES.get(mark, "")
    if home in _LOCAL.get(mark, ()):
        currency = home or currency
    value = spelled or _number(match["number"], scaled=scale is not None)
    if value is None or (not mark and _plain(scale) in _SHORT_SCALES):
        return None
    value *= _SCALES[_plain(scale)] if scale else 1.0
    if not 50 <= value <= 1e13:
        return None
    words = match[0].strip()
    if scale and len(scale) > _ABBREVIATED:
        words = words.removesuffix(".")  # of "Mio." the point is part, of "millions." it is not
    start = match.end() - len(match[0].lstrip())
    return Sum(Money(round(value, 2), currency, words), start, match.end())


def _plain(word: str) -> str:
    """The word in small letters; a dotless i and a long s, which the pattern takes for i and s, too."""
    return word.lower().replace("ı", "i").replace("ſ", "s")


_ABBREVIATED = 4
_SHORT_SCALES = frozenset({"k", "m", "b", "bi", "mi", "mil", "md"})


def _read_east(match: re.Match[str]) -> Sum | None:
    """``5천550만원`` is 55,500,000: thousands and hundreds gather before each ten thousand."""
    total = section = 0.0
    for part in _EAST_PART.finditer(match["number"]):
        try:
            number = float((part["n"] or part["rest"] or "0").replace(",", "").rstrip("."))
        except ValueError:
            return None
        unit = _EAST_UNITS.get(part["unit"] or "", 1.0)
        if unit >= 1e4:
            total += (section + number) * unit
            section = 0.0
        else:
            section += (number if part["n"] or part["rest"] else 1.0) * unit
    value = total + section
    if not 50 <= value <= 1e14:
        return None
    currency = _CURRENCIES.get(match["post"], "")
    return Sum(Money(round(value, 2), currency, match[0].strip()), match.start(), match.end())


def _number(text: str, *, scaled: bool) -> float | None:
    """``1.234.567``, ``1,234,567``, ``30,5`` or ``30.5``: which mark is the decimal one."""
    text = re.sub(r"[ '’\u00a0\u202f]", "", text)
    marks = [c for c in text if c in ".,"]
    if not marks:
        return float(text) if text.isdecimal() else None
    last = marks[-1]
    whole, _, rest = text.rpartition(last)
    grouped = len(rest) == 3 and (len(marks) > 1 or not scaled)
    try:
        if len(set(marks)) == 1 and (len(marks) > 1 or grouped):
            return float(text.replace(last, ""))
        return float(re.sub(r"[.,]", "", whole) + "." + rest)
    except ValueError:
        return None


_EURO = frozenset(
    [
        "AT",
        "BE",
        "BG",
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
)
_OWN = {"GB": "GBP", "US": "USD", "CA": "CAD", "AU": "AUD", "NZ": "NZD", "KR": "KRW", "JP": "JPY", "BR": "BRL", "PL": "PLN", "SE": "SEK", "NO": "NOK", "DK": "DKK", "CH": "CHF", "HU": "HUF", "CZ": "CZK", "TR": "TRY", "IN": "INR", "CN": "CNY", "MX": "MXN", "PH": "PHP", "CO": "COP", "KE": "KES", "ZA": "ZAR", "SG": "SGD", "HK": "HKD", "RO": "RON", "NG": "NGN", "TH": "THB", "MY": "MYR", "AR": "ARS", "CL": "CLP"}  # fmt: skip


def currency_of(jurisdiction: str | None) -> str | None:
    """The currency in which a jurisdiction's authorities impose sums (ISO 4217)."""
    country = (jurisdiction or "").partition("-")[0]
    return "EUR" if country in _EURO else _OWN.get(country)
