"""A server with everything that sources do wrong, and a log of what it was asked.

Run as a process: ``hostile.py [CANARY_FILE]`` prints its port and serves the whole loopback range
until its standard input closes. ``/log`` gives the requests so far as JSON; ``/forget`` empties it.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import gzip
import json
import os
import sys
import time
import zlib
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable

ITEM = "<item><title>{title}</title><link>https://news.example/{n}</link><guid>{n}</guid><pubDate>Tue, 24 Nov 2026 07:{n:02d}:00 GMT</pubDate><description>Text {n}</description></item>"
RSS = "application/rss+xml"
CAFE = "Café “quoted” – naïve"
Headers = dict[str, str]
Answer = tuple[int, Headers, bytes]

CANARY_FILE = sys.argv[1] if len(sys.argv) > 1 else "/nonexistent"
log: list[dict[str, object]] = []
asked: Counter[str] = Counter()


def item(n: int, title: str = "An ordinary title") -> str:
    """One entry."""
    return ITEM.format(n=n, title=title)


def rss(items: Iterable[str], *, declared: str = "utf-8", before: str = "") -> str:
    """A document of entries."""
    return f"<?xml version='1.0' encoding='{declared}'?>{before}<rss version='2.0'><channel><title>T</title><link>https://news.example/</link><description>d</description>{''.join(items)}</channel></rss>"


def plain(count: int = 2) -> str:
    """A document without a fault."""
    return rss(item(n) for n in range(count))


def page(body: str | bytes, kind: str = RSS, status: int = 200, **headers: str) -> Answer:
    """An ordinary answer."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return status, {"Content-Type": kind, **named}, body.encode() if isinstance(body, str) else body


def conditional(headers: Headers, body: str, **validators: str) -> Answer:
    """A 304 where the request carries these very validators, else the body with them."""
    named = {name.replace("_", "-"): value for name, value in validators.items()}
    sent = {"ETag": headers.get("if-none-match"), "Last-Modified": headers.get("if-modified-since")}
    if all(sent.get(name) == value for name, value in named.items()):
        return 304, named, b""
    return 200, {"Content-Type": RSS, **named}, body.encode()


@functools.cache
def bomb() -> bytes:
    """200 MB of white space, as 200 kB."""
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    block = b" " * 1_000_000
    return b"".join(packer.compress(block) for _ in range(200)) + packer.flush()


def billion() -> str:
    """Entities that would grow to gigabytes."""
    names = [f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10)]
    return rss([item(0, "&l9;")], before=f'<!DOCTYPE rss [<!ENTITY l0 "lol">{"".join(names)}]>')


def xxe(headers: Headers) -> str:
    """Entities that would read a file and call out."""
    outside = f"http://{headers['host']}/canary"
    entities = f'<!ENTITY f SYSTEM "file://{CANARY_FILE}"><!ENTITY h SYSTEM "{outside}">'
    return rss([item(0, "A &f; &h; title"), item(1)], before=f'<!DOCTYPE rss SYSTEM "{outside}" [{entities}]>')  # fmt: skip


def touch(headers: Headers) -> Answer:
    """The same body under a new ETag at the second request; from then on that ETag."""
    etag = '"t1"' if asked["touch"] == 1 else '"t2"'
    return conditional(headers, plain(), ETag=etag)


def numbered(kind: str) -> str:
    """Two entries without a guid, or with the same one."""
    guid = "<guid>same</guid>" if kind == "dupguid" else ""
    return rss(f"<item><title>Title {n}</title><link>https://news.example/{kind}/{n}</link>{guid}</item>" for n in range(2))  # fmt: skip


def answers(name: str, headers: Headers) -> Answer | None:
    """The answer of an endpoint that answers in one piece."""
    host = headers.get("host", "")
    accented = rss([item(0, CAFE)])
    table: dict[str, Callable[[], Answer]] = {
        "ok": lambda: conditional(headers, plain(20), ETag='"ok"', Last_Modified="Tue, 24 Nov 2026 07:00:00 GMT"),
        "bomb": lambda: page(bomb(), Content_Encoding="gzip"),
        "billion": lambda: page(billion()),
        "xxe": lambda: page(xxe(headers)),
        "r301": lambda: page("", status=301, Location="/r301-target"),
        "r301-target": lambda: page(plain()),
        "rloop": lambda: page("", status=302, Location="/rloop-back"),
        "rloop-back": lambda: page("", status=302, Location="/rloop"),
        "rfile": lambda: page("", status=302, Location=f"file://{CANARY_FILE}"),
        "rmeta": lambda: page("", status=302, Location="http://169.254.169.254/latest/meta-data/"),
        "gone": lambda: page("gone", "text/plain", 410),
        "s429": lambda: page("slow down", "text/plain", 429, Retry_After="3600"),
        "s503": lambda: page("busy", "text/plain", 503, Retry_After="7200"),
        "html": lambda: page("<!doctype html><html><head><title>News</title></head><body>Hello</body></html>", "text/html"),
        "htmlrss": lambda: page("<!doctype html><html><head><title>News</title></head><body>Hello</body></html>"),
        "empty": lambda: page(""),
        "malformed": lambda: page(rss([item(0), item(1, "Fish & chips <b>"), item(2)])),
        "truncated": lambda: page(plain(3)[:-70]),
        "noguid": lambda: page(numbered("noguid")),
        "dupguid": lambda: page(numbered("dupguid")),
        "latin1": lambda: page(rss([item(0, "Café naïve")], declared="iso-8859-1").encode("latin-1")),
        "liar": lambda: page(accented, f"{RSS}; charset=us-ascii"),
        "cp1252": lambda: page(rss([item(0, CAFE)], declared="iso-8859-1").encode("cp1252")),
        "bomutf16": lambda: page(rss([item(0, CAFE)], declared="utf-16").encode("utf-16")),
        "leadingws": lambda: page("\n\n  " + plain()),
        "nul": lambda: page(rss([item(0, "A\0 title\x0b here"), item(1)])),
        "weaketag": lambda: conditional(headers, plain(), ETag='W/"a b/\xe9"'),
        "oddlm": lambda: conditional(headers, plain(), Last_Modified="Thu, 1 Jan 2025 00:00:00 +0000 (odd)"),
        "touch": lambda: touch(headers),
        "future": lambda: page(plain().replace("2026", "2041")),
        "lyinggzip": lambda: page(plain(), Content_Encoding="gzip"),
        "canary": lambda: page("<!ENTITY h 'called out'>", "application/xml-dtd"),
        "log": lambda: page(json.dumps([e for e in log if e["path"] not in ("/log", "/forget")]), "application/json"),
        "gzipped": lambda: page(gzip.compress(plain().encode()), "application/gzip"),
        "doublegzip": lambda: page(gzip.compress(bomb()), Content_Encoding="gzip, gzip"),
        "host": lambda: page(host),
    }  # fmt: skip
    return table[name]() if name in table else None


async def slowloris(writer: asyncio.StreamWriter) -> None:
    """A byte now and then, for ever."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n\r\n")
    for byte in plain(20).encode():
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.2)


async def hang(writer: asyncio.StreamWriter) -> None:
    """Never a word."""
    await asyncio.sleep(3600)


async def huge(writer: asyncio.StreamWriter) -> None:
    """A body without an end."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n\r\n<rss><channel>")
    while True:
        writer.write(b"<item><title>more</title></item>" * 2000)
        await writer.drain()


async def shortread(writer: asyncio.StreamWriter) -> None:
    """Less than was announced."""
    body = plain(3).encode()
    writer.write(f"HTTP/1.1 200 OK\r\nContent-Type: {RSS}\r\nETag: \"short\"\r\nContent-Length: {len(body) + 500}\r\n\r\n".encode())  # fmt: skip
    writer.write(body)


ODD: dict[str, Callable[[asyncio.StreamWriter], Awaitable[None]]] = {
    "slowloris": slowloris,
    "hang": hang,
    "huge": huge,
    "shortread": shortread,
}


def written(answer: Answer) -> bytes:
    """An answer as bytes; header values byte for byte (latin-1)."""
    status, headers, body = answer
    lines = [f"HTTP/1.1 {status} Whatever", *(f"{k}: {v}" for k, v in headers.items())]
    lines += [f"Content-Length: {len(body)}", "Connection: close", "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One connection, one request."""
    with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {k.lower(): v.strip() for k, _, v in (x.partition(":") for x in lines if x)}
        path = first.split(" ")[1]
        name = path.strip("/").partition("?")[0]
        asked[name] += 1
        log.append({"path": path, "headers": headers, "time": time.time()})
        if name == "forget":
            log.clear()
        if name in ODD:
            await ODD[name](writer)
        else:
            writer.write(written(answers(name, headers) or page("", "text/plain", 404)))
        await writer.drain()
    writer.close()


async def main() -> None:
    """Serve until standard input closes."""
    bomb()
    server = await asyncio.start_server(serve, "0.0.0.0", 0, backlog=200)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    os._exit(0)  # whoever still hangs here is not waited for


if __name__ == "__main__":
    asyncio.run(main())
