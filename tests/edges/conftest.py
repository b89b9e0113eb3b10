"""A pump in front of Slack's double, for the tests of deliveries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from desk import Desk
from slackdouble.server import SlackDouble, serving

from classifiers.model import Model
from monitor.store.archive import Archive


@pytest.fixture
def slack() -> Iterator[SlackDouble]:
    """A Slack on loopback."""
    with serving(SlackDouble()) as double:
        yield double


@pytest.fixture
def make(slack: SlackDouble, archive: Archive, model: Model, now: datetime) -> Callable[..., Desk]:
    """Makes a desk for some channels."""
    return lambda *channels, **known: Desk(slack, archive, model, now, channels or ("C1",), **known)
