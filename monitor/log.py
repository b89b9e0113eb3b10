"""Logs: an event name with key=value on a terminal, one JSON object per line otherwise.

Event names are constants, so that documents and tests can name them. No secret is ever a value.
"""

from __future__ import annotations

import json
import logging
from typing import Any, TextIO

SOURCE_DONE = "source_done"
CYCLE_DONE = "cycle_done"
POLL_BUG = "poll_bug"
DELIVERY_BUG = "delivery_bug"
CLICK_TAKEN = "click_taken"
CLICK_ANSWER_FAILED = "click_answer_failed"
CLICK_BUG = "click_bug"
SOCKET_OPEN = "socket_open"
SOCKET_LOST = "socket_lost"
REMINDED = "reminded"
SERVICE_STARTED = "service_started"
SERVICE_STOPPING = "service_stopping"
SERVICE_STOPPED = "service_stopped"
CONFIG_USED = "config_used"
CONFIG_WARNING = "config_warning"
CONFIG_REFUSED = "config_refused"
CONFIG_RELOADED = "config_reloaded"
MODEL_USED = "model_used"
MODEL_REFUSED = "model_refused"
OPS = "ops"
JOB_FAILED = "job_failed"
BACKUP_DONE = "backup_done"
PRUNE_DONE = "prune_done"
METRICS_SERVED = "metrics_served"
PING_FAILED = "ping_failed"
EXPORT_FAILED = "export_failed"
ARTICLE_DONE = "article_done"
ARTICLE_BUG = "article_bug"
CLUSTER_LOST = "cluster_lost"
CLUSTER_WAITS = "cluster_waits"
CLUSTER_RESCUED = "cluster_rescued"
SOURCE_POLLED = "source_polled"
POLLER_STARTED = "poller_started"
POLLER_STOPPED = "poller_stopped"

EVENTS = tuple(sorted(v for k, v in globals().copy().items() if k.isupper() and isinstance(v, str)))


class Event(str):
    """An event name that carries its values."""

    __slots__ = ("values",)
    values: dict[str, Any]


def event(name: str, **values: Any) -> Event:
    """A log message: ``name key=value ...``."""
    shown = " ".join(f"{key}={_show(value)}" for key, value in values.items() if value is not None)
    made = Event(f"{name} {shown}".strip())
    made.values = {"event": name, **values}
    return made


def _show(value: Any) -> str:
    """A value on one line that no stranger's text can break or colour."""
    text = str(value)
    if not text.isprintable():
        return json.dumps(text)
    return json.dumps(text, ensure_ascii=False) if not text or {" ", '"', "="} & {*text} else text


class JsonLines(logging.Formatter):
    """One JSON object per record."""

    def format(self, record: logging.LogRecord) -> str:
        values = getattr(record.msg, "values", {"event": "log", "message": record.getMessage()})
        line: dict[str, Any] = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            **values,
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def set_up(stream: TextIO, *, style: str = "auto", verbose: int = 0) -> None:
    """Send logs to a stream; ``style`` is auto, text or json."""
    handler = logging.StreamHandler(stream)
    as_text = style == "text" or (style == "auto" and stream.isatty())
    if as_text:
        handler.setFormatter(
            logging.Formatter("%(asctime)s %(levelname)-7s %(message)s", "%H:%M:%S")
        )
    else:
        handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("monitor").setLevel(logging.DEBUG if verbose else logging.INFO)
    # these log addresses, among them secrets, or a line per run
    for name in ("httpx", "httpcore", "slack_sdk", "apscheduler"):
        logging.getLogger(name).setLevel(logging.WARNING)
