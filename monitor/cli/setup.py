"""``init``, ``check``, ``demo``: the first minutes."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import click

from ..config import Config
from ..defaults import shipped
from ..discover import discover
from ..errors import CheckFailed, ConfigError, UsageError
from ..net import Net
from ..store import keeping
from ..store.archive import Archive, examine
from ..store.migrations import schema_version
from ..store.place import check_place
from ..workers import ParserPool
from .app import App

_ENV = """# Secrets for regwatch, read by `make run` and `docker compose`. Copy to .env and fill in.
# A bot token posts, edits and can look after a lost reply:
SLACK_BOT_TOKEN=
# Optional: buttons under alerts.
SLACK_APP_TOKEN=
# Without a bot token: an incoming webhook.
SLACK_WEBHOOK_URL=
"""


@click.command()
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
def init(directory: Path) -> None:
    """Write an editable feeds.yaml, seeds and .env.example; overwrite nothing."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name in ("feeds.yaml", "seeds", ".env.example"):
            target = directory / name
            if target.exists():
                click.echo(f"kept     {target}")
                continue
            if name == "seeds":
                shutil.copytree(shipped("seeds"), target)
            elif name == "feeds.yaml":
                shutil.copyfile(shipped("feeds.yaml"), target)
            else:
                target.write_text(_ENV, encoding="utf-8")
            click.echo(f"written  {target}")
    except OSError as error:
        raise UsageError(f"{directory}: cannot be written: {error.strerror}") from error
    click.echo(f"The classifier reads {directory / 'seeds'} once feeds.yaml says `seeds: [seeds]` and `regwatch train` was run; until then the shipped model serves.")  # fmt: skip
    click.echo(f"Next: edit {directory / 'feeds.yaml'}, then `regwatch --config {directory / 'feeds.yaml'} check`.")  # fmt: skip


@click.command()
@click.argument("url", required=False)
@click.option("--online", is_flag=True, help="Also fetch each source, and ask Slack.")
@click.pass_obj
def check(app: App, url: str | None, online: bool) -> None:
    """Validate the configuration and the archive; with a URL: find its feed."""
    app.demand_secrets()
    config = app.config
    if url is not None:
        if not url.lower().startswith(("http://", "https://")):
            raise UsageError(f"{url}: not an address of the web; it begins with https:// or http://")  # fmt: skip
        asyncio.run(_discover(app, url))
        return
    for warning in config.warnings:
        click.echo(f"warning: {warning}")
    _check_seeds(config)
    on = sum(f.enabled for f in config.feeds)
    click.echo(f"{config.path}: {len(config.feeds)} sources, {on} enabled; model {app.model.id}, threshold {app.least_threshold:.3f}")  # fmt: skip
    _check_archive(config)
    if online:
        from .online import check_online

        try:
            red = asyncio.run(check_online(app, click.echo))
        except KeyboardInterrupt:
            raise CheckFailed("interrupted; not everything was checked") from None
        if red:
            raise CheckFailed(f"{red} checks failed")


def _check_seeds(config: Config) -> None:
    """Seeds of the user's own are read whole; the shipped ones were when the model was built."""
    if config.builtin_seeds:
        return
    from classifiers.topic import SeedError, Topic

    try:
        topic = Topic.load(config.seeds)
    except SeedError as error:
        raise ConfigError(error.problems) from error
    click.echo(f"seeds: {len(topic.examples)} examples in {', '.join(map(str, config.seeds))}")


def _check_archive(config: Config) -> None:
    version = examine(config.archive)
    check_place(config.archive)
    if version == 0:
        click.echo(f"{config.archive}: not there yet; the first run makes it")
        return
    found = keeping.quick_check(config.archive)
    if found != "ok":
        raise CheckFailed(f"archive {config.archive}: {found}; see docs/archive.md, 'Rescuing a damaged archive'")  # fmt: skip
    click.echo(f"{config.archive}: sound, schema {version}")
    if version == schema_version():
        with Archive.open_readonly(config.archive) as archive:
            lost = keeping.without_verdict(archive)
        if lost:
            click.echo(f"warning: {lost} entries have no verdict, as after a rescue with losses: import what was rescued into the last copy instead, or `regwatch rescore` judges them anew")  # fmt: skip


async def _discover(app: App, url: str) -> None:
    parsers = ParserPool(processes=1)
    try:
        async with Net(app.net_settings()) as net:
            found = await discover(net, parsers, url, app.ports.now(), gap_s=min(0.5, app.config.poll.host_gap.total_seconds()))  # fmt: skip
    finally:
        parsers.close()
    click.echo(found.text)
    if not found.usable:
        raise CheckFailed(f"{url}: nothing to watch was found")


@click.command()
def demo() -> None:
    """A small site on loopback, the real pipeline against it, the alert shown."""
    from ..demo import play

    play(click.echo)
