"""``backup``, ``prune``, ``audit``: the archive saved, trimmed, proved."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click

from ..errors import CheckFailed, UsageError
from ..evidence_pack import pack, verify
from ..store import evidence, keeping
from ..store.codec import iso
from ..store.stories import ids_of, resolve
from .app import App, as_json
from .files import NEW_FILE, write_whole


@click.command()
@click.argument("path", type=NEW_FILE)
@click.pass_obj
def backup(app: App, path: Path) -> None:
    """A checked copy of the archive, while it is in use."""
    with app.archive(older=True) as archive:
        size = keeping.backup(archive, path)
    click.echo(f"{path}: {size:,} bytes, checked.")


@click.command()
@click.option("--json", "json_", is_flag=True, help="One JSON document.")
@click.pass_obj
def prune(app: App, json_: bool) -> None:
    """Trim what is older than `keep:` says; identities, hits and judgements stay."""
    keep = app.config.keep
    with app.archive(write=True) as archive:
        done = keeping.prune(archive, app.ports.now(), text=keep.text, fetches=keep.fetches)
    click.echo(as_json(done) if json_ else f"{done['texts']} texts trimmed, {done['versions']} old versions and {done['fetches']} poll rows dropped.")  # fmt: skip


@click.command()
@click.argument("story_id", required=False)
@click.option("--out", type=NEW_FILE, help="Where the pack goes.")
@click.option("--verify", "to_verify", type=click.Path(path_type=Path), help="Check a pack instead.")  # fmt: skip
@click.option("--anchor", "anchors", multiple=True, help="With --verify: a hash kept elsewhere that must be in the chain; may be repeated.")  # fmt: skip
@click.pass_obj
def audit(
    app: App, story_id: str | None, out: Path | None, to_verify: Path | None, anchors: tuple[str, ...]
) -> None:  # fmt: skip
    """The evidence pack of a story, or the check of one."""
    if to_verify is not None:
        verify_file(to_verify, anchors)
        return
    if story_id is None or out is None:
        raise UsageError("give a story and --out FILE, or --verify FILE")
    with app.archive() as archive:
        row = resolve(archive, story_id)
        if row is None:
            raise UsageError(f"no story {story_id!r}; `regwatch stories` lists them")
        public = ids_of(archive, row)[0]
        wanted = evidence.rows_of(archive, row)
        chain = map(dict, archive.each("SELECT * FROM evidence ORDER BY seq"))
        document = pack(public, chain, wanted, made=iso(app.ports.now()))
    write_whole(out, [json.dumps(document, ensure_ascii=False, indent=0)])
    click.echo(f"{out}: {len(wanted)} rows of {public} in a chain of {len(document['rows'])}; its head is {document['head']}.")  # fmt: skip


def verify_file(path: Path, anchors: Sequence[str]) -> None:
    """Say whether the pack in a file is sound.

    Raises:
        UsageError: the file cannot be read. CheckFailed: it is not sound; what is wrong was said.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"{path}: cannot be read: {error}") from error
    problems = verify(document, anchors)
    for problem in problems:
        click.echo(problem, err=True)
    if problems:
        raise CheckFailed(f"{path}: not sound")
    click.echo(f"{path}: sound; {len(document['rows'])} rows lead to {document['head']}.")
