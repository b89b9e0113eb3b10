"""A farm of feeds on loopback: each on an address of its own, with latency and validators.

Run as a process: ``farm.py LATENCY_S ENTRIES [CHANGING]``, prints its port, serves until its stdin
closes. With CHANGING = 5, every fifth feed brings a new entry at each request; the others answer 304.
"""

from __future__ import annotations

import asyncio
import gzip
import sys

ITEM = "<item><title>Item {n} of feed {f}: the council met on Monday</title><link>https://example.org/{f}/{n}</link><guid>{f}-{n}</guid><pubDate>Tue, 24 Nov 2026 08:{m:02d}:00 GMT</pubDate><description>{text}</description></item>"
TEXT = "An ordinary summary of an ordinary item, as long as feeds usually carry them. " * 8


def feed(number: int, entries: int, first: int = 0) -> bytes:
    """One feed, about 18 kB."""
    items = "".join(
        ITEM.format(n=n, m=n % 60, f=number, text=TEXT) for n in range(first, first + entries)
    )
    return f"<?xml version='1.0'?><rss version='2.0'><channel><title>Feed {number}</title><link>https://example.org/</link><description>d</description>{items}</channel></rss>".encode()


async def main(latency: float, entries: int, changing: int = 0) -> None:
    """Serve on 0.0.0.0 of loopback, one port; the path names the feed."""
    cache: dict[int, bytes] = {}
    asked: dict[int, int] = {}

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                number = int(head.split(" ")[1].strip("/").partition(".")[0] or 0)
                await asyncio.sleep(latency)
                if changing and number % changing == 0:
                    asked[number] = asked.get(number, 0) + 1
                    body = gzip.compress(feed(number, entries, asked[number]), 1)
                    writer.write(
                        b'HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nContent-Encoding: gzip\r\nETag: "%d-%d"\r\nContent-Length: %d\r\n\r\n'
                        % (number, asked[number], len(body))
                        + body
                    )
                elif f'if-none-match: "{number}"' in head.lower():
                    writer.write(
                        b'HTTP/1.1 304 Not Modified\r\nETag: "%d"\r\nContent-Length: 0\r\n\r\n'
                        % number
                    )
                else:
                    if number not in cache:
                        cache[number] = gzip.compress(feed(number, entries), 1)
                    body = cache[number]
                    writer.write(
                        b'HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nContent-Encoding: gzip\r\nETag: "%d"\r\nContent-Length: %d\r\n\r\n'
                        % (number, len(body))
                        + body
                    )
                await writer.drain()
                if "connection: close" in head.lower():
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    # the whole loopback range answers on one port
    server = await asyncio.start_server(answer, "0.0.0.0", 0, backlog=2000)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(
        main(float(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 0)
    )
