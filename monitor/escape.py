"""Text of strangers made harmless for Slack and for a terminal. Pure.

Nothing an entry says may mention people, forge a link, or break the layout.
"""

from __future__ import annotations

import re
import unicodedata

_CONTROLS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)


def tidy(text: str, limit: int) -> str:
    """One line without controls and bidi marks, at most ``limit`` characters, cut on a whole one."""
    line = re.sub(r"\s+", " ", _CONTROLS.sub("", text.replace("\n", " "))).strip()
    if len(line) <= limit:
        return line
    end = limit - 1
    while end > 0 and (unicodedata.combining(line[end]) or line[end] in "\u200d\ufe0f"):
        end -= 1
    return line[:end].rstrip() + "…"


def slack(text: str, limit: int) -> str:
    """Tidied and escaped mrkdwn: cut first, then ``& < >`` as entities, and no live formatting."""
    cut = tidy(text, limit)
    escaped = cut.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    # a zero-width joiner would be stripped by nobody, so the marks that format are replaced
    return (
        escaped.replace("*", "∗")
        .replace("`", "ˋ")
        .replace("~", "∼")
        .replace("_", "＿" if escaped.startswith("_") else "_")
    )


def slack_link(url: str | None, label: str, limit: int) -> str:
    """A mrkdwn link, or the label alone where the address is none."""
    shown = slack(label, limit).replace("|", "¦")
    if not url or not url.lower().startswith(("http://", "https://")) or len(url) > 2000:
        return shown
    safe = _CONTROLS.sub("", url)
    for mark, code in (("<", "%3C"), (">", "%3E"), ("|", "%7C"), (" ", "%20"), ("&", "&amp;")):
        safe = safe.replace(mark, code)
    return f"<{safe}|{shown}>"
