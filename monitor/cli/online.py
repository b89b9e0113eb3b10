"""``check --online``: each source, and Slack, asked for real."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ..domain import Failed, Parsed, PollJob, PollState
from ..net import Net
from ..poll import poll
from ..preflight import preflight
from ..workers import ParserPool
from .app import App

_AT_ONCE = 10


async def check_online(app: App, say: Callable[[str], None]) -> int:
    """Poll every enabled source once without storing, then ask Slack; returns how many are red."""
    red = 0
    parsers = ParserPool()
    gate = asyncio.Semaphore(_AT_ONCE)
    try:
        async with Net(app.net_settings()) as net:

            async def one(job: PollJob) -> bool:
                async with gate:
                    result = await poll(job, net=net, parsers=parsers, now=app.ports.now, environ=app.ports.environ)  # fmt: skip
                if isinstance(result.outcome, Failed):
                    say(
                        f"red   {job.feed.name}: {result.outcome.error_class}: {result.outcome.detail}"
                    )
                    return True
                count = len(result.outcome.entries) if isinstance(result.outcome, Parsed) else 0
                say(f"ok    {job.feed.name}: {count} entries")
                return False

            jobs = [PollJob(f, PollState()) for f in app.config.feeds if f.enabled]
            red += sum(await asyncio.gather(*map(one, jobs)))
    finally:
        parsers.close()
    return red + await _check_slack(app, say)


async def _check_slack(app: App, say: Callable[[str], None]) -> int:
    slack = app.config.slack
    if slack is None:
        say("ok    Slack is not configured; alerts go to the console")
        return 0
    if slack.token is None:
        say("ok    an incoming webhook is configured; it cannot be tested without posting")
        return 0
    steps = await asyncio.to_thread(
        list, preflight(slack.token, slack.channel, slack.base_url, slack.app_token)
    )
    for step in steps:
        say(f"{'ok   ' if step.ok else 'red  '} Slack: {step.text}")
    return sum(not step.ok for step in steps)
