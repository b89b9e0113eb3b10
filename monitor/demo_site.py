"""The demo's pages: five small sources of our own writing."""

from __future__ import annotations

from datetime import datetime
from xml.sax.saxutils import escape

_HIT = (
    "LinkedIn suspends AI training on UK members' data after ICO raises concerns",
    "The professional network has stopped using the personal data of its British members to train "
    "generative AI models, after the Information Commissioner's Office raised concerns about the practice.",
)
_OTHER_HIT = (
    "LinkedIn halts use of British profiles for AI models",
    "The company told the Information Commissioner's Office that it has paused the training of its "
    "generative AI on UK users' information and will not resume before further talks with the regulator.",
)
_REGULATOR = (
    _HIT,
    (
        "Two firms fined for nuisance calls",
        "The companies rang people who had opted out of marketing.",
    ),
    (
        "Consultation opens on guidance about AI and data protection",
        "We invite views on our draft code of practice until March.",
    ),
)
_COURTS = (
    ("High Court lists hearing in newspaper libel case", "Directions will be given on Tuesday."),
    ("Supreme Court clarifies limitation in contract claims", "The appeal was dismissed."),
)
_RIGHTS = (
    (
        "Our annual report is out",
        "Thank you to all members who supported our work for privacy this year.",
    ),
    ("Why face recognition in shops should worry you", "An opinion by our policy director."),
)
_PRESS = (
    ("Commissioner speaks at conference on artificial intelligence", "/press/speech"),
    ("New members join the advisory panel on data protection", "/press/panel"),
    ("Annual tracking survey on information rights published", "/press/survey"),
    ("Office to close over the public holidays in December", "/press/holidays"),
)
_TECH = (
    _OTHER_HIT,
    (
        "How to opt out of AI training on your favourite network",
        "Open settings, data privacy, and switch it off.",
    ),
    (
        "LinkedIn unveils AI coach for job seekers",
        "Premium members can practise interviews with a chatbot.",
    ),
    ("Watchdog fines water company over spill", "The penalty is the largest of the year."),
    (
        "Startup raises $40m to train robots with video data",
        "Investors value the company at $300m.",
    ),
    (
        "Copyright suit against AI model maker may proceed, judge rules",
        "Authors say their books were used.",
    ),
    ("Phone maker delays smarter assistant again", "On-device privacy features need more work."),
)


def pages(now: datetime, when: str) -> dict[str, tuple[str, str]]:
    """Path to media type and text; ``when`` is the date of what is new."""
    return {
        "/regulator.rss": (
            "application/rss+xml",
            _rss("UK data protection news", "regulator", _REGULATOR, when),
        ),  # fmt: skip
        "/tech.rss": ("application/rss+xml", _rss("Tech daily", "tech", _TECH, when)),
        "/courts.atom": ("application/atom+xml", _atom(now)),
        "/rights.rdf": ("application/rdf+xml", _rdf()),
        "/press.html": ("text/html; charset=utf-8", _listing(now)),
    }


def _rss(title: str, slug: str, items: tuple[tuple[str, str], ...], when: str) -> str:
    entries = "".join(
        f"<item><title>{escape(t)}</title><description>{escape(s)}</description>"
        f"<link>https://demo.example/{slug}/{n}</link><guid>demo-{slug}-{n}</guid>"
        f"<pubDate>{when}</pubDate></item>"
        for n, (t, s) in enumerate(items)
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>{title}</title><link>https://demo.example/</link><description>demo</description>{entries}</channel></rss>'  # fmt: skip


def _atom(now: datetime) -> str:
    stamp = f"{now:%Y-%m-%dT%H:%M:%SZ}"
    entries = "".join(
        f"<entry><title>{escape(t)}</title><id>tag:demo.example,2026:court/{n}</id>"
        f'<link href="https://demo.example/court/{n}"/><updated>{stamp}</updated>'
        f"<summary>{escape(s)}</summary></entry>"
        for n, (t, s) in enumerate(_COURTS)
    )
    return f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Courts bulletin</title><id>tag:demo.example,2026:courts</id><updated>{stamp}</updated>{entries}</feed>'  # fmt: skip


def _rdf() -> str:
    items = "".join(
        f'<item rdf:about="https://demo.example/rights/{n}"><title>{escape(t)}</title>'
        f"<link>https://demo.example/rights/{n}</link><description>{escape(s)}</description></item>"
        for n, (t, s) in enumerate(_RIGHTS)
    )
    return f'<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><channel rdf:about="https://demo.example/rights"><title>Rights group</title><link>https://demo.example/rights</link><description>demo</description></channel>{items}</rdf:RDF>'  # fmt: skip


def _listing(now: datetime) -> str:
    rows = "".join(
        f'<li class="release"><time datetime="{now:%Y-%m-%d}">{now:%d %B %Y}</time> '
        f'<h3><a href="{link}">{escape(title)}</a></h3></li>'
        for title, link in _PRESS
    )
    return f'<!doctype html><html lang="en"><head><title>Press room</title></head><body><nav><a href="/">Home</a></nav><main><h1>Press room</h1><ul class="releases">{rows}</ul></main></body></html>'  # fmt: skip
