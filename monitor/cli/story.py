"""``story show|merge|split`` and ``silence add|list|lift``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from difflib import get_close_matches
from typing import Any

import click

from ..decide import Silence
from ..domain import StoryView
from ..errors import UsageError
from ..message import money_text
from ..store import corrections, silences
from ..store.archive import Archive
from ..store.cases import case_of
from ..store.reading import timeline
from ..store.stories import disagreements, ids_of, resolve, story_view
from .app import App, as_json
from .since import UNTIL
from .tables import print_table

NUMBER = click.IntRange(1, 2**63 - 1)
"""A row's number: SQLite holds none above."""
_author = click.option("--author", help="Who decides; the login name by default.")


def _who(app: App, author: str | None) -> str:
    return author or app.login_name()


@click.group()
def story() -> None:
    """A story's timeline, and corrections that the machine never undoes."""


@story.command()
@click.argument("story_id")
@click.option("--json", "json_", is_flag=True, help="One JSON document.")
@click.pass_obj
def show(app: App, story_id: str, json_: bool) -> None:
    """Facts, sources, case and timeline of a story."""
    with app.archive() as archive:
        row = resolve(archive, story_id)
        if row is None:
            raise UsageError(f"no story {story_id!r}; `regwatch stories` lists them")
        view = story_view(archive, row)
        shown = {
            **asdict(view),
            "given_up": ids_of(archive, row)[1:],
            "disagreements": disagreements(archive, row),
            "case": case_of(archive, row),
            "timeline": timeline(archive, row),
        }
    if json_:
        click.echo(as_json(shown))
        return
    if view.story_id != (asked := story_id.strip().upper()):
        click.echo(f"{asked} was merged into {view.story_id}.")
    _print(view, shown)


_FACTS = ("regulator", "organisation", "jurisdiction", "action", "amount", "follows")


def _print(view: StoryView, shown: Mapping[str, Any]) -> None:
    click.echo(f"{view.story_id}  {view.title}\n{view.lead_url or ''}")
    for name in _FACTS:
        value = getattr(view, name)
        if value:
            text = ", ".join(value) if isinstance(value, tuple) else value
            text = money_text(view) if name == "amount" else text
            click.echo(f"  {name + ':':<14}{text}")
    for name, values in shown["disagreements"].items():
        said = "; ".join(f"{value} ({', '.join(sources)})" for value, sources in values.items())
        click.echo(f"  sources differ on {name}: {said}")
    if len(shown["case"]) > 1:
        click.echo("The case:")
        print_table(shown["case"], ("date", "story_id", "action", "title"))
    click.echo("Timeline:")
    print_table(shown["timeline"], ("time", "what", "text"))


@story.command()
@click.argument("first")
@click.argument("second")
@_author
@click.pass_obj
def merge(app: App, first: str, second: str, author: str | None) -> None:
    """Make two stories one; the given-up id leads to the other."""
    with app.archive(write=True) as archive:
        kept = corrections.merge(archive, first, second, _who(app, author), app.ports.now())  # fmt: skip
    click.echo(f"One story now: {kept}.")


@story.command()
@click.argument("entry", type=NUMBER)
@_author
@click.pass_obj
def split(app: App, entry: int, author: str | None) -> None:
    """Take an entry out of its story into one of its own."""
    with app.archive(write=True) as archive:
        own = corrections.split(archive, entry, _who(app, author), app.ports.now())  # fmt: skip
    click.echo(f"Entry {entry} is story {own} now.")


@click.group()
def silence() -> None:
    """Quiet about a story, party, source or term until a date; hits are kept all the same."""


@silence.command()
@click.argument("field", type=click.Choice(silences.FIELDS))
@click.argument("value")
@click.option("--until", required=True, type=UNTIL, help="A span such as 14d, or an ISO date.")
@click.option("--reason", required=True, help="Why; it is shown wherever the silence acts.")
@_author
@click.pass_obj
def add(app: App, field: str, value: str, until: Any, reason: str, author: str | None) -> None:
    """Begin a silence."""
    now = app.ports.now()
    for name, said in (("a value", value), ("a reason", reason)):
        if not said.strip():
            raise UsageError(f"a silence needs {name}: an empty one would hold everything back, or tell nobody why")  # fmt: skip
    ends = until(now)
    if ends <= now:
        raise UsageError(f"--until {ends:%Y-%m-%d %H:%M} UTC lies in the past")
    with app.archive(write=True) as archive:
        value = _meant(app, archive, field, value)
        number = silences.add(archive, Silence(field, value, ends, _who(app, author), reason), now)
    click.echo(f"Silence {number}: {field} {value!r} until {ends:%Y-%m-%d %H:%M} UTC.")


def _meant(app: App, archive: Archive, field: str, asked: str) -> str:
    """The value as stories carry it: a silence on another spelling would never act."""
    if field == "story":
        row = resolve(archive, asked)
        if row is None:
            raise UsageError(f"no story {asked!r}; `regwatch stories` lists them")
        return ids_of(archive, row)[0]
    if field == "source":
        names = {row["name"].casefold(): row["name"] for row in archive.rows("SELECT name FROM feeds")}  # fmt: skip
        if asked.casefold() not in names:
            near = ", ".join(names[n] for n in get_close_matches(asked.casefold(), names))
            raise UsageError(f"no source {asked!r}; {f'near: {near}' if near else '`regwatch feeds` lists them'}")  # fmt: skip
        return str(names[asked.casefold()])
    if field in ("organisation", "regulator"):
        known = app.model.gazetteer.canonical(asked)
        if known is not None and (known.kind == "organisation") == (field == "organisation"):
            return known.name
        click.echo(f"No {field} {asked!r} is known; the silence acts on stories that name exactly this.", err=True)  # fmt: skip
    return asked


@silence.command(name="list")
@click.option("--json", "json_", is_flag=True, help="One JSON document.")
@click.pass_obj
def list_(app: App, json_: bool) -> None:
    """The silences ever made, newest first."""
    with app.archive() as archive:
        rows = [dict(r) for r in archive.rows("SELECT * FROM silences ORDER BY id DESC")]
    if json_:
        click.echo(as_json(rows))
    else:
        print_table(rows, ("id", "field", "value", "ends", "author", "reason", "lifted"))


@silence.command()
@click.argument("number", type=NUMBER)
@click.pass_obj
def lift(app: App, number: int) -> None:
    """End a silence now."""
    with app.archive(write=True) as archive:
        if not silences.lift(archive, number, app.ports.now()):
            raise UsageError(f"no silence {number} in force; `regwatch silence list` lists them")
    click.echo(f"Silence {number} is lifted.")
