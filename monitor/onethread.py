"""A thread of one's own for calls that block, one at a time.

The loop's shared threads also resolve the names of hosts: a dozen channels that hang must not
keep the polls from them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class OneThread:
    """Runs blocking calls in a thread that nobody else uses; it ends with its owner."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1)

    async def run(self, call: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
        """The result of the call, or what it raised."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, lambda: call(*arguments, **named))
