"""Articles read in full: for entries that passed the screen on few words.

::

    fulltexts.claim    what recording asked for: due, not leased, one per host          rows
     -> robots.txt     known and allowing, else this turn is spent on fetching it
     -> fetch          the same guarded, bounded client as for feeds, one origin per turn
     -> article        the text, in a killable process
     -> record_article verdict, extract, evidence, alert, in ONE transaction

Beside the polling, never in its way. What fails costs an entry its article, never its alert.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from .cycle import LEASE_MARGIN, Report, Watch
from .domain import Article, EntryId, Failed
from .errors import FeedError, MonitorError
from .fetch import MAX_HOPS, Leaves, RetryLater, fetch
from .identity import host_of
from .log import ARTICLE_BUG, ARTICLE_DONE, event
from .net import Net
from .recording import Recorded, record_article
from .robots import KEEP_LEAST, KEEP_MOST, Rules, origin_of, read_robots
from .store import feeds as feed_rows
from .store import fulltexts
from .store.fulltexts import Wanted
from .workers import ParserPool

log = logging.getLogger("monitor.articles")

AT_ONCE = 4
TRIES = 3
RETRY = (timedelta(minutes=10), timedelta(hours=1))
_LOOK_AGAIN_S = 0.2
_ACCEPT = {"Accept": "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"}
_PASSING = frozenset({"dns", "connect", "timeout", "rate_limited"})


@dataclass(slots=True)
class Reader:
    """What reading works with; ``watch`` is the service's own, so that a reload is seen."""

    watch: Watch
    net: Net
    parsers: ParserPool

    async def read_due(
        self, report: Report, *, stop: asyncio.Event, within_s: float | None = None
    ) -> int:
        """Read every article that is due; returns how many came to something.

        Nothing is read while no source asks for it. After ``within_s`` seconds no further one is
        begun: what is left is due the next time.

        Raises:
            StoreError: the archive failed.
        """
        archive, done_with = self.watch.recorder.archive, 0
        in_flight: set[asyncio.Task[bool]] = set()
        if not any(feed.fulltext for feed in self.watch.feeds.values()):
            return 0
        loop = asyncio.get_running_loop()
        end = None if within_s is None else loop.time() + within_s
        try:
            while not stop.is_set():
                late = end is not None and loop.time() > end
                for wanted in [] if late else self._claim(AT_ONCE - len(in_flight)):
                    in_flight.add(asyncio.create_task(self._one(wanted, report)))
                if not in_flight:
                    if late or not fulltexts.count_due(archive, self.watch.ports.now()):
                        break
                    await asyncio.sleep(_LOOK_AGAIN_S)  # a host's gap, or a poll on it
                    continue
                done, in_flight = await asyncio.wait(
                    in_flight, timeout=_LOOK_AGAIN_S, return_when=asyncio.FIRST_COMPLETED
                )
                done_with += sum(task.result() for task in done)
        finally:
            for task in in_flight:
                task.cancel()
            await asyncio.gather(*in_flight, return_exceptions=True)
        return done_with

    def _claim(self, limit: int) -> list[Wanted]:
        watch = self.watch
        return fulltexts.claim(
            watch.recorder.archive,
            watch.ports.now(),
            limit,
            lease=watch.timeout * 2 + LEASE_MARGIN,
            host_gap=watch.host_gap,
        )

    async def _one(self, wanted: Wanted, report: Report) -> bool:
        """One turn of one article, and the boundary for its bugs; whether the article is settled."""
        try:
            article = await self._read(wanted)
        except MonitorError as error:
            if not isinstance(error, FeedError):
                raise
            article = self._failed(wanted, error)
        except Exception as error:
            log.exception(event(ARTICLE_BUG, url=wanted.url))
            report.bugs += 1
            article = _article(wanted, f"internal error: {type(error).__name__}; see the log")
        if article is None:
            return False
        recorded = self._record(wanted, article, report)
        report.hits += recorded.hits
        report.alerts += recorded.alerts
        log.info(event(ARTICLE_DONE, entry=wanted.entry_id, url=article.url, characters=len(article.text or ""), reason=article.reason, hits=recorded.hits))  # fmt: skip
        return article.not_before is None

    def _record(self, wanted: Wanted, article: Article, report: Report) -> Recorded:
        recorder, now = self.watch.recorder, self.watch.ports.now()
        try:
            return record_article(recorder, article, now=now)
        except MonitorError:
            raise
        except Exception as error:
            log.exception(event(ARTICLE_BUG, url=wanted.url))
            report.bugs += 1
            failed = _article(wanted, f"internal error: {type(error).__name__}; see the log")
            return record_article(recorder, failed, now=now)

    async def _read(self, wanted: Wanted) -> Article | None:
        """The article; None where this turn went to robots.txt or to a redirect.

        Raises:
            FeedError: the page could not be had.
        """
        archive, now = self.watch.recorder.archive, self.watch.ports.now()
        origin = origin_of(wanted.url)
        known = fulltexts.robots(archive, origin, now)
        if known is None:
            await self._fetch_robots(origin, now)
            fulltexts.release(archive, wanted.entry_id)
            return None
        if known.text is None:
            return self._again(wanted, f"{origin}/robots.txt cannot be reached")
        rules = read_robots(known.text)
        rule = rules.forbidding(wanted.url)
        if rule is not None:
            return _article(wanted, f"{origin}/robots.txt forbids it ({rule})", refused=True)
        try:
            page = await fetch(self.net, wanted.url, headers=_ACCEPT, now=now, stay=True)
        except Leaves as error:
            return self._send_on(wanted, error.target)
        finally:
            self._space_out(wanted, rules, now)
        final = page.facts.final_url or wanted.url
        text = await self.parsers.article(page.body, page.content_type, final, wanted.title)
        if isinstance(text, Failed):
            return _article(wanted, f"{text.error_class}: {text.detail}")
        return Article(EntryId(wanted.entry_id), final, text, "allowed by robots.txt")

    async def _fetch_robots(self, origin: str, now: datetime) -> None:
        """Keep what an origin allows: its file, nothing at all where it has none (RFC 9309 2.3.1)."""
        text: str | None = ""
        keep = KEEP_MOST
        try:
            page = await fetch(self.net, f"{origin}/robots.txt", headers={"Accept": "text/plain"}, now=now)  # fmt: skip
            text = page.body.decode("utf-8", "replace")
            fresh = page.facts.freshness_s
            if fresh is not None:
                keep = min(KEEP_MOST, max(KEEP_LEAST, timedelta(seconds=min(fresh, 10**6))))
        except FeedError as error:
            if not error.error_class.startswith("http_4"):
                text, keep = None, KEEP_LEAST
        fulltexts.save_robots(self.watch.recorder.archive, origin, text, now, keep)

    def _space_out(self, wanted: Wanted, rules: Rules, now: datetime) -> None:
        if rules.crawl_delay_s:
            with self.watch.recorder.archive.write() as connection:
                until = now + timedelta(seconds=rules.crawl_delay_s)
                fulltexts.space_out(connection, host_of(wanted.url), until)

    def _send_on(self, wanted: Wanted, target: str) -> Article | None:
        if wanted.hops >= MAX_HOPS:
            return _article(wanted, f"redirect: more than {MAX_HOPS} redirects")
        with self.watch.recorder.archive.write() as connection:
            fulltexts.send_on(connection, wanted.entry_id, target)
        return None

    def _failed(self, wanted: Wanted, error: FeedError) -> Article:
        """What passes is tried again, at the time the server names; the rest is final."""
        reason = f"{error.error_class}: {error.detail}"
        if error.error_class in _PASSING or error.error_class.startswith("http_5"):
            later = error.not_before if isinstance(error, RetryLater) else None
            if later is not None:
                with self.watch.recorder.archive.write() as connection:
                    feed_rows.pause_host(connection, host_of(wanted.url), later)
            return self._again(wanted, reason, later)
        return _article(wanted, reason)

    def _again(self, wanted: Wanted, reason: str, later: datetime | None = None) -> Article:
        if wanted.tries + 1 >= TRIES:
            return _article(wanted, f"{reason}; given up after {TRIES} tries")
        due = self.watch.ports.now() + RETRY[wanted.tries]
        return _article(wanted, reason, not_before=max(due, later or due))


def _article(
    wanted: Wanted, reason: str, *, refused: bool = False, not_before: datetime | None = None
) -> Article:
    return Article(EntryId(wanted.entry_id), wanted.url, None, reason, refused, not_before)
