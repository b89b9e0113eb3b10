"""Text of strangers made harmless for Slack and for a terminal. Pure.

Nothing an entry says may mention people, forge a link, or break the layout: what controls or
hides (Cc, Cf, bidi marks, fillers) goes, stacked accents end, and a cut falls between characters
as people see them.
"""

from __future__ import annotations

import re
import unicodedata

MARKS = 5
"""So many accents on one letter; more are written to break the lines above and below."""

_INVISIBLE = frozenset({0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0})
_JOINERS = "\u200c\u200d"
_JOINED = {"So", "Sk", "Lo", "Mn", "Mc", "Me"}
# the marks that are set above and below a letter, in the scripts in which they can be piled up
_ABOVE_AND_BELOW = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc"
    "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20f0\ufe20-\ufe2f"
)
_STACKED = re.compile(f"([{_ABOVE_AND_BELOW}]{{{MARKS}}})[{_ABOVE_AND_BELOW}]+")
_ADDRESS = re.compile("https?://[^/?#]", re.I)
_STRAY = re.compile(f"[{_JOINERS}]+")


class _Visible(dict[int, int | None]):
    """For ``str.translate``: what is to be seen stays, the rest goes; looked up once per letter."""

    def __missing__(self, code: int) -> int | None:
        mark = chr(code)
        hidden = unicodedata.category(mark) in ("Cc", "Cf", "Cs", "Cn")
        kept = mark in _JOINERS or not (hidden or code in _INVISIBLE)
        self[code] = code if kept else None
        return self[code]


_VISIBLE = _Visible()


def tidy(text: str, limit: int) -> str:
    """One line of visible text, at most ``limit`` characters, cut between two of them."""
    # a hostile title may be endless: what is far beyond the limit is not even looked at
    line = re.sub(r"\s+", " ", text[: 6 * limit + 200]).strip()
    if not line.isascii():
        line = _STRAY.sub(_joiner, line.translate(_VISIBLE))
        line = _STACKED.sub(r"\1", line)
    else:
        line = re.sub("[\x00-\x1f\x7f]", "", line)
    line = re.sub(" {2,}", " ", line).strip()
    if len(line) <= limit:
        return line
    return line[: _whole(line, limit - 1)].rstrip() + "…"


def _joiner(found: re.Match[str]) -> str:
    """Joiners belong between emoji and in scripts that shape letters by them, nowhere else."""
    line, start, end = found.string, found.start(), found.end()
    if start == 0 or end == len(line) or line[end].isspace():
        return ""
    return found[0][0] if unicodedata.category(line[start - 1]) in _JOINED else ""


def _whole(line: str, end: int) -> int:
    """The last place at or before ``end`` that lies between two characters as people see them."""
    for place in range(end, max(0, end - 60), -1):
        if not _belongs(line, place):
            return place
    return end if end > 60 else 0


def _belongs(line: str, place: int) -> bool:
    """Whether the code point at ``place`` is part of the character before it."""
    mark, before = line[place], line[place - 1]
    if unicodedata.category(mark) in ("Mn", "Mc", "Me") or mark in _JOINERS or before in _JOINERS:
        return True
    if "\U0001f3fb" <= mark <= "\U0001f3ff":  # a skin tone
        return True
    if not _is_flag_letter(mark):
        return False
    letters = 0
    while letters < place and _is_flag_letter(line[place - 1 - letters]):
        letters += 1
    return letters % 2 == 1


def _is_flag_letter(mark: str) -> bool:
    return "\U0001f1e6" <= mark <= "\U0001f1ff"


def slack(text: str, limit: int) -> str:
    """Tidied and escaped mrkdwn: cut first, then ``& < >`` as entities, and no live formatting.

    The result is at most five times as long as ``limit``.
    """
    escaped = tidy(text, limit).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    # Slack has no escape for the marks that format, so letters that look like them stand in
    plain = escaped.replace("*", "∗").replace("`", "ˋ").replace("~", "∼")
    return re.sub(r"(?<!\w)_|_(?!\w)", "＿", plain)


def slack_link(url: str | None, label: str, limit: int, *, room: int = 2800) -> str:
    """A mrkdwn link within ``room`` characters, or the label alone where that cannot be."""
    shown = slack(label, limit).replace("|", "¦")
    safe = re.sub(r"\s", "%20", (url or "").translate(_VISIBLE))
    if not _ADDRESS.match(safe):
        return shown
    for mark, code in (("<", "%3C"), (">", "%3E"), ("|", "%7C"), ("&", "&amp;")):
        safe = safe.replace(mark, code)
    link = f"<{safe}|{shown}>"
    return link if shown and len(link) <= room else shown
