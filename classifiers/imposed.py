"""Which of a text's sums a step imposed: not a threatened maximum, a turnover or a daily rate. Pure."""

from __future__ import annotations

import re

from .money import Money, Sum, find_sums

_CAP = 6000
_NEAR = 60  # characters on either side in which the words stand that tell what a sum is
_SANCTION = re.compile(
    r"fine[ds]?\b|fining|penalt|penali|settle|\bpay|sanction|amende|bußgeld|busse\b|geldbuße|geldstrafe|strafe|multa|sanzion|sanci|coima|boete|\bkar[aęyą]\b|ukara|과징금|과태료|제재|물게|制裁|課徴|罰金|罚款|grzywn|böter|sanktionsavgift|gebyr|bøde|condamn|indemni|indeniz|danos morais|compensation|\bpaga|zahl|betaal|boet|impone|impôs|verser|astreinte|straft|conden|fixou|fissa|fij[oó]|inflige|infligé|verhängt|opgelegd|legt .{0,30}op|nałoży|impos|levied|slapp|hit with|damages",
    re.I,
)
_THREATENED = re.compile(
    r"(?:up to|as much as|maximum|at most|could face|may face|could be fined|may be fined|risk(?:s|ing|e|ent)?|rischia|droht|drohen|podría\w*|poderá|pode (?:pegar|chegar)|seek(?:s|ing)?|sought|demand(?:s|ing|ed)?|claim(?:s|ing)?|faces? (?:a )?(?:potential|possible|maximum)|jusqu['’]?à|bis zu|fino a(?:l)?|hasta|até|tot(?: maximaal)?|nawet|maksymaln\w+|\bdo\b|either|greater of|whichever|최대|最大)\W+(?:[\w€$£]+\W+){0,4}$",
    re.I,
)
_OTHER = re.compile(
    r"(?:multa diária(?: de)?|daily (?:fine|penalty)(?: of)?|turnover|revenues?(?! (?:agency|service|commission))|valued at|valuation|worth|raised|funding|invest\w*|market cap|chiffre d['’]affaires|umsatz|fatturato|facturación|faturamento|omzet|per day|a day|daily|dwangsom\w*|in damages sought|prices?|costs?|budget|fee of|subscription|earn(?:s|ed|ing|ings)?|profits?|sales|매출|투자|売上)\W+(?:[\w€$£]+\W+){0,4}$",
    re.I,
)
_RATE = re.compile(
    r"\W{0,2}(?:(?:per|a|each|every|pro|al|por|par|je|für jeden)\s?(?:day|week|month|violation|user|user|person|tag|giorno|dia|día|jour|dag)\b|daily|diári|täglich|par jour|dziennie"
    r"|(?:in )?(?:annual |yearly )?(?:turnover|revenue|sales|funding|valuation|profit|investment)|maximum|or (?:\d|four|2|4)|d['’]amende maximale|umsatz|users|utilisateurs|utenti|people|personnes|images|photos|faces)",
    re.I,
)


def imposed(title: str, body: str, home: str | None = None) -> Money | None:
    """The sum a step imposed, None where the text names none.

    ``home`` is the currency of the jurisdiction, where it is known: the sum in it is the one the
    authority imposed, others are conversions.
    """
    titled = _SANCTION.search(title) is not None
    best: tuple[tuple[bool, int, int], Money] | None = None
    for place, text in ((0, title), (1, body[:_CAP])):
        for one in find_sums(text, home):
            if not _counts(one, text, titled=titled):
                continue
            if best is not None and _sharper(one.money, best[1]):
                best = (best[0], Money(one.money.amount, best[1].currency, one.money.words))
                continue
            if not one.money.currency:
                continue
            rank = (home is not None and one.money.currency != home, place, one.start)
            if best is None or rank < best[0]:
                best = (rank, one.money)
    return best[1] if best else None


def _counts(one: Sum, text: str, *, titled: bool) -> bool:
    """Whether the words around a sum let it be the imposed one."""
    before = text[max(0, one.start - _NEAR) : one.start]
    after = text[one.end : one.end + _NEAR]
    if _THREATENED.search(before) or _OTHER.search(before) or _RATE.match(after):
        return False
    return titled or _SANCTION.search(f"{before} {after}") is not None


def _sharper(new: Money, old: Money) -> bool:
    """The same sum, told more exactly: 5.2 million after "5 million"."""
    digits = [sum(c.isdigit() for c in m.words) for m in (new, old)]
    close = abs(new.amount - old.amount) < 0.1 * old.amount
    return new.currency in (old.currency, "") and close and digits[0] > digits[1]
