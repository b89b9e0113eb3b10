"""How an archive comes to its present form: named, ordered, append-only steps.

Knows the order of the steps and nothing of when they run; ``archive`` opens, refuses and backs up.
"""

from __future__ import annotations

import sqlite3

from sqlite_utils import Database, Migrations

from . import schema

migrations = Migrations("regwatch")


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
    run_script(db, schema.TABLES)


@migrations()
def m002_search(db: Database) -> None:
    """Full-text search over title, summary and text, diacritics folded."""
    run_script(db, schema.SEARCH)


@migrations()
def m003_append_only(db: Database) -> None:
    """The evidence log refuses updates and deletions."""
    run_script(db, schema.APPEND_ONLY)


@migrations()
def m004_views(db: Database) -> None:
    """The views ``hits`` and ``story_list``."""
    run_script(db, schema.VIEWS)


@migrations()
def m005_full_texts(db: Database) -> None:
    """Articles to be read in full, and robots.txt as last seen."""
    run_script(db, schema.FULL_TEXTS)


@migrations()
def m006_poll_memory(db: Database) -> None:
    """What polling remembers of a feed's older pages and of its steadiness."""
    run_script(db, schema.POLL_MEMORY)
