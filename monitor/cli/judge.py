"""``score``, ``ingest``, ``explain``, ``label``, ``suggest``, ``evaluate``."""

from __future__ import annotations

import gzip
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from classifiers.examples import Example
from classifiers.explanation import explain_item
from classifiers.facts import find_facts
from classifiers.nearest import most_instructive
from classifiers.topic import SeedError, Topic
from classifiers.verdict import Item

from ..domain import ParsedEntry
from ..errors import UsageError
from ..items import Line, as_item, as_line, read_lines, scored, sourced
from ..portions import portions
from ..recording import Recorded, record_items
from ..store import entries, fulltexts, labels
from ..store.reading import timeline
from ..store.stories import lead_of, resolve
from .app import App, as_json
from .files import NEW_FILE, OUTPUT_ENDED
from .learn import run_workshop
from .tables import print_table, progress

POOL = 10
"""Doubtful entries looked at for each one suggested."""
_file = click.argument("file", required=False, type=click.Path(path_type=Path))


@contextmanager
def _lines(path: Path | None) -> Iterator[Iterable[bytes]]:
    """A file's lines, ``.gz`` too; stdin without one.

    Raises:
        UsageError: the file cannot be read.
    """
    if path is None or str(path) == "-":
        yield sys.stdin.buffer
        return
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
            yield file
    except (OSError, EOFError) as error:
        if isinstance(error, OSError) and error.errno in OUTPUT_ENDED:
            raise
        raise UsageError(f"{path}: cannot be read: {error}") from error


class _Problems:
    """Bad lines, reported as they come; the command then ends with exit code 2."""

    def __init__(self) -> None:
        self.count = 0

    def good(self, lines: Iterable[Line]) -> Iterator[dict[str, Any]]:
        for line in lines:
            if line.item is None:
                self.count += 1
                click.echo(f"line {line.number}: {line.problem}", err=True)
            else:
                yield line.item

    def finish(self) -> None:
        if self.count:
            raise UsageError(f"{self.count} bad lines; the others were processed")


@click.command()
@_file
@click.pass_obj
def score(app: App, file: Path | None) -> None:
    """JSON Lines in, JSON Lines out, order kept, nothing stored."""
    model, threshold, problems = app.model, app.config.alerts.threshold, _Problems()
    with _lines(file) as lines:
        for value in problems.good(read_lines(lines)):
            item = as_item(value)
            verdict = model.judge(item, threshold=threshold)
            facts = None if verdict.screened else find_facts(item, model.gazetteer)
            click.echo(as_line(scored(value, verdict, facts)))
    problems.finish()


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--alert", is_flag=True, help="Alert hits as well, whatever their date.")
@click.option("--json", "json_", is_flag=True, help="The result as one JSON document.")
@click.pass_obj
def ingest(app: App, file: Path, alert: bool, json_: bool) -> None:
    """Items of a JSON Lines file into the archive; no alert unless --alert."""
    problems, total = _Problems(), Recorded()
    with app.archive(write=True) as archive, _lines(file) as lines:
        recorder = app.recorder(archive)
        with progress("Importing", 0) as step:
            for batch in portions(map(sourced, problems.good(read_lines(lines))), _item_size):
                done = record_items(recorder, batch, now=app.ports.now(), alert=alert)
                total.new += done.new
                total.edited += done.edited
                total.hits += done.hits
                total.alerts += done.alerts
                step(f"{total.new} new")
    result = {"new": total.new, "edited": total.edited, "hits": total.hits, "alerts": total.alerts}
    click.echo(as_json(result) if json_ else f"{total.new} new entries, {total.edited} edited, {total.hits} hits, {total.alerts} alerts.")  # fmt: skip
    problems.finish()


def _item_size(item: tuple[str, ParsedEntry]) -> int:
    entry = item[1]
    return len(entry.title) + len(entry.summary) + len(entry.text)


@click.command()
@click.argument("reference", required=False)
@click.option("--json", "json_", is_flag=True, help="One JSON document.")
@click.pass_obj
def explain(app: App, reference: str | None, json_: bool) -> None:
    """Why an entry (by id, URL or its story's id, or a text on stdin) was flagged, or was not."""
    if reference is None:
        item, story, article = _told(sys.stdin.read()), None, None
    else:
        item, story, article = _archived(app, reference)
    explanation = explain_item(app.model, item, app.least_threshold, _seeds(app))
    if json_:
        click.echo(as_json({**explanation.as_dict(), "story": story, "article": article}))
        return
    click.echo(explanation.as_text())
    if article:
        click.echo(f"\nArticle: {_article_line(article)}")
    if story:
        click.echo(f"\nStory {story['story_id']}:")
        print_table(story["timeline"], ("time", "what", "text"))


def _told(text: str) -> Item:
    """What came on stdin: a title, and the rest below it."""
    title, _, rest = text.strip().partition("\n")
    if not title:
        raise UsageError("nothing came on stdin: give a title and text there, or name an entry or a story")  # fmt: skip
    return Item(title.strip(), rest.strip())


def _seeds(app: App) -> Sequence[Example]:
    """The examples to compare with; none where the seeds cannot be read, which `check` reports."""
    try:
        return Topic.load(app.config.seeds).examples
    except SeedError as error:
        click.echo(f"seeds: {error.problems[0]}; nearest examples are not shown", err=True)
        return ()


def _article_line(article: dict[str, Any]) -> str:
    """What was done to read the entry's page, in a line."""
    if article["state"] == "read":
        return f"read {article['fetched']} from {article['url']} ({article['reason']}), {article['characters']} characters, SHA-256 {article['hash']}; the entry is judged with it"  # fmt: skip
    if article["state"] == "due":
        again = f" (tried {article['tries']} times: {article['reason']})" if article["tries"] else ""  # fmt: skip
        return f"to be read from {article['url']} after {article['not_before']}{again}"
    said = "may not be read" if article["state"] == "refused" else "could not be read"
    return f"{said}: {article['reason']}"


def _archived(
    app: App, reference: str
) -> tuple[Item, dict[str, Any] | None, dict[str, Any] | None]:
    with app.archive() as archive:
        story_row = resolve(archive, reference)
        row = entries.find(archive, reference if story_row is None else lead_of(archive, story_row))
        if row is None:
            raise UsageError(f"no entry {reference!r} in the archive; `regwatch hits` lists ids")
        found = archive.row("SELECT s.id, s.public_id FROM story_entries e JOIN stories s ON s.id = e.story_id WHERE e.entry_id = ?", (row["id"],))  # fmt: skip
        story = None
        if found is not None:
            story = {"story_id": found["public_id"], "timeline": timeline(archive, found["id"])}
        return entries.item_of(row), story, fulltexts.told(archive, row["id"])


@click.command()
@click.argument("reference")
@click.argument("verdict", type=click.Choice(["relevant", "irrelevant"]))
@click.option("--why", help="The reason, for whoever asks later.")
@click.option("--author", help="Who judges; the login name by default.")
@click.pass_obj
def label(app: App, reference: str, verdict: str, why: str | None, author: str | None) -> None:
    """Store a judgement of an entry."""
    with app.archive(write=True) as archive:
        row = entries.find(archive, reference)
        if row is None:
            raise UsageError(f"no entry {reference!r} in the archive; `regwatch hits` lists ids")
        who = author or app.login_name()
        labels.add(archive, row["id"], verdict, why, who, app.model.id, app.ports.now())
    click.echo(f"Entry {row['id']} is {verdict} ({who}). `regwatch train` learns from it.")


@click.command()
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 100_000), help="How many.")  # fmt: skip
@click.option("--json", "json_", is_flag=True, help="One JSON document.")
@click.pass_obj
def suggest(app: App, limit: int, json_: bool) -> None:
    """The entries whose labels would teach most: unlabelled, near the threshold, unlike each other."""
    bound = app.least_threshold
    with app.archive() as archive:
        pool = labels.uncertain(archive, app.model.id, bound, limit * POOL)
    vectors = [app.model.vector(entries.item_of(row)) for row in pool]
    doubts = [1.0 - abs(row["score"] - bound) for row in pool]
    rows = [
        {"entry_id": pool[n]["id"], **{k: pool[n][k] for k in ("score", "source", "title", "url")}}
        for n in most_instructive(vectors, doubts, limit)
    ]
    if json_:
        click.echo(as_json(rows))
    else:
        print_table(rows, ("entry_id", "score", "source", "title"))


@click.command()
@_file
@click.option("--facts", is_flag=True, help="Measure the facts as well.")
@click.option("--stories", is_flag=True, help="Measure the stories as well.")
@click.option("--errors", is_flag=True, help="List each fact and story that is wrong.")
@click.option("--json", "json_", is_flag=True, help="The result as one JSON document.")
@click.option("--plot", type=NEW_FILE, help="Write precision against recall as an SVG.")  # fmt: skip
@click.pass_obj
def evaluate(
    app: App,
    file: Path | None,
    facts: bool,
    stories: bool,
    errors: bool,
    json_: bool,
    plot: Path | None,
) -> None:
    """Measure the classifier: cross-validated on the seeds, or on a labelled JSON Lines file."""
    if file is None:
        request = {"seeds": [str(s) for s in app.config.seeds], "plot": str(plot) if plot else None}
        run_workshop("evaluate", request, json_=json_)
        return
    from ..measuring import as_text, measure_file

    problems = _Problems()
    with _lines(file) as lines:
        values = list(problems.good(read_lines(lines)))
    result = measure_file(app.model, app.least_threshold, values, facts=facts, stories=stories)
    if not errors:
        result = {key: value for key, value in result.items() if not key.endswith("_errors")}
    click.echo(as_json(result) if json_ else as_text(result, errors=errors))
    problems.finish()


__all__ = ["evaluate", "explain", "ingest", "label", "score", "suggest"]
