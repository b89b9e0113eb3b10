"""How an archive comes to its present form: named, ordered, append-only steps.

A step that was released is never edited. A new one is a function at the end of this file under
``@migrations()``, with what it makes in ``forms/`` under its name, by which it is known, so that
steps of two lines of work can be merged. Times are UTC ISO 8601 text, truth values 0 and 1, lists JSON.
The views are no step: they are made anew from ``views`` after the steps.
Knows the order of the steps and nothing of when they run; ``archive`` opens, refuses and backs up.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from . import cases, story_index, views

if TYPE_CHECKING:
    from sqlite_utils import Database

Step = Callable[["Database"], None]
_FORMS = Path(__file__).parent / "forms"
STEPS: list[Step] = []
"""Every step, in order."""


def migrations() -> Callable[[Step], Step]:
    """Mark a function as the next step."""

    def kept(step: Step) -> Step:
        STEPS.append(step)
        return step

    return kept


def schema_version() -> int:
    """The number of steps this code knows; kept in ``PRAGMA user_version``."""
    return len(STEPS)


def apply(connection: sqlite3.Connection, tell: Callable[[str], None] = lambda _: None) -> None:
    """Take the steps an archive has not taken yet, within the caller's transaction.

    ``tell`` is called after each step with what it brought, and after the views.
    """
    # sqlite-utils is loaded only here: with the numpy it finds it costs every start 70 ms
    from sqlite_utils import Database, Migrations

    db = Database(connection, execute_plugins=False)
    known = Migrations("regwatch")
    for step in STEPS:
        known(name=step.__name__)(_told(step, tell))
    _drop_views(db)
    known.apply(db)
    _drop_views(db)  # those of a step of before
    run_script(db, views.VIEWS)
    tell("views")


def _told(step: Step, tell: Callable[[str], None]) -> Step:
    def take(db: Database) -> None:
        step(db)
        tell((step.__doc__ or step.__name__).strip())

    return take


def _drop_views(db: Database) -> None:
    """Views are in the way of changed tables, and are all made anew."""
    found = db.execute("SELECT name FROM sqlite_master WHERE type = 'view'").fetchall()
    for (name,) in map(tuple, found):
        db.execute(f'DROP VIEW "{name}"')


def _form(step: str) -> str:
    """The tables and indexes that a step brings; as fixed as the step itself."""
    return _FORMS.joinpath(f"{step}.sql").read_text(encoding="utf-8")


def run_script(db: Database, script: str) -> None:
    """Run several statements inside the caller's transaction (``executescript`` would end it)."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if _complete(statement):
            db.execute(statement)
            statement = ""


def _complete(statement: str) -> bool:
    return bool(statement.strip()) and sqlite3.complete_statement(statement)


@migrations()
def m001_tables(db: Database) -> None:
    """Feeds, fetches, entries, verdicts, stories, alerts, deliveries, judgements and evidence."""
    run_script(db, _form("m001_tables"))


@migrations()
def m002_search(db: Database) -> None:
    """Full-text search over title, summary and text, diacritics folded."""
    run_script(db, _form("m002_search"))


@migrations()
def m003_append_only(db: Database) -> None:
    """The evidence log refuses updates and deletions."""
    run_script(db, _form("m003_append_only"))


@migrations()
def m004_views(db: Database) -> None:
    """The views ``hits`` and ``story_list``."""
    run_script(db, _form("m004_views"))


@migrations()
def m005_open_deliveries(db: Database) -> None:
    """Repeats of a delivery are counted; what a channel is owed is found in its order."""
    run_script(db, _form("m005_open_deliveries"))


@migrations()
def m006_clicks(db: Database) -> None:
    """Clicks on an alert's buttons, each kept once; and updates that make no noise."""
    run_script(db, _form("m006_clicks"))


@migrations()
def m007_story_index(db: Database) -> None:
    """Hits by narrow keys and day, their words as few bytes, and the steps of each case in order."""
    run_script(db, _form("m007_story_index"))
    story_index.rebuild(db.conn)
    cases.rebuild(db.conn)


@migrations()
def m008_lean_indexes(db: Database) -> None:
    """Fewer and smaller indexes."""
    run_script(db, _form("m008_lean_indexes"))


@migrations()
def m009_evidence_digests(db: Database) -> None:
    """Evidence rows carry a digest of their content, so that a pack proves the whole chain."""
    run_script(db, _form("m009_evidence_digests"))


@migrations()
def m010_search_by_tools(db: Database) -> None:
    """The search index is written as sqlite-utils and Datasette look for it."""
    run_script(db, _form("m010_search_by_tools"))


@migrations()
def m011_sent_times(db: Database) -> None:
    """A story knows when it was first delivered."""
    run_script(db, _form("m011_sent_times"))


@migrations()
def m012_watched(db: Database) -> None:
    """What was watched on each day stays when its polls are dropped."""
    run_script(db, _form("m012_watched"))


@migrations()
def m013_full_texts(db: Database) -> None:
    """Articles to be read in full, and robots.txt as last seen."""
    run_script(db, _form("m013_full_texts"))


@migrations()
def m014_poll_memory(db: Database) -> None:
    """What polling remembers of a feed's older pages and of its steadiness."""
    run_script(db, _form("m014_poll_memory"))


@migrations()
def m015_turns(db: Database) -> None:
    """Sources in the order in which they were last polled."""
    run_script(db, _form("m015_turns"))
