"""What makes an entry the same entry, and a link the same link. Pure.

An entry's key is its guid, else its canonical link, else a hash of what it says; it is never
empty. Two further keys recognise an entry whose guid changed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

from .domain import ParsedEntry

_TRACKERS = re.compile(
    r"^(utm_.*|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|twclid|igshid|mc_cid|mc_eid|_hsenc|"
    r"_hsmi|mkt_tok|cmpid|cmp|smid|smtyp|ito|at_medium|at_campaign|at_.*|ns_.*|wt_mc|wt\.mc_id|"
    r"ocid|ncid|sr_share|xtor|pk_.*|piwik_.*|mtm_.*|trk|trkcampaign|feature|_ga|_gl|oly_.*|"
    r"rss_id|ref_src|ref_url|s_cid|vero_.*|wickedid|ck_subscriber_id|sref|guccounter|guce_.*)$",
    re.I,
)
_SAFE_PATH = "/:@!$&'()*+,;=-._~%"


@dataclass(frozen=True, slots=True)
class EntryKeys:
    """What an entry is recognised by, within its feed."""

    key: str
    link_key: str | None
    title_key: str
    content_hash: str


@dataclass(frozen=True, slots=True)
class KnownEntry:
    """An archived entry's keys; ``changes`` counts the edits already taken."""

    entry_id: int
    key: str
    link_key: str | None
    title_key: str
    content_hash: str
    changes: int = 0


@dataclass(frozen=True, slots=True)
class SortedOut:
    """A document's entries, told apart by what is known of them."""

    new: tuple[tuple[ParsedEntry, EntryKeys], ...]
    edited: tuple[tuple[ParsedEntry, EntryKeys, int], ...]
    unchanged: tuple[int, ...]


def host_of(url: str) -> str:
    """The host a request goes to, whatever the port; politeness counts per host."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def canonical_url(url: str) -> str:
    """A link without what only tracks: for comparing, never for fetching.

    Tracker parameters and the fragment go, the rest of the query is sorted, ``google.com/url``
    and AMP-cache wrappers are opened. Unknown parameters stay: they may be the story.
    What comes out does not change when it is put in again.
    """
    found = _canonical(_unwrapped(url.encode("utf-8", "replace").decode().strip()))
    while len(inner := _unwrapped(found)) < len(found):
        found = _canonical(inner)
    return found


def _canonical(url: str) -> str:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return url
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
        return url
    host = parts.hostname.lower()
    host = f"[{host}]" if ":" in host else host
    if port and port not in (80, 443):  # whichever: http and https are one here
        host = f"{host}:{port}"
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    query = urlencode(sorted((k, v) for k, v in pairs if not _TRACKERS.match(k)))
    path = quote(unquote(parts.path), safe=_SAFE_PATH.replace("%", "")) or "/"
    return urlunsplit(("https", host, path, query, ""))


def link_key(url: str) -> str:
    """A coarser form of a link, for matching only: ``m.``, ``www.``, ``amp`` and a last slash fold."""
    url = canonical_url(url)
    try:
        parts = urlsplit(url)
    except ValueError:
        return url  # no address, yet the same one again is the same
    host = re.sub(r"^(www|m|mobile|amp)\.", "", parts.netloc)
    path = re.sub(r"(/amp)?/*$", "", parts.path)
    return host + path + (f"?{parts.query}" if parts.query else "")


def _unwrapped(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    host = (parts.hostname or "").removeprefix("www.")
    if re.fullmatch(r"google\.[a-z.]+", host):
        if parts.path == "/url":
            for name, value in parse_qsl(parts.query):
                if name in ("url", "q") and value.startswith(("http://", "https://")):
                    return value
        if parts.path.startswith("/amp/s/"):
            return "https://" + parts.path.removeprefix("/amp/s/")
    return url


def entry_keys(entry: ParsedEntry) -> EntryKeys:
    """The keys of an entry; the first is never empty, even for an entry that says nothing."""
    link = link_key(entry.url) if entry.url else None
    day = entry.published.date().isoformat() if entry.published else (entry.published_raw or "")
    said = _hash(entry.title, entry.summary, entry.text)
    if entry.guid:
        key = f"guid:{entry.guid}" if len(entry.guid) <= 200 else f"guid:{_hash(entry.guid)}"
    elif link:
        key = f"link:{link}" if len(link) <= 200 else f"link:{_hash(link)}"
    else:
        key = f"text:{_hash(entry.title, entry.published_raw or day, entry.summary)}"
    return EntryKeys(
        key=key,
        link_key=link,
        title_key=_hash(_folded(entry.title), day if day else entry.summary[:200]),
        content_hash=said,
    )


def sort_out(
    entries: Sequence[ParsedEntry],
    known: Sequence[KnownEntry],
    keys_of: Sequence[EntryKeys] | None = None,
) -> SortedOut:
    """Tell new entries from edited and unchanged ones; ``keys_of`` are theirs, where computed already.

    The same guid twice in one document with different links is two entries. An entry whose
    guid changed is known by its link, or by title and date.
    """
    book = _Book(known)
    new: list[tuple[ParsedEntry, EntryKeys]] = []
    edited: list[tuple[ParsedEntry, EntryKeys, int]] = []
    unchanged: list[int] = []
    taken: dict[str, str | None] = {}
    for entry, keys in zip(entries, keys_of or map(entry_keys, entries), strict=True):
        if keys.key in taken:
            if taken[keys.key] == keys.link_key:
                continue
            keys = _told_apart(keys)
            if keys.key in taken:
                continue
        taken[keys.key] = keys.link_key
        match = book.find(keys)
        if match is None:
            new.append((entry, keys))
        elif match.content_hash == keys.content_hash:
            unchanged.append(match.entry_id)
        else:
            edited.append((entry, keys, match.entry_id))
    return SortedOut(tuple(new), tuple(edited), tuple(unchanged))


class _Book:
    """Known entries by each of their keys; each is found once."""

    def __init__(self, known: Sequence[KnownEntry]) -> None:
        self._by_key = {k.key: k for k in known}
        self._by_link: dict[str, list[KnownEntry]] = {}
        self._by_title: dict[str, list[KnownEntry]] = {}
        self._found: set[int] = set()
        for entry in known:
            if entry.link_key:
                self._by_link.setdefault(entry.link_key, []).append(entry)
            self._by_title.setdefault(entry.title_key, []).append(entry)

    def find(self, keys: EntryKeys) -> KnownEntry | None:
        match = self._by_key.get(keys.key) or self._by_key.get(_told_apart(keys).key)
        if match and self._is_other_story(match, keys):
            match = None
        if match is None and keys.link_key:
            match = self._first(self._by_link.get(keys.link_key, []), keys)
        if match is None:
            match = self._first(self._by_title.get(keys.title_key, []), keys)
        if match:
            self._found.add(match.entry_id)
        return match

    def _is_other_story(self, match: KnownEntry, keys: EntryKeys) -> bool:
        """A recycled guid: other link, other title, other text."""
        return bool(
            match.link_key
            and keys.link_key
            and match.link_key != keys.link_key
            and match.title_key != keys.title_key
            and match.content_hash != keys.content_hash
        )

    def _first(self, entries: Sequence[KnownEntry], keys: EntryKeys) -> KnownEntry | None:
        """A link that many entries share (a home page) identifies none of them."""
        same_title = [e for e in entries if e.title_key == keys.title_key]
        pool = same_title or (entries if len(entries) == 1 else [])
        free = [e for e in pool if e.entry_id not in self._found]
        return free[0] if free else None


def _told_apart(keys: EntryKeys) -> EntryKeys:
    """The keys of a second entry under one guid."""
    return EntryKeys(
        f"{keys.key}#{_hash(keys.link_key or keys.title_key)[:12]}",
        keys.link_key,
        keys.title_key,
        keys.content_hash,
    )


def _folded(text: str) -> str:
    return re.sub(r"\W+", " ", text.casefold()).strip()


def _hash(*parts: str) -> str:
    text = "\x1f".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(text, digest_size=16).hexdigest()
