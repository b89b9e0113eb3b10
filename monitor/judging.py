"""What somebody said by a click, into the archive: one transaction, all of it or none.

The click itself, the judgement or the silence, and the edit that shows it in every channel. A
click that was told before, or that says what its author said already, changes nothing.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta

from .clicks import Act, Click
from .decide import Silence
from .domain import AlertKind, Tier
from .message import REMINDER
from .store import alerts, clicks, labels, silences, stories, told
from .store.archive import Archive
from .store.codec import iso

AGAIN = "again"
UNKNOWN = "no such story"
UNCHANGED = "said before"
KEPT = "kept"
ASKED = "asked"


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a click: one of the outcomes above, and the story's row where there is one."""

    outcome: str
    story_row: int | None = None


def take(archive: Archive, click: Click, *, model: str, snooze: timedelta, now: datetime) -> Taken:
    """Write down what a click says.

    Raises:
        StoreError: nothing of it was kept.
    """
    row = stories.resolve(archive, click.story_id)
    with archive.write() as connection:
        if not clicks.keep(connection, click, ASKED if row else UNKNOWN, now):
            return Taken(AGAIN, row)
        if row is None or click.act in (Act.WHY, Act.SOURCES):
            return Taken(ASKED if row else UNKNOWN, row)
        if click.act is Act.SNOOZE:
            changed = _snooze(connection, row, click, now + snooze, now)
        else:
            changed = _judge(connection, row, click, model, now)
        outcome = KEPT if changed else UNCHANGED
        connection.execute("UPDATE clicks SET outcome = ? WHERE key = ?", (outcome, click.key))
        if changed:
            alerts.raise_edit(connection, row, "judged in Slack", now)
    return Taken(outcome, row)


REMIND_WITHIN = timedelta(days=7)
"""What nobody answered for so long was read by nobody, or by people without buttons."""


def remind(archive: Archive, *, after: timedelta, now: datetime) -> int:
    """Owe one reminder for each story to act on now that nobody answered; returns how many.

    Raises:
        StoreError: none of them was kept.
    """
    with archive.write() as connection:
        found = told.unanswered(connection, sent_before=now - after, sent_after=now - REMIND_WITHIN)
        for row, channels in found:
            alerts.raise_alert(
                connection,
                kind=AlertKind.UPDATE,
                reason=REMINDER,
                channels=channels,
                now=now,
                story_row=row,
                tier=Tier.ACT_NOW,
            )
    return len(found)


def _judge(
    connection: sqlite3.Connection, story_row: int, click: Click, model: str, now: datetime
) -> bool:
    """The judgement of the entry that leads the alert; False where its author said so before."""
    label = "relevant" if click.act is Act.RELEVANT else "irrelevant"
    lead = connection.execute(
        "SELECT lead_entry_id FROM stories WHERE id = ?", (story_row,)
    ).fetchone()[0]
    said = labels.latest_of(connection, lead, click.author)
    if said is not None and said["label"] == label and click.why in (None, said["why"]):
        return False
    return labels.write(connection, lead, label, click.why, click.author, model, now, origin="slack", envelope=click.key)  # fmt: skip


def _snooze(
    connection: sqlite3.Connection, story_row: int, click: Click, ends: datetime, now: datetime
) -> bool:
    """A silence about the story; False where one is in force."""
    public = connection.execute(
        "SELECT public_id FROM stories WHERE id = ?", (story_row,)
    ).fetchone()["public_id"]
    there = connection.execute(
        f"SELECT 1 FROM silences WHERE field = 'story' AND lifted IS NULL "
        f"AND value IN ({stories.LED_HERE.format(story='?')}) AND ends > ?",
        (story_row, iso(now)),
    ).fetchone()
    if there is None:
        silences.write(connection, Silence("story", public, ends, click.author, "snoozed in Slack"), now)  # fmt: skip
    return there is None
