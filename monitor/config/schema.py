"""The keys of ``feeds.yaml``, their types, defaults and meanings.

The descriptions here are the configuration reference: ``docs/config.md`` is generated from them.
Knows nothing of files or lines.
"""

from __future__ import annotations

import ipaddress
import re
from datetime import timedelta
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from ..domain import SourceKind

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
LONGEST = timedelta(days=36_500)
"""Of a duration: further from now no calendar reaches."""
_SIZES = {"": 1, "B": 1, "kB": 1000, "KB": 1000, "MB": 10**6, "GB": 10**9}


def shown(value: Any) -> str:
    """A value of the file as its writer knows it."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, timedelta):
        return f"{value.total_seconds():g}s"
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:79]}…"


def parse_duration(value: Any) -> Any:
    """``90s``, ``15m``, ``1h``, ``3d`` or ``1h30m`` as a timedelta.

    Raises:
        ValueError: anything else.
    """
    if isinstance(value, timedelta):
        return value
    text = str(value).strip()
    if re.fullmatch(r"(?:\d+(?:\.\d+)?[smhdw])+", text):
        parts = re.findall(r"(\d+(?:\.\d+)?)([smhdw])", text)
        seconds = sum(float(number) * _UNITS[unit] for number, unit in parts)
        if seconds > LONGEST.total_seconds():
            raise ValueError(f"{shown(text)} is too long a time: more than a hundred years")
        return timedelta(seconds=seconds)
    raise ValueError(f"{shown(value)} is not a duration; write for example 30s, 15m, 1h, 3d")


def parse_size(value: Any) -> Any:
    """``10MB`` or a number of bytes as an int.

    Raises:
        ValueError: anything else.
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kKMG]?B?)", str(value).strip())
    if isinstance(value, bool) or match is None or match[2] not in _SIZES:
        raise ValueError(f"{shown(value)} is not a size; write for example 500kB or 10MB")
    size = float(match[1]) * _SIZES[match[2]]
    if size > 1e15:
        raise ValueError(f"{shown(value)} is too large a size")
    return int(size)


def parse_path(value: Any) -> Any:
    """A file or folder.

    Raises:
        ValueError: a text that no file system takes.
    """
    if isinstance(value, str) and "\0" in value:
        raise ValueError(f"{shown(value)} is not a path: it holds a NUL")
    return value


def parse_url(value: Any) -> Any:
    """An absolute http or https URL.

    Raises:
        ValueError: anything else.
    """
    if not isinstance(value, str):
        raise ValueError(f"{shown(value)} is not a URL")  # noqa: TRY004 - pydantic collects ValueErrors
    try:
        parts = urlsplit(value)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and " " not in value
        _ = parts.port
    except ValueError:
        valid = False
    if not valid:
        raise ValueError(f"{shown(value)} is not an http or https URL")
    return value


def parse_network(value: Any) -> Any:
    """A CIDR range or a single address.

    Raises:
        ValueError: anything else.
    """
    try:
        return ipaddress.ip_network(str(value), strict=False)
    except ValueError as error:
        raise ValueError(f"{shown(value)} is not an address or CIDR range") from error


Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
Size = Annotated[int, BeforeValidator(parse_size)]
Place = Annotated[str, BeforeValidator(parse_path)]
Url = Annotated[str, BeforeValidator(parse_url)]
Network = Annotated[Any, BeforeValidator(parse_network)]
EnvName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]


class Keys(BaseModel):
    """A mapping that knows all its keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class PollKeys(Keys):
    """How sources are polled."""

    interval: Duration = Field(timedelta(hours=1), description="Time between polls of a source; below 15m it is clamped to 15m with a warning.")  # fmt: skip
    concurrency: int = Field(20, ge=1, le=500, description="Sources in flight at once.")
    host_gap: Duration = Field(timedelta(seconds=1), description="Time between two starts on one host, where only one source is in flight; 0s lifts both rules.")  # fmt: skip
    timeout: Duration = Field(timedelta(seconds=30), description="For a whole fetch, slow headers and slow bodies included.")  # fmt: skip
    max_body: Size = Field(10_000_000, ge=1000, description="Most bytes of a body, decompressed.")
    contact: str = Field("https://github.com/regwatch/regwatch", max_length=200, pattern=r"^[!-'*-~]+$", description="Stands in the User-Agent, so that a source can reach you.")  # fmt: skip
    proxy: Url | None = Field(None, description="HTTP proxy for all sources; it then resolves names, so the address guard sees only the proxy.")  # fmt: skip
    allow_addresses: list[Network] = Field([], description="CIDR ranges of private sources; everything not public is refused otherwise.")  # fmt: skip
    pause_whole_host: bool = Field(True, description="A Retry-After holds back every source on the same host, not only the one that met it.")  # fmt: skip


class FeedKeys(Keys):
    """One source: `url:` for a feed, `watch:` for a listing page without one."""

    name: str = Field(min_length=1, max_length=200, description="Unique; it names the source everywhere.")  # fmt: skip
    url: Url | None = Field(None, description="RSS, Atom, RDF, JSON Feed or sitemap.")
    watch: Url | None = Field(None, description="A listing page, for a source that has no feed.")
    kind: SourceKind = Field(description="regulator, court, ngo, press, law or aggregator.")
    jurisdiction: str | None = Field(None, pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$", description="ISO 3166 code, or EU.")  # fmt: skip
    language: str | None = Field(None, pattern=r"^[a-z]{2,3}(-[A-Za-z]{2,4})?$", description="ISO 639 code of what the source writes.")  # fmt: skip
    entry: str | None = Field(None, description="With watch: the CSS selector of the repeated element; derived from the page where absent.")  # fmt: skip
    link: str | None = Field(None, description="With entry: selector of the link within it.")
    title: str | None = Field(None, description="With entry: selector of the title within it.")
    date: str | None = Field(None, description="With entry: selector of the date within it.")
    interval: Duration | None = Field(None, description="Overrides poll.interval.")
    enabled: bool = Field(True, description="false: kept in the list, never polled.")
    fallbacks: list[Url] = Field([], description="Other URLs, tried in order while the first fails.")  # fmt: skip
    headers_env: dict[str, EnvName] = Field({}, description="Request headers whose values stand in environment variables.")  # fmt: skip
    fulltext: bool | None = Field(None, description="Overrides fulltext.enabled.")


class KeepKeys(Keys):
    """What is kept, and for how long."""

    text: Duration = Field(timedelta(days=365), description="Text of irrelevant entries; afterwards identity, title and verdict remain.")  # fmt: skip
    fetches: Duration = Field(timedelta(days=400), description="One row per poll; older ones are dropped, except those that are evidence of a hit.")  # fmt: skip
    backups: int = Field(7, ge=0, description="Nightly copies kept beside the archive; 0 = none.")
    export: Place | None = Field(None, description="A file of hits for other readers, brought up to date after each cycle; by its ending CSV (.csv), JSON Lines (.jsonl), else Atom with the newest 500.")  # fmt: skip


class FullTextKeys(Keys):
    """Articles read in full, for entries that pass the screen on few words."""

    enabled: bool = Field(False, description="Fetch the page of such an entry, as robots.txt allows, judge again with its text and keep an extract as evidence; needs the extra `fulltext`.")  # fmt: skip
    below: int = Field(600, ge=0, le=20_000, description="An entry with fewer characters of summary and text has little text.")  # fmt: skip


class ServiceKeys(Keys):
    """The process itself."""

    log: Literal["auto", "text", "json"] = Field("auto", description="auto: text on a terminal, JSON otherwise.")  # fmt: skip
    metrics_port: int | None = Field(None, ge=0, le=65535, description="Serve /metrics (Prometheus) and /healthz on this port of 127.0.0.1; needs the extra `metrics`.")  # fmt: skip
    ping: Url | None = Field(None, description="Asked with GET after each cycle while all is well: a watchdog elsewhere notices when the service falls silent.")  # fmt: skip


class ClusterKeys(Keys):
    """Several pollers: `regwatch poller` polls, `run` hands out and records; needs the extra `cluster`. Changes need a restart."""

    dsn_env: EnvName = Field("REGWATCH_CLUSTER_DSN", description="Variable with PostgreSQL's connection string (postgresql://…).")  # fmt: skip
    queue: str = Field("regwatch", pattern=r"^[A-Za-z0-9_-]{1,60}$", description="The queue's name; one per archive.")  # fmt: skip
    stalled_after: Duration = Field(timedelta(minutes=3), ge=timedelta(seconds=10), description="A poller that gives no sign for so long is taken for dead, and others take over its polls; a whole poll is ended after half of it. At least twice poll.timeout.")  # fmt: skip
