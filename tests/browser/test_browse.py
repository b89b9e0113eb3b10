"""`regwatch browse` in a real browser, with Datasette 0.65 and with the 1.0 to come.

The 1.0 line lives in an environment of its own: the variable REGWATCH_DATASETTE_1 names its command.
"""

from __future__ import annotations

import json
import os
import queue
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

import feedparser
import pytest
import yaml

from monitor.browse.serving import HERE, arguments, description

pytestmark = pytest.mark.browser
ASKED = "?story=S-2026-000001&words=data%20protection"
HOSTILE_SEARCHES = ['"', '"(', "a OR", "NEAR(", "*", "", "  data  ", "'; drop table entries --", "<script>alert(1)</script>", "é*^:", "a" * 2000, "\x00"]  # fmt: skip


def told_queries() -> list[str]:
    return list(yaml.safe_load((HERE / "datasette.yaml").read_text(encoding="utf-8"))["databases"]["regwatch"]["queries"])  # fmt: skip


@pytest.fixture(scope="module", params=["0.65", "1.0"])
def base(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, recent: Path) -> Iterator[str]:  # fmt: skip
    """The address of a Datasette that the installed command started on an archive of its own name."""
    extra: list[str] = []
    if request.param == "1.0":
        named = os.environ.get("REGWATCH_DATASETTE_1", "")
        if not Path(named).is_file():
            pytest.skip("REGWATCH_DATASETTE_1 names no command: Datasette 1.0 was NOT tried (.ci/run installs it)")  # fmt: skip
        extra = ["--datasette", str(Path(named).absolute())]
    elif find_spec("datasette") is None:
        pytest.skip("no Datasette in this environment: it was NOT tried (extra `browse`)")
    folder = tmp_path_factory.mktemp("browse")
    (folder / "feeds.yaml").write_text(f"archive: {recent}\nfeeds: []\n")
    installed = os.environ.get("REGWATCH_UNDER_TEST")
    command = [installed] if installed else [sys.executable, "-m", "monitor"]
    with subprocess.Popen([*command, "--config", "feeds.yaml", "browse", "--port", "0", *extra], cwd=folder, stderr=subprocess.PIPE, text=True) as process:  # fmt: skip
        log = Log(process)
        yield log.address()
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0, log.lines
        log.reader.join(20)


class Log:
    """What a server says, read all the time so that its pipe never fills."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.lines: list[str] = []
        self.found: queue.Queue[str | None] = queue.Queue()
        self.reader = threading.Thread(target=self._read, args=(process.stderr,))
        self.reader.start()

    def _read(self, pipe: IO[str]) -> None:
        for line in pipe:
            self.lines.append(line)
            if found := re.search(r"running on (http://127\.0\.0\.1:\d+)", line):
                self.found.put(found[1])
        self.found.put(None)

    def address(self) -> str:
        found = self.found.get(timeout=90)
        assert found is not None, self.lines
        return found


@pytest.fixture(scope="module")
def recent(tmp_path_factory: pytest.TempPathFactory, fill_history: Any) -> Path:
    """An archive whose past ends now, under a name of the user's own."""
    path = tmp_path_factory.mktemp("recent") / "our archive.db"
    fill_history(path, datetime.now(UTC))
    return path


def get(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def database(base: str) -> str:
    """The database's address, as the index links it."""
    found = re.search(r'href="(/our[^"/]*)"', get(base + "/")[1])
    assert found is not None
    return base + found[1]


def names(recent: Path) -> list[str]:
    with closing(sqlite3.connect(recent)) as archive:
        return [
            name
            for name, sql in archive.execute(
                "SELECT name, sql FROM sqlite_master WHERE type IN ('table', 'view')"
            )
            if "fts" not in name and not name.startswith("sqlite_")
        ]


def test_every_table_view_and_question_opens_and_shows_rows(base: str, recent: Path) -> None:
    where, empty = database(base), []
    for name in [*names(recent), *told_queries()]:
        status, page = get(f"{where}/{name}{ASKED if name in told_queries() else ''}")
        assert status == 200, name
        if "<td" not in page:
            empty.append(name)
    assert empty == []


def test_every_table_and_view_is_described(recent: Path) -> None:
    told = yaml.safe_load(description(recent))["databases"][recent.stem]["tables"]
    assert [n for n in names(recent) if not told.get(n, {}).get("description")] == []


def test_described_columns_exist(recent: Path) -> None:
    told = yaml.safe_load(description(recent))["databases"][recent.stem]["tables"]
    with closing(sqlite3.connect(recent)) as archive:
        for name in set(names(recent)) & set(told):
            real = {d[0] for d in archive.execute(f'SELECT * FROM "{name}" LIMIT 0').description}
            named = {*told[name].get("columns", ()), *told[name].get("facets", ())}
            named |= {told[name][k] for k in ("sort", "sort_desc", "label_column") if k in told[name]}  # fmt: skip
            assert named <= real, (name, named - real)


@pytest.mark.parametrize("words", HOSTILE_SEARCHES)
def test_any_text_can_be_searched_for(base: str, words: str) -> None:
    where = database(base)
    for address in (f"{where}/entries?_search={quote(words)}&kind=court", f"{where}/q13_search?words={quote(words)}"):  # fmt: skip
        status, page = get(address)
        assert status == 200, page
        assert "<script>alert" not in page


def test_the_feed_of_hits_follows_the_filter(base: str) -> None:
    where = database(base)
    whole, some = (feedparser.parse(get(f"{where}/hits.feed{q}")[1]) for q in ("", "?regulator=CNIL"))  # fmt: skip
    assert not whole.bozo
    assert 0 < len(some.entries) < len(whole.entries)
    assert {tag["term"] for e in some.entries for tag in e.tags if "regulator" in tag["scheme"]} == {"CNIL"}  # fmt: skip
    assert feedparser.parse(get(f"{where}/story_list.feed?regulator=none")[1]).entries == []
    assert get(f"{where}/entries.feed")[0] == 400


def test_nothing_can_be_written(base: str, recent: Path) -> None:
    where = database(base)
    assert "<td" not in get(f"{where}?sql=delete%20from%20entries")[1]
    request = urllib.request.Request(f"{where}/entries/-/insert", json.dumps({"row": {}}).encode(), {"Content-Type": "application/json"})  # fmt: skip
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=30)
    assert refused.value.code >= 400
    refused.value.close()
    with closing(sqlite3.connect(recent)) as archive:
        assert archive.execute("SELECT count(*) FROM entries").fetchone()[0] > 100


def test_a_person_finds_their_way_and_a_hostile_title_is_text(base: str, browser: Any) -> None:
    page = browser.new_page()
    said: list[str] = []
    asked: list[str] = []

    def dismiss(dialog: Any) -> None:
        said.append(dialog.message)
        dialog.dismiss()

    page.on("pageerror", lambda e: said.append(str(e)))
    page.on("dialog", dismiss)
    page.on("request", lambda r: asked.append(r.url))
    page.goto(database(base))
    page.goto(database(base) + "/q02_hits_by_jurisdiction_and_action")
    assert page.locator("table.rows-and-columns tbody tr").count() > 3
    page.goto(database(base) + "/hits")
    assert page.locator("h1").inner_text().startswith("hits")
    assert any(
        "<script>document.title" in t for t in page.locator("td.col-title").all_inner_texts()
    )
    assert page.locator("td img, td script").count() == 0
    assert page.title() != "owned"
    page.click(".facet-info a:text-is('ICO')")
    page.wait_for_url("**regulator=ICO**")
    assert {t.strip() for t in page.locator("td.col-regulator").all_inner_texts()} == {"ICO"}
    page.goto(database(base) + "/entries")
    page.fill("input[name=_search]", "reconnaissance FACIALE")
    page.press("input[name=_search]", "Enter")
    page.wait_for_url("**_search=**")
    assert all("faciale" in t for t in page.locator("td.col-title").all_inner_texts())
    assert page.locator("td.col-title").count() > 0
    page.goto(database(base) + "/entries/1")
    assert "LinkedIn" in page.inner_text("td.col-title")
    assert said == []
    assert all(url.startswith((base, "data:")) for url in asked)
    page.close()


def test_a_datasette_that_cannot_start_is_an_error_of_usage(tmp_path: Path, recent: Path) -> None:
    (tmp_path / "feeds.yaml").write_text(f"archive: {recent}\nfeeds: []\n")
    installed = os.environ.get("REGWATCH_UNDER_TEST")
    command = [installed] if installed else [sys.executable, "-m", "monitor"]
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\necho 'datasette, version 0.65.5'\n[ \"$1\" = --version ]\n")
    broken.chmod(0o755)
    for name, said in (("missing", "cannot be started"), ("broken", "exit code 1")):
        done = subprocess.run([*command, "browse", "--datasette", str(tmp_path / name)], cwd=tmp_path, capture_output=True, text=True, check=False)  # fmt: skip
        assert done.returncode == 2
        assert said in done.stderr


def test_both_lines_get_the_description_they_read() -> None:
    archive, told = Path("/data/our archive.db"), Path("/tmp/d.yaml")
    old = arguments("datasette, version 0.65.5", archive, told, 8001)
    new = arguments("datasette, version 1.0a41", archive, told, 8001)
    assert "--config" not in old
    assert new[new.index("--config") + 1] == str(told)
    assert list(yaml.safe_load(description(archive))["databases"]) == ["our archive"]
