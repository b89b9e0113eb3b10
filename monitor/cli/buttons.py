"""Buttons in Slack put together for ``run``: only with a bot token and an app token."""

from __future__ import annotations

import logging
from datetime import timedelta

from .. import judging
from ..buttons import Buttons, Desk
from ..log import REMINDED, event
from ..service import Service
from ..store.archive import Archive
from .reload import Reloader

log = logging.getLogger("monitor.buttons")


def wire_buttons(files: Reloader, archive: Archive, service: Service) -> None:
    """Give the service its buttons and its reminder, where Slack is configured for them."""
    slack = files.app.config.slack
    if slack is None or slack.token is None or slack.app_token is None:
        return
    from ..slack_socket import Answers, Socket

    desk = Desk(
        archive,
        Answers(slack.token, slack.base_url),
        files.app.ports.now,
        model=lambda: files.app.model.id,
        snooze=lambda: _snooze(files),
    )
    socket = Socket(slack.app_token, slack.base_url)
    service.buttons = Buttons(socket, desk, service.take_click, service.tell).run
    service.remind = lambda: _remind(files, archive)


def _snooze(files: Reloader) -> timedelta:
    keys = files.app.config.alerts.slack
    return keys.snooze if keys is not None else timedelta(days=7)


def _remind(files: Reloader, archive: Archive) -> None:
    after = files.app.config.alerts.remind_after
    if after and (count := judging.remind(archive, after=after, now=files.app.ports.now())):
        log.info(event(REMINDED, stories=count))
