"""A configuration file to a frozen ``Config``, or to every problem it has.

Reads files and the environment it is given; opens no archive and no connection.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path

from pydantic import Field, ValidationError

from classifiers.yamlfile import Document, dotted, one_line, read

from ..domain import Feed, FeedName, Selectors
from ..errors import ConfigError
from .alert_keys import AlertKeys
from .schema import (
    ClusterKeys,
    FeedKeys,
    FullTextKeys,
    KeepKeys,
    Keys,
    Place,
    PollKeys,
    ServiceKeys,
)
from .words import say, source_problems

FLOOR = timedelta(minutes=15)
"""No source is polled more often, whatever the configuration says."""


class Root(Keys):
    """The whole file."""

    archive: Place = Field(
        "data/regwatch.db", description="The SQLite file; relative to this file."
    )
    seeds: list[Place] = Field(["builtin"], description="What the classifier learns from: `builtin` plus folders of your own.")  # fmt: skip
    poll: PollKeys = PollKeys.model_validate({})
    fulltext: FullTextKeys = FullTextKeys.model_validate({})
    alerts: AlertKeys = AlertKeys.model_validate({})
    keep: KeepKeys = KeepKeys.model_validate({})
    service: ServiceKeys = ServiceKeys.model_validate({})
    cluster: ClusterKeys | None = Field(None, description="Polling by other processes, on other machines too. null: the service polls by itself.")  # fmt: skip
    feeds: list[FeedKeys] = Field([], description="The sources.")


@dataclass(frozen=True, slots=True)
class SlackConfig:
    """A usable way into Slack: a bot token, or else a webhook. Secrets never show in ``repr``."""

    channel: str
    base_url: str
    token: str | None = field(default=None, repr=False)
    app_token: str | None = field(default=None, repr=False)
    webhook: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class WebhookConfig:
    """Where signed JSON goes."""

    url: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ClusterConfig:
    """Where polls are handed out; the connection string is a secret."""

    queue: str
    stalled_after: timedelta
    dsn: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Config:
    """A valid configuration, paths resolved, durations clamped."""

    path: Path
    archive: Path
    seeds: tuple[Path, ...]
    builtin_seeds: bool
    poll: PollKeys
    fulltext: FullTextKeys
    alerts: AlertKeys
    keep: KeepKeys
    service: ServiceKeys
    feeds: tuple[Feed, ...]
    slack: SlackConfig | None = None
    webhook: WebhookConfig | None = None
    cluster: ClusterConfig | None = None
    warnings: tuple[str, ...] = ()


def load(
    path: Path,
    *,
    environ: Mapping[str, str],
    base: Path | None = None,
    builtin: Path,
    secrets: bool = True,
) -> Config:
    """Read and check a configuration.

    ``base`` is the folder that relative paths start from (the file's own by default);
    ``builtin`` the folder of the shipped seeds.

    Without ``secrets`` it is enough to read by: what stands outside the file may be missing.

    Raises:
        ConfigError: with every problem as ``file:line: key: what is wrong``.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise ConfigError([f"{path}: cannot be read: {reason}"]) from error
    document = read(text)
    problems = list(document.problems)
    root = _validate(document, problems)
    base = base or path.absolute().parent
    slack, webhook, cluster = None, None, None
    problems += _source_problems(document)
    missing = problems if secrets else []
    if root is not None:
        slack = _slack(root.alerts, environ, base, document, missing)
        webhook = _webhook(root.alerts, environ, document, missing)
        cluster = _cluster(root, environ, document, missing)
        problems += _seed_problems(root, base, document)
        problems += _full_text_problems(root, document)
        problems += _export_problems(root, base, document)
    if problems or root is None:
        found = sorted(set(problems))
        raise ConfigError([one_line(f"{path.name}:{line}: {text}") for line, text in found])
    config = _config(root, document, path, base, builtin, slack)
    return replace(config, webhook=webhook, cluster=cluster)


def _validate(document: Document, problems: list[tuple[int, str]]) -> Root | None:
    if document.problems and document.value is None:
        return None
    if document.value is not None and not isinstance(document.value, dict):
        problems.append((1, "the file must be a mapping with keys such as feeds:"))
        return None
    try:
        # a key with nothing below it (all commented out) means its default
        given = {k: v for k, v in (document.value or {}).items() if v is not None}
        return Root.model_validate(given)
    except ValidationError as error:
        for detail in error.errors():
            where = tuple(p for p in detail["loc"] if not (isinstance(p, str) and p == "[key]"))
            problems.append((document.line_of(where), f"{dotted(where)}: {say(detail)}"))
        return None


def _source_problems(document: Document) -> list[tuple[int, str]]:
    """What does not go together in a source, and what stands twice; read from the raw value, so that other problems hide none."""
    feeds = document.value.get("feeds") if isinstance(document.value, dict) else None
    problems = []
    first: dict[tuple[str, str], int] = {}
    for n, feed in enumerate(feeds if isinstance(feeds, list) else []):
        if not isinstance(feed, dict):
            continue
        problems += [(document.line_of(("feeds", n)), f"feeds[{n}]: {said}") for said in source_problems(feed)]  # fmt: skip
        for key, value in (("name", feed.get("name")), ("address", feed.get("url") or feed.get("watch"))):  # fmt: skip
            line = document.line_of(("feeds", n, "name"))
            if (key, str(value)) in first:
                problems.append((line, f"feeds[{n}]: {key} {value!r} stands in line {first[key, str(value)]} as well"))  # fmt: skip
            first.setdefault((key, str(value)), line)
    return problems


def _slack(
    alerts: AlertKeys,
    environ: Mapping[str, str],
    base: Path,
    document: Document,
    problems: list[tuple[int, str]],
) -> SlackConfig | None:
    keys = alerts.slack
    if keys is None:
        return None
    line = document.line_of(("alerts", "slack"))
    token = environ.get(keys.token_env) or None
    if keys.token_file is not None:
        try:
            token = (base / keys.token_file).read_text(encoding="utf-8").strip() or None
        except (OSError, UnicodeDecodeError) as error:
            problems.append((document.line_of(("alerts", "slack", "token_file")), f"alerts.slack.token_file: {keys.token_file}: cannot be read: {getattr(error, 'strerror', 'not text')}"))  # fmt: skip
    webhook = environ.get(keys.webhook_env) or None
    if webhook is not None and not webhook.startswith(("http://", "https://")):
        problems.append((line, f"alerts.slack: the variable {keys.webhook_env} does not hold an http or https URL"))  # fmt: skip
    if token is None and webhook is None:
        problems.append((line, f"alerts.slack: no usable token or webhook: set the variable {keys.token_env} (bot token) or {keys.webhook_env} (incoming webhook), or remove the slack: block"))  # fmt: skip
    if token is None and alerts.routes:
        problems.append((document.line_of(("alerts", "routes")), f"alerts.routes: a webhook posts to one channel only; routes need a bot token: set the variable {keys.token_env}"))  # fmt: skip
    if token is not None and not keys.channel:
        problems.append((line, "alerts.slack.channel: required with a bot token; in Slack: open the channel's details, the id (C…) stands at the bottom"))  # fmt: skip
    return SlackConfig(
        channel=keys.channel or "webhook",
        base_url=keys.base_url,
        token=token,
        app_token=environ.get(keys.app_token_env) or None,
        webhook=webhook,
    )


def _webhook(
    alerts: AlertKeys,
    environ: Mapping[str, str],
    document: Document,
    problems: list[tuple[int, str]],
) -> WebhookConfig | None:
    keys = alerts.webhook
    if keys is None:
        return None
    secret = environ.get(keys.secret_env) or ""
    if not secret:
        problems.append((document.line_of(("alerts", "webhook")), f"alerts.webhook: the variable {keys.secret_env} holds no secret; the receiver could not tell our posts from others"))  # fmt: skip
    return WebhookConfig(keys.url, secret)


def _cluster(
    root: Root, environ: Mapping[str, str], document: Document, problems: list[tuple[int, str]]
) -> ClusterConfig | None:
    keys = root.cluster
    if keys is None:
        return None
    dsn = environ.get(keys.dsn_env) or ""
    if not dsn:
        problems.append((document.line_of(("cluster",)), f"cluster: the variable {keys.dsn_env} holds no connection string (postgresql://…)"))  # fmt: skip
    if keys.stalled_after < 2 * root.poll.timeout:
        problems.append((document.line_of(("cluster", "stalled_after")), "cluster.stalled_after: less than twice poll.timeout; a slow source would never be polled to its end"))  # fmt: skip
    return ClusterConfig(keys.queue, keys.stalled_after, dsn)


def _seed_problems(root: Root, base: Path, document: Document) -> list[tuple[int, str]]:
    return [
        (document.line_of(("seeds", n)), f"seeds[{n}]: no such folder: {base / seed}")
        for n, seed in enumerate(root.seeds)
        if seed != "builtin" and not _is_folder(base / seed)
    ]


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a folder above it is closed to us, or the whole is too long
        return False


def _full_text_problems(root: Root, document: Document) -> list[tuple[int, str]]:
    if find_spec("trafilatura") is not None:
        return []
    keys: list[tuple[str | int, ...]] = [("fulltext", "enabled")] if root.fulltext.enabled else []
    keys += [("feeds", n, "fulltext") for n, feed in enumerate(root.feeds) if feed.fulltext]
    said = "needs the extra: pip install 'regwatch[fulltext]'"
    return [(document.line_of(key), f"{dotted(key)}: {said}") for key in keys]


def _export_problems(root: Root, base: Path, document: Document) -> list[tuple[int, str]]:
    target = root.keep.export
    if target is None or (base / target).resolve() != (base / root.archive).resolve():
        return []
    key = ("keep", "export")
    return [(document.line_of(key), f"{dotted(key)}: is the archive itself; name another file")]


def _config(
    root: Root,
    document: Document,
    path: Path,
    base: Path,
    builtin: Path,
    slack: SlackConfig | None,
) -> Config:
    warnings = []
    if root.poll.interval < FLOOR:
        warnings.append(f"{path.name}:{document.line_of(('poll', 'interval'))}: poll.interval: below 15m; 15m is used")  # fmt: skip
    for n, feed in enumerate(root.feeds):
        if feed.interval is not None and feed.interval < FLOOR:
            warnings.append(f"{path.name}:{document.line_of(('feeds', n, 'interval'))}: feeds[{n}].interval: below 15m; 15m is used")  # fmt: skip
    if not any(feed.enabled for feed in root.feeds):
        said = "every source has enabled: false" if root.feeds else "there is no source"
        warnings.append(f"{path.name}:{document.line_of(('feeds',))}: feeds: {said}, so nothing would be watched; `regwatch check URL` finds a page's feed and writes the lines to paste")  # fmt: skip
    return Config(
        path=path,
        archive=base / root.archive,
        seeds=tuple(builtin if seed == "builtin" else base / seed for seed in root.seeds),
        builtin_seeds=root.seeds == ["builtin"],
        poll=root.poll,
        fulltext=root.fulltext,
        alerts=root.alerts,
        keep=root.keep,
        service=root.service,
        feeds=tuple(_feed(keys, root) for keys in root.feeds),
        slack=slack,
        warnings=tuple(warnings),
    )


def _feed(keys: FeedKeys, root: Root) -> Feed:
    selectors = None
    if keys.entry is not None:
        selectors = Selectors(keys.entry, keys.link, keys.title, keys.date)
    return Feed(
        name=FeedName(keys.name),
        url=str(keys.url or keys.watch),
        kind=keys.kind,
        jurisdiction=keys.jurisdiction,
        language=keys.language,
        watch=keys.watch is not None,
        selectors=selectors,
        interval=max(FLOOR, keys.interval or root.poll.interval),
        enabled=keys.enabled,
        fallbacks=tuple(keys.fallbacks),
        headers_env=dict(keys.headers_env),
        fulltext=root.fulltext.enabled if keys.fulltext is None else keys.fulltext,
    )
