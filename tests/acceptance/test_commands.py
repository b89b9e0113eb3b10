"""Commands as a person uses them: right input, wrong input, exit codes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

MODEL_CASE = {
    "title": "LinkedIn pauses AI training on UK members' posts after watchdog steps in",
    "summary": "The network stopped using British users' personal data for its generative AI models after the Information Commissioner's Office raised concerns.",
}
BAD = """poll: {interval: soon, colour: red}
alerts:
  slack: {channel: C1}
feeds:
  - name: A
    url: http://example.org/a
    kind: press
  - name: A
    url: ftp://example.org
    kind: pres
    jurisdiction: NO
    jurisdiction: SE
"""


def test_every_problem_of_a_configuration_is_shown_at_once_with_its_line(
    regwatch: Any, tmp_path: Path
) -> None:
    (tmp_path / "feeds.yaml").write_text(BAD)
    done = regwatch("check")
    assert done.returncode == 2
    for said in (
        "feeds.yaml:1: poll.colour: unknown key",
        "feeds.yaml:1: poll.interval: 'soon' is not a duration",
        "feeds.yaml:8: feeds[1]: name 'A' stands in line 5 as well",
        "feeds.yaml:9: feeds[1].url",
        "feeds.yaml:10: feeds[1].kind",
        "feeds.yaml:12: feeds[1].jurisdiction: key stands twice",
    ):
        assert said in done.stderr


def test_slack_without_a_usable_token_is_a_configuration_error(
    regwatch: Any, tmp_path: Path
) -> None:
    (tmp_path / "feeds.yaml").write_text("alerts: {slack: {channel: C123}}\nfeeds: []\n")
    done = regwatch("check")
    assert done.returncode == 2
    assert "SLACK_BOT_TOKEN" in done.stderr


def test_norway_is_a_country_and_not_a_truth_value(regwatch: Any, tmp_path: Path) -> None:
    (tmp_path / "feeds.yaml").write_text("feeds:\n- {name: A, url: 'https://x.org/', kind: press, jurisdiction: NO}\n")  # fmt: skip
    assert regwatch("check").returncode == 0


def test_the_shipped_configuration_is_valid_and_watches_many_sources(regwatch: Any) -> None:
    done = regwatch("check")
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split(" enabled")[0].split()[-1]) >= 60


def test_an_interval_below_the_floor_is_clamped_with_a_warning_b2(regwatch: Any, tmp_path: Path) -> None:  # fmt: skip
    (tmp_path / "feeds.yaml").write_text("poll: {interval: 1m}\nfeeds: []\n")
    assert "below 15m; 15m is used" in regwatch("check").stdout


def test_bad_lines_are_told_by_number_and_the_rest_is_processed(regwatch: Any) -> None:
    lines = [
        json.dumps(MODEL_CASE),
        "{broken",
        '{"summary": "no title"}',
        "[1]",
        json.dumps(MODEL_CASE),
    ]
    done = regwatch("score", stdin="\n".join(lines))
    assert done.returncode == 2
    assert len(done.stdout.splitlines()) == 2
    for number in (2, 3, 4):
        assert f"line {number}:" in done.stderr


@pytest.mark.parametrize("title", ["x", "x" * 200_000, "\x00\x01\u202e", "🤖" * 1000])
def test_any_text_gets_a_verdict(regwatch: Any, title: str) -> None:
    done = regwatch("score", stdin=json.dumps({"title": title + "a"}))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["label"] == "irrelevant"


def test_imported_items_are_archived_without_an_alert_and_known_the_second_time(
    regwatch: Any, tmp_path: Path, configure: Callable[..., Path]
) -> None:
    configure()
    file = tmp_path / "items.jsonl"
    file.write_text(
        json.dumps({**MODEL_CASE, "url": "https://example.org/1", "source": "Old archive"})
    )
    first, second = (
        regwatch("ingest", "items.jsonl", "--json"),
        regwatch("ingest", "items.jsonl", "--json"),
    )
    assert json.loads(first.stdout) == {"new": 1, "edited": 0, "hits": 1, "alerts": 0}
    assert json.loads(second.stdout)["new"] == 0
    hits = json.loads(regwatch("hits", "--json").stdout)
    assert (hits[0]["source"], hits[0]["sent_at"]) == ("Old archive", None)


def test_a_judgement_is_stored_and_an_entry_explained(
    regwatch: Any, tmp_path: Path, configure: Callable[..., Path]
) -> None:
    configure()
    (tmp_path / "items.jsonl").write_text(json.dumps(MODEL_CASE))
    regwatch("ingest", "items.jsonl")
    assert (
        regwatch("label", "1", "irrelevant", "--why", "a test", "--author", "ann").returncode == 0
    )
    shown = regwatch("explain", "1")
    assert "Flagged" in shown.stdout
    assert "label irrelevant" in shown.stdout
    assert regwatch("explain", "999").returncode == 2
    assert regwatch("label", "999", "relevant").returncode == 2


def test_a_text_on_stdin_is_explained(regwatch: Any) -> None:
    done = regwatch("explain", stdin="Village fete raises record sum\n")
    assert "nothing found" in done.stdout


def test_stories_are_merged_split_and_found_under_their_old_id(
    regwatch: Any, tmp_path: Path, configure: Callable[..., Path]
) -> None:
    configure()
    other = {"title": "CNIL fines Clearview AI 20 million euros over facial recognition", "summary": "The French regulator said photos of people were scraped without consent."}  # fmt: skip
    (tmp_path / "items.jsonl").write_text("\n".join(json.dumps(x) for x in (MODEL_CASE, other)))
    regwatch("ingest", "items.jsonl")
    first, second = sorted(s["story_id"] for s in json.loads(regwatch("stories", "--json").stdout))
    assert regwatch("story", "merge", first, second).returncode == 0
    assert len(json.loads(regwatch("stories", "--json").stdout)) == 1
    shown = json.loads(regwatch("story", "show", second, "--json").stdout)
    assert len(shown["hits"]) == 2
    assert regwatch("story", "split", "2").returncode == 0
    assert len(json.loads(regwatch("stories", "--json").stdout)) == 2
    assert regwatch("story", "show", "S-1999-000001").returncode == 2


def test_an_evidence_pack_is_written_verified_and_a_forged_one_is_red(
    regwatch: Any, tmp_path: Path, configure: Callable[..., Path]
) -> None:
    configure()
    (tmp_path / "items.jsonl").write_text(json.dumps(MODEL_CASE))
    regwatch("ingest", "items.jsonl")
    story = json.loads(regwatch("stories", "--json").stdout)[0]["story_id"]
    assert regwatch("audit", story, "--out", "pack.json").returncode == 0
    assert regwatch("audit", "--verify", "pack.json").returncode == 0
    pack = tmp_path / "pack.json"
    pack.write_text(pack.read_text().replace("LinkedIn", "Linkedin"))
    assert regwatch("audit", "--verify", "pack.json").returncode == 4


@pytest.mark.parametrize("form", ["csv", "jsonl", "atom"])
def test_hits_are_exported(regwatch: Any, tmp_path: Path, configure: Callable[..., Path], form: str) -> None:  # fmt: skip
    configure()
    (tmp_path / "items.jsonl").write_text(json.dumps(MODEL_CASE))
    regwatch("ingest", "items.jsonl")
    assert MODEL_CASE["title"].split("'")[0] in regwatch("export", "--format", form).stdout


def test_init_writes_an_editable_copy_and_overwrites_nothing(regwatch: Any, tmp_path: Path) -> None:
    assert regwatch("init", "mine").returncode == 0
    mine = tmp_path / "mine" / "feeds.yaml"
    mine.write_text("feeds: []\n")
    assert regwatch("init", "mine").returncode == 0
    assert mine.read_text() == "feeds: []\n"
    assert (tmp_path / "mine" / "seeds" / "lexicon.yaml").exists()


def test_an_archive_of_another_program_exits_3(regwatch: Any, tmp_path: Path) -> None:
    (tmp_path / "notes.db").write_text("this is no database at all")
    (tmp_path / "feeds.yaml").write_text("archive: notes.db\nfeeds: []\n")
    for command in (["once"], ["hits"], ["status"]):
        assert regwatch(*command).returncode == 3


def test_a_page_without_a_feed_gets_selectors_proposed(
    regwatch: Any, site: Any, configure: Callable[..., Path]
) -> None:
    rows = "".join(f'<li class="n"><time>{d} November 2026</time><a href="/n/{d}">Authority decides matter number {d}</a></li>' for d in range(1, 7))  # fmt: skip
    configure()
    done = regwatch("check", site.page("/news", f"<html><body><main><ul>{rows}</ul></main></body></html>"))  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "entry:" in done.stdout
    assert "Authority decides matter number 1" in done.stdout


def test_sources_that_fail_have_a_class_and_do_not_stop_the_others(
    regwatch: Any, site: Any, configure: Callable[..., Path]
) -> None:
    good = site.rss("/good", ("Title", "Summary"))
    bad = [site.page("/html", "<html><body>x</body></html>"), site.page("/empty", ""), site.base + "/gone", "http://name.invalid/"]  # fmt: skip
    configure(good, *bad)
    assert regwatch("once", "--now").returncode == 0
    states = {s["name"]: s for s in json.loads(regwatch("status", "--json").stdout)["sources"]}
    assert states["Feed 0"]["state"] == "ok"
    assert [states[f"Feed {n}"]["error_class"] for n in range(1, 5)] == ["not_a_feed", "empty", "http_404", "dns"]  # fmt: skip
    assert all(s["next_due"] and s["next_reason"] for s in states.values())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_service_starts_polls_and_ends_cleanly(
    site: Any, configure: Callable[..., Path], tmp_path: Path, number: signal.Signals
) -> None:
    import sys

    config = configure(site.rss("/a", ("Title", "Summary")))
    installed = os.environ.get("REGWATCH_UNDER_TEST")
    command = [installed] if installed else [sys.executable, "-m", "monitor"]
    with subprocess.Popen([*command, "--config", str(config), "run"], cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as service:  # fmt: skip
        assert service.stderr is not None
        for line in service.stderr:
            if "cycle_done" in line:
                service.send_signal(number)
                break
        rest = service.stderr.read()
        assert service.wait(10) == 0
    assert "service_stopped" in rest
    assert len(site.requests) == 1


HOSTILE = {
    "title": "ICO fines Clearview AI <script>alert(1)</script> over facial recognition",
    "summary": "The face database breached UK data protection law; the penalty is £7.5m.",
    "url": 'https://example.org/"><b>',
}


def test_a_period_is_told_as_a_digest_and_as_a_page_that_runs_nothing(
    regwatch: Any, tmp_path: Path, configure: Callable[..., Path]
) -> None:
    configure()
    (tmp_path / "items.jsonl").write_text("\n".join(json.dumps(x) for x in (MODEL_CASE, HOSTILE)))
    regwatch("ingest", "items.jsonl")
    told = regwatch("digest", "--since", "1d")
    assert "0 new stories" in told.stdout
    assert "Held back (2)" in told.stdout
    assert "imported without --alert" in told.stdout
    assert regwatch("report", "--since", "7d", "--out", "report.html").returncode == 0
    page = (tmp_path / "report.html").read_text()
    assert "LinkedIn" in page
    assert "<script" not in page
    assert '"><b>' not in page
    assert regwatch("digest", "--send").returncode == 2


def test_another_archive_is_imported_without_doubles(
    regwatch: Any, tmp_path: Path, configure: Callable[..., Path]
) -> None:
    configure()
    (tmp_path / "items.jsonl").write_text("\n".join(json.dumps(x) for x in (MODEL_CASE, HOSTILE)))
    regwatch("ingest", "items.jsonl")
    regwatch("label", "1", "relevant")
    (tmp_path / "other.yaml").write_text("archive: other/regwatch.db\nfeeds: []\n")
    command = ("--config", "other.yaml", "import", "data/regwatch.db", "--json")
    assert json.loads(regwatch(*command).stdout) == {
        "entries": 2,
        "hits": 2,
        "labels": 1,
        "corrections": 0,
    }
    assert json.loads(regwatch(*command).stdout) == {
        "entries": 0,
        "hits": 0,
        "labels": 0,
        "corrections": 0,
    }


def test_the_generated_references_are_up_to_date() -> None:
    from monitor.documents import command_reference, configuration_reference

    docs = Path(__file__).resolve().parents[2] / "docs"
    assert (docs / "config.md").read_text() == configuration_reference()
    assert (docs / "cli.md").read_text() == command_reference()


def test_a_cycle_that_is_interrupted_among_slow_sources_ends_soon_and_gives_its_leases_back(
    configure: Callable[..., Path], tmp_path: Path
) -> None:
    import socket
    import sqlite3
    import sys
    import time
    from contextlib import closing

    with socket.create_server(("127.0.0.1", 0)) as silent:
        config = configure(f"http://127.0.0.1:{silent.getsockname()[1]}/slow")
        installed = os.environ.get("REGWATCH_UNDER_TEST")
        command = [installed] if installed else [sys.executable, "-m", "monitor"]
        with subprocess.Popen([*command, "--config", str(config), "once", "--now"], cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:  # fmt: skip
            connection, _ = silent.accept()
            process.send_signal(signal.SIGINT)
            began = time.monotonic()
            assert process.wait(20) == 0
            connection.close()
        assert time.monotonic() - began < 12
    with closing(sqlite3.connect(tmp_path / "data" / "regwatch.db")) as archive:
        assert archive.execute("SELECT count(*) FROM feeds WHERE lease_until IS NOT NULL").fetchone() == (0,)  # fmt: skip


def test_a_reader_that_leaves_a_pipe_is_no_error(
    configure: Callable[..., Path], tmp_path: Path
) -> None:
    import sys

    config = configure()
    (tmp_path / "items.jsonl").write_text("\n".join(json.dumps(MODEL_CASE) for _ in range(3000)))
    installed = os.environ.get("REGWATCH_UNDER_TEST")
    command = [installed] if installed else [sys.executable, "-m", "monitor"]
    with subprocess.Popen([*command, "--config", str(config), "score", "items.jsonl"], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(30) == 0


def test_an_export_follows_a_link_writes_to_a_device_and_refuses_a_folder(regwatch: Any, tmp_path: Path) -> None:  # fmt: skip
    ingested = tmp_path / "items.jsonl"
    ingested.write_text(json.dumps(MODEL_CASE) + "\n")
    assert regwatch("ingest", str(ingested)).returncode == 0
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
    assert regwatch("export", "--out", "link.csv").returncode == 0
    assert (tmp_path / "link.csv").is_symlink()
    assert "LinkedIn" in (tmp_path / "real.csv").read_text()
    piped = regwatch("export", "--out", "/dev/stdout")
    assert "LinkedIn" in piped.stdout
    folder = regwatch("export", "--out", ".")
    assert (folder.returncode, "it is a folder" in folder.stderr) == (2, True)


@pytest.mark.parametrize(("value", "reason"), [("", "noise"), ("meta", " ")])
def test_an_empty_silence_is_refused(regwatch: Any, value: str, reason: str) -> None:
    done = regwatch("silence", "add", "term", value, "--until", "3d", "--reason", reason)
    assert (done.returncode, "a silence needs" in done.stderr) == (2, True)


def test_check_reads_seeds_of_ones_own_and_lists_every_problem(regwatch: Any, tmp_path: Path) -> None:  # fmt: skip
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "lexicon.yaml").write_text("garbage: [")
    (tmp_path / "feeds.yaml").write_text("seeds: [mine]\nfeeds: []\n")
    done = regwatch("check")
    assert (done.returncode, "lexicon.yaml:" in done.stderr) == (2, True)


def test_half_a_surrogate_pair_is_scored_and_the_lines_after_it_too(regwatch: Any) -> None:
    done = regwatch("score", stdin='{"title": "\\ud800 x"}\n{"title": "second"}\n')
    assert done.returncode == 0
    assert [json.loads(line)["title"] for line in done.stdout.splitlines()][1] == "second"


def test_a_port_that_cannot_be_is_an_error_of_the_address(regwatch: Any) -> None:
    done = regwatch("check", "http://127.0.0.1:99999/")
    assert (done.returncode, "Traceback" in done.stderr) == (4, False)
