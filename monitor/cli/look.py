"""``hits``, ``stories``, ``feeds``, ``deliveries``: the archive as tables, newest first."""

from __future__ import annotations

from typing import Any

import click

from ..state import source_rows
from ..store.deliveries import DeliveryLedger
from ..store.reading import list_deliveries, list_hits, list_stories
from .app import App, as_json
from .since import SINCE
from .tables import print_table

_since = click.option("--since", type=SINCE, help="7d, 12h or an ISO date; on first_seen.")
_search = click.option("--search", help="Words in title, summary or text.")
_json = click.option("--json", "json_", is_flag=True, help="One JSON document.")
_limit = click.option("--limit", default=50, show_default=True, type=click.IntRange(0, 1_000_000_000), help="Rows shown; 0 = all. With --json all.")  # fmt: skip


def _show(
    rows: list[dict[str, Any]], columns: tuple[str, ...], *, json_: bool, limit: int, main: str | None = None, spare: tuple[str, ...] = ()
) -> None:  # fmt: skip
    if json_:
        click.echo(as_json(rows))
        return
    shown = rows[:limit] if limit else rows
    print_table(shown, columns, main=main, spare=spare)
    if len(shown) < len(rows):
        click.echo("… and more; --limit 0 shows all.", err=True)


def _asked(limit: int, *, json_: bool) -> int | None:
    """How many rows to read: one more than shown tells whether there are more."""
    return None if json_ or not limit else limit + 1


@click.command()
@_since
@_search
@_json
@_limit
@click.pass_obj
def hits(app: App, since: Any, search: str | None, json_: bool, limit: int) -> None:
    """Hits, newest first."""
    with app.archive() as archive:
        rows = list_hits(archive, since=since and since(app.ports.now()), search=search, limit=_asked(limit, json_=json_))  # fmt: skip
    _show(rows, ("entry_id", "first_seen", "regulator", "organisation", "action", "jurisdiction", "title", "source"), json_=json_, limit=limit, spare=("source", "jurisdiction", "organisation", "action"))  # fmt: skip


@click.command()
@_since
@_search
@_json
@_limit
@click.pass_obj
def stories(app: App, since: Any, search: str | None, json_: bool, limit: int) -> None:
    """Stories, newest first."""
    with app.archive() as archive:
        rows = list_stories(archive, since=since and since(app.ports.now()), search=search, limit=_asked(limit, json_=json_))  # fmt: skip
    _show(rows, ("story_id", "first_seen", "regulator", "organisation", "action", "sources", "title"), json_=json_, limit=limit, spare=("sources", "organisation", "action"))  # fmt: skip


@click.command()
@_json
@click.option(
    "--limit", default=0, show_default=True, type=click.IntRange(min=0), help="Rows shown; 0 = all."
)
@click.pass_obj
def feeds(app: App, json_: bool, limit: int) -> None:
    """The configured sources and how they are."""
    with app.archive() as archive:
        rows = source_rows(archive)
    _show(rows, ("name", "kind", "jurisdiction", "state", "error_class", "last_ok", "next_due", "next_reason"), json_=json_, limit=limit, main="name", spare=("next_reason", "kind", "jurisdiction", "next_due", "error_class"))  # fmt: skip


@click.command()
@click.option("--all", "sent", is_flag=True, help="Those that were sent, too.")
@click.option("--requeue", is_flag=True, help="Owe what was given up again; the service or `once` sends it.")  # fmt: skip
@_json
@_limit
@click.pass_obj
def deliveries(app: App, sent: bool, requeue: bool, json_: bool, limit: int) -> None:
    """What is owed, held or was given up, per channel, with the reason."""
    if requeue:
        with app.archive(write=True) as archive:
            n = DeliveryLedger(archive).requeue(app.ports.now())
        click.echo(f"{n} deliveries are owed again.", err=True)
    with app.archive() as archive:
        rows = list_deliveries(archive, sent=sent)
    _show(rows, ("id", "channel", "state", "kind", "story_id", "attempts", "created", "last_error"), json_=json_, limit=limit, main="last_error", spare=("created", "attempts", "kind"))  # fmt: skip
