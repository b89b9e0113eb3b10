"""Inputs near ordinary ones: cut, repeated, overwritten, spliced with what parsers stumble over.

A change goes anywhere, or takes the place of a whole word or quoted text, so that what surrounds
it is still read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random

from hypothesis import strategies as st

STUMBLES = (
    b"<![CDATA[", b"]]>", b"<!--", b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"&a;", b"&#0;", b"&#xd800;", b"\x00", b"\xff\xfe",
    b"\xed\xa0\x80", "\u202e".encode(), b"<a " * 200, b"<b>" * 500, b"[" * 500, b"{\"a\":" * 200, b"9" * 400, b"-1", b"1e999", b"NaN",
    b"javascript:alert(1)", b"//[::1", b"http://[", b"%", b"<!channel>", b"<@U1>", b"\r\n", b"- &a *a\n", b"!!python/object:os.system {}\n",
    b"\n  - {name: A, url: 'https://e.example/feed', kind: press}\n", b"99999999d", b"+25:99", b"0000-00-00", b"Feb 30",
    b"0001-01-01T00:00:00+09:00", b"31 Dec 9999 23:00 EST", "\u0131\u017f".encode(), b"!!int ''", b"&a [*a]", b"\\ud800", b"\\u001b[2K", b"\x1b[2K\r",
    b"null", b"[]", b"{}", b"5", b'""', b'"\\0"', b'"22:00+01:00"', b"443", b"0",
)  # fmt: skip
_WORD = re.compile(rb"""[^\s"',:{}\[\]<>()=&|]+""")
_VALUE = re.compile(rb"""["'][^"'\n]*["']|""" + _WORD.pattern)
_ANYWHERE = re.compile(rb"")
Change = tuple[re.Pattern[bytes], float, float, bytes]


def _applied(sample: bytes, changes: Sequence[Change]) -> bytes:
    for kind, where, width, new in changes:
        start = int(where * len(sample))
        found = kind.search(sample, start)
        if found is not None and kind is not _ANYWHERE:
            start, end = found.span()
        else:
            end = start + int(width * 40)
        sample = sample[:start] + new + sample[end:]
    return sample


def swapped(samples: Sequence[bytes]) -> list[bytes]:
    """Each sample with one of its words or quoted texts replaced: every place, every stumble."""
    return [
        sample[: place.start()] + new + sample[place.end() :]
        for sample in samples
        for kind in (_WORD, _VALUE)
        for place in kind.finditer(sample)
        for new in STUMBLES
    ]


def changed(data: bytes, samples: Sequence[bytes], chance: Random) -> bytes:
    """The input, or a sample, with one to three changes: for a fuzzer that guides itself by coverage.

    Of text that must begin in a certain way, changes of single bytes leave little that is read.
    """
    begun = data if data and chance.random() < 0.7 else chance.choice(samples)
    pieces = (*STUMBLES, *samples, chance.randbytes(chance.randint(0, 8)))
    kinds = (_WORD, _VALUE, _ANYWHERE)
    changes = [
        (chance.choice(kinds), chance.random(), chance.random(), chance.choice(pieces))
        for _ in range(chance.randint(1, 3))
    ]
    return _applied(begun, changes)


def mutated(samples: Sequence[bytes]) -> st.SearchStrategy[bytes]:
    """Samples with one to four changes."""
    new = st.sampled_from(STUMBLES) | st.binary(max_size=8) | st.sampled_from(samples)
    kind = st.sampled_from((_WORD, _VALUE, _ANYWHERE))
    change = st.tuples(kind, st.floats(0, 1), st.floats(0, 1), new)
    return st.builds(_applied, st.sampled_from(samples), st.lists(change, min_size=1, max_size=4))
