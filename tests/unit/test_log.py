"""Logs: one line each, for eyes or for machines, whatever a stranger's text holds."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor import log as logs


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def written(style: str, message: str) -> list[str]:
    stream = io.StringIO()
    logs.set_up(stream, style=style)
    logging.getLogger("monitor.cycle").warning(message)
    return stream.getvalue().splitlines()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_words_and_a_file_gets_json() -> None:
    for stream, shape in ((Terminal(), "WARNING"), (io.StringIO(), '{"time"')):
        logs.set_up(stream)
        logging.getLogger("monitor.cycle").warning(logs.event(logs.SOURCE_DONE, feed="A", new=2))
        assert shape in stream.getvalue()


def test_words_stand_as_key_and_value() -> None:
    (line,) = written("text", logs.event(logs.SOURCE_DONE, feed="The ICO", outcome="dns", status=None, new=0))  # fmt: skip
    assert line.endswith('source_done feed="The ICO" outcome=dns new=0')


@given(st.text(max_size=80))
def test_whatever_a_value_holds_it_is_one_line_and_reads_back(text: str) -> None:
    (line,) = written("json", logs.event(logs.SOURCE_DONE, feed=text))
    assert json.loads(line)["feed"] == text
    (line,) = written("text", logs.event(logs.SOURCE_DONE, feed=text))
    assert line.isprintable()
    shown = line.partition(" feed=")[2]
    assert (json.loads(shown) if shown.startswith('"') else shown) == text


def test_every_log_event_is_documented() -> None:
    from pathlib import Path

    text = (Path(__file__).parent.parent.parent / "docs" / "operations.md").read_text()
    assert [name for name in logs.EVENTS if f"`{name}`" not in text] == []
