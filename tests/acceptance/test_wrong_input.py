"""What a person gets wrong: each is told in a line, with an exit code that fits."""

from __future__ import annotations

import json
import os
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from monitor.cli import main

FINED = {"title": "CNIL fines Clearview AI 20 million euros over facial recognition", "summary": "The French regulator said photos of people were scraped without consent."}  # fmt: skip


@pytest.fixture
def here(tmp_path: Path, configure: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:  # fmt: skip
    """Run a command in this process, which is quicker; its exit code and what stood on stderr."""
    configure()

    def run(*words: str) -> tuple[int, str]:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "argv", ["regwatch", *words])
        capsys.readouterr()
        try:
            main()
        except SystemExit as ended:
            return int(ended.code or 0), capsys.readouterr().err
        return 0, capsys.readouterr().err

    return run


@pytest.fixture
def archived(regwatch: Any, tmp_path: Path, configure: Callable[..., Path]) -> str:
    """An archive with one hit; the id of its story."""
    configure()
    (tmp_path / "items.jsonl").write_text(json.dumps(FINED))
    assert regwatch("ingest", "items.jsonl").returncode == 0
    return str(json.loads(regwatch("stories", "--json").stdout)[0]["story_id"])


@pytest.mark.parametrize(
    ("archive", "why"),
    [
        ("/proc/none/a.db", "/proc cannot be written"),
        ("feeds.yaml/a.db", "feeds.yaml cannot be written: it is a file, not a folder"),
        ("folder", "Is a directory"),
        ("x" * 300, "File name too long"),
    ],
)
def test_check_says_that_an_archive_cannot_be_written_and_why(
    regwatch: Any, tmp_path: Path, archive: str, why: str
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "feeds.yaml").write_text(f"archive: {archive}\nfeeds: []\n")
    done = regwatch("check")
    assert (done.returncode, "Traceback" in done.stderr) == (3, False)
    assert "archive not writable" in done.stderr
    assert why in done.stderr


def test_check_says_that_a_folder_may_not_be_written(regwatch: Any, tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o500)
    if os.access(tmp_path / "closed", os.W_OK):
        pytest.skip("whoever runs this may write everywhere")
    (tmp_path / "feeds.yaml").write_text("archive: closed/a.db\nfeeds: []\n")
    done = regwatch("check")
    assert (done.returncode, "closed cannot be written: Permission denied" in done.stderr) == (3, True)  # fmt: skip


def test_check_leaves_nothing_where_the_archive_will_be(regwatch: Any, tmp_path: Path) -> None:
    (tmp_path / "feeds.yaml").write_text("archive: data/a.db\nfeeds: []\n")
    assert regwatch("check").returncode == 0
    assert [p.name for p in tmp_path.iterdir()] == ["feeds.yaml"]


def test_a_story_is_found_by_its_id_in_small_letters_and_its_sum_is_readable(
    regwatch: Any, archived: str
) -> None:
    small = archived.lower()
    shown = regwatch("story", "show", small).stdout
    assert "EUR 20 million" in shown
    assert "20000000" not in shown
    assert "was merged" not in shown
    assert "Flagged" in regwatch("explain", small).stdout
    assert regwatch("audit", small, "--out", "pack.json").returncode == 0
    assert regwatch("silence", "add", "story", small, "--until", "3d", "--reason", "r").returncode == 0  # fmt: skip
    assert json.loads(regwatch("silence", "list", "--json").stdout)[0]["value"] == archived
    assert "are the same story already" in regwatch("story", "merge", small, archived).stderr


@pytest.mark.parametrize(
    "command",
    [
        ("backup", "nowhere/copy.db"),
        ("rescue", "feeds.yaml", "nowhere/new.db"),
        ("export", "--out", "nowhere/hits.csv"),
        ("report", "--out", "nowhere/report.html"),
        ("audit", "S-2026-000001", "--out", "nowhere/pack.json"),
        ("train", "--out", "nowhere/model.json"),
        ("evaluate", "--plot", "nowhere/plot.svg"),
    ],
)
def test_a_file_in_a_folder_that_is_not_there_is_refused_before_any_work(
    here: Callable[..., tuple[int, str]], tmp_path: Path, command: tuple[str, ...]
) -> None:
    code, said = here(*command)
    assert (code, "there is no folder nowhere" in said) == (2, True)
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("name", ["x" * 300, "x" * 300 + "/a"])
def test_a_name_that_no_disk_takes_is_told(here: Callable[..., tuple[int, str]], name: str) -> None:
    code, said = here("backup", name)
    assert (code, "File name too long" in said) == (2, True)


@pytest.mark.parametrize("beside", ["", "-wal"])
def test_no_output_takes_the_place_of_an_archive(
    archived: str, here: Callable[..., tuple[int, str]], tmp_path: Path, beside: str
) -> None:
    target = tmp_path / f"data/regwatch.db{beside}"
    target.touch()
    before = target.read_bytes()
    for command in (["export"], ["report"], ["audit", archived], ["train"]):
        code, said = here(*command, "--out", str(target))
        assert (code, "is not replaced" in said) == (2, True), command
    assert target.read_bytes() == before


def test_the_file_for_other_readers_is_not_the_archive(
    regwatch: Any, configure: Callable[..., Path]
) -> None:
    configure(extra="keep:\n  export: ./data/regwatch.db")
    done = regwatch("check")
    assert (done.returncode, "feeds.yaml:4: keep.export: is the archive itself" in done.stderr) == (2, True)  # fmt: skip


def test_times_beyond_measure_are_told(archived: str, here: Callable[..., tuple[int, str]]) -> None:
    for words, expected in (
        ("silence add term x --reason r --until 9999999d", "span such as 7d"),
        ("silence add term x --reason r --until 9999-12-31T23:59:59-12:00", "ISO date"),
        ("silence add story S-2026-999999 --reason r --until 3d", "no story"),
        ("hits --since 800000d", "span such as 7d"),
        ("report --since 2999-01-01 --out a.html", "2999-01-01 00:00 UTC is not over yet"),
        ("report --since 7d --until 2020-01-01 --out a.html", "2020-01-01 00:00 UTC does not lie"),
        ("check notaurl", "notaurl: not an address of the web"),
    ):
        code, said = here(*words.split())
        assert (code, expected in said) == (2, True), (words, said)


def test_a_silence_takes_the_name_that_stories_carry(
    archived: str, regwatch: Any, here: Callable[..., tuple[int, str]]
) -> None:
    tail = ("--until", "3d", "--reason", "r")
    assert here("silence", "add", "organisation", "clearview", *tail) == (0, "")
    assert here("silence", "add", "regulator", "commission nationale de l'informatique et des libertés", *tail) == (0, "")  # fmt: skip
    assert here("silence", "add", "source", "INGEST", *tail) == (0, "")
    code, said = here("silence", "add", "source", "ingset", *tail)
    assert (code, said) == (2, "regwatch: no source 'ingset'; near: ingest\n")
    code, said = here("silence", "add", "organisation", "Nobody Ltd", *tail)
    assert (code, "No organisation 'Nobody Ltd' is known" in said) == (0, True)
    kept = {row["value"] for row in json.loads(regwatch("silence", "list", "--json").stdout)}
    assert kept == {"Clearview AI", "CNIL", "ingest", "Nobody Ltd"}


def test_check_warns_of_entries_that_lost_their_verdicts(
    archived: str, regwatch: Any, tmp_path: Path
) -> None:
    assert "verdict" not in regwatch("check").stdout
    with closing(sqlite3.connect(tmp_path / "data" / "regwatch.db")) as archive:
        archive.execute("DELETE FROM verdicts")
        archive.commit()
    done = regwatch("check")
    assert done.returncode == 0
    assert "warning: 1 entries have no verdict, as after a rescue with losses" in done.stdout


def test_who_only_reads_needs_no_token_and_who_sends_does(
    archived: str, here: Callable[..., tuple[int, str]], tmp_path: Path
) -> None:
    """A probe, a copy by night, an analyst: none of them may read the file with the tokens."""
    path = tmp_path / "feeds.yaml"
    path.write_text(path.read_text() + "alerts: {slack: {channel: C123}}\n")
    for reading in ("hits", "status", "health", "export", "backup copy.db", "digest", "stories"):
        assert here(*reading.split()) == (0, ""), reading
    for sending in ("check", "once", "run", "digest --send", "ingest items.jsonl"):
        code, said = here(*sending.split())
        assert (code, "no usable token or webhook" in said) == (2, True), (sending, said)


@pytest.mark.parametrize("command", [("label", "1", "relevant", "--why", b"\xff"), ("story", "show", b"S\xff")])  # fmt: skip
def test_bytes_that_are_no_text_are_told(
    regwatch: Any, archived: str, command: tuple[Any, ...]
) -> None:
    done = regwatch(*command)
    assert (done.returncode, "no UTF-8 text" in done.stderr) == (2, True), done.stderr


def test_a_retention_of_more_than_a_century_is_an_error_with_its_line(
    regwatch: Any, configure: Callable[..., Path]
) -> None:
    configure(extra="keep:\n  fetches: 9999999d")
    done = regwatch("check")
    assert (done.returncode, "feeds.yaml:4: keep.fetches: '9999999d' is too long a time" in done.stderr) == (2, True)  # fmt: skip


def test_a_report_of_all_times_ends_now(regwatch: Any, archived: str, tmp_path: Path) -> None:
    done = regwatch("report", "--since", "0001-01-01", "--until", "9999-12-31", "--out", "all.html")
    assert (done.returncode, done.stderr) == (0, "")
    assert archived in (tmp_path / "all.html").read_text()


def test_half_a_surrogate_pair_in_a_source_keeps_no_other_line_out(
    regwatch: Any, configure: Callable[..., Path], tmp_path: Path
) -> None:
    configure()
    lines = [json.dumps(FINED | {"url": f"https://a.example/{n}", "source": source}) for n, source in enumerate(["A", "\udc00", "B"])]  # fmt: skip
    (tmp_path / "items.jsonl").write_text("\n".join(lines))
    assert regwatch("ingest", "items.jsonl").stdout.startswith("3 new entries")


def test_explain_without_a_text_says_so(regwatch: Any, configure: Callable[..., Path]) -> None:
    configure()
    done = regwatch("explain", stdin=" \n")
    assert done.returncode == 2
    assert "nothing came on stdin" in done.stderr
    assert done.stdout == ""
