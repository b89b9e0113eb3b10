"""The killable parser pool: bytes to entries in other processes, under a time and a memory limit.

A hostile document costs its own feed one poll, never the service: a timer inside the worker
interrupts it, a memory limit bounds it, and a worker that dies is replaced.
Knows nothing of HTTP and nothing of the archive.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import resource
import signal
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext
from threading import Thread
from types import FrameType
from typing import TypeVar

from .domain import Failed, Parsed, Selectors
from .errors import FeedError

Found = TypeVar("Found")

_GRACE_S = 5.0  # beyond the worker's own timer, before the whole pool is replaced


class ParseTimeout(Exception):
    """The worker's timer rang."""


class ParserPool:
    """A few processes that parse. ``close`` ends them."""

    def __init__(
        self, *, processes: int = 2, timeout_s: float = 10.0, memory_mb: int = 600
    ) -> None:
        self._processes = processes
        self._timeout_s = timeout_s
        self._memory_mb = memory_mb
        self._pool: ProcessPoolExecutor | None = None

    def warm(self) -> None:
        """Let the parsers be imported beside the caller, so that the first documents need not wait.

        The processes themselves start with the first document; where all is unchanged, never.
        """
        _context()
        forkserver.ensure_running()

    async def feed(self, body: bytes, content_type: str, url: str) -> Parsed | Failed:
        """Entries of a feed document, or why there are none."""
        return await self._run(_feed_job, body, content_type, url)

    async def listing(
        self, body: bytes, content_type: str, url: str, selectors: Selectors | None
    ) -> Parsed | Failed:
        """Entries of a listing page, or why there are none."""
        return await self._run(_listing_job, body, content_type, url, selectors)

    async def article(self, body: bytes, content_type: str, url: str, title: str) -> str | Failed:
        """The text of an article page, or why there is none."""
        return await self._run(_article_job, body, content_type, url, title)

    async def _run(self, job: Callable[..., Found], *arguments: object) -> Found | Failed:
        for attempt in (1, 2):
            pool = self._running()
            future = asyncio.get_running_loop().run_in_executor(
                pool,
                _guarded,
                job,
                self._timeout_s,
                *arguments,
            )
            try:
                # the worker's timer starts only when its turn comes, so this bound is generous
                return await asyncio.wait_for(future, self._timeout_s * 4 + _GRACE_S)
            except BrokenProcessPool:
                # a neighbour's document may have killed the worker: one more try tells
                self._discard(pool)
                if attempt == 2:
                    return Failed("parse", "the parser process died on this document")
            except TimeoutError:
                self._discard(pool)
                return Failed("parse", f"not parsed in {self._timeout_s:g} s")
        raise AssertionError("unreachable")

    def _running(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self._processes,
                mp_context=_context(),
                initializer=_limit,
                initargs=(self._memory_mb,),
            )
        return self._pool

    def _discard(self, pool: ProcessPoolExecutor) -> None:
        if self._pool is pool:
            self._pool = None
            for process in list(getattr(pool, "_processes", {}).values()):
                process.kill()
            pool.shutdown(wait=False, cancel_futures=True)

    def close(self) -> None:
        """End the processes; a second call does nothing."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=True, cancel_futures=True)


def _context() -> ForkServerContext:
    """Processes forked from a server: a fork of ours would inherit threads and sockets."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["monitor.parse", "monitor.listing"])
    return context


def _limit(memory_mb: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory_mb * 2**20, memory_mb * 2**20))
    signal.signal(signal.SIGALRM, _ring)
    # Ctrl-C is for the service, which then closes its workers
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_the_service, daemon=True).start()


def _end_with_the_service() -> None:
    """End when the service does, even one that was killed.

    Otherwise a parser would wait for ever on a queue whose other end its siblings hold open.
    """
    service = multiprocessing.parent_process()
    if service is not None:
        service.join()
        os._exit(1)


def _ring(number: int, frame: FrameType | None) -> None:
    raise ParseTimeout


def _guarded(job: Callable[..., Found], timeout_s: float, *arguments: object) -> Found | Failed:
    signal.setitimer(signal.ITIMER_REAL, timeout_s)
    try:
        return job(*arguments)
    except FeedError as error:
        return Failed(error.error_class, error.detail)
    except ParseTimeout:
        return Failed("parse", f"not parsed in {timeout_s:g} s")
    except MemoryError:
        return Failed("parse", "the document needs too much memory")
    except RecursionError:
        return Failed("parse", "the document is nested too deeply")
    except Exception as error:  # noqa: BLE001 - a parser's bug costs one feed one poll
        return Failed("parse", f"the parser failed: {type(error).__name__}: {str(error)[:200]}")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _feed_job(body: bytes, content_type: str, url: str) -> Parsed:
    from .parse import parse_feed

    return parse_feed(body, content_type, url)


def _listing_job(body: bytes, content_type: str, url: str, selectors: Selectors | None) -> Parsed:
    from .listing import parse_listing

    return parse_listing(body, content_type, url, selectors)


def _article_job(body: bytes, content_type: str, url: str, title: str) -> str:
    from .extraction import article_text

    return article_text(body, content_type, url, title)
