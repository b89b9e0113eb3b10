"""Recognising a page that asks for a proof of being human instead of giving the content. Pure.

Such a page is no news and no parse error: the source is blocked, and the operator should know.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_SIGNS = (
    (re.compile(rb"<title>\s*just a moment", re.I), "Cloudflare's waiting page"),
    (re.compile(rb"cf-chl-|challenge-platform|cf_chl_opt", re.I), "a Cloudflare challenge"),
    (re.compile(rb"<title>\s*access denied\s*</title>", re.I), "an 'Access Denied' page"),
    (re.compile(rb"errors\.edgesuite\.net", re.I), "Akamai's 'Access Denied' page"),
    (
        re.compile(rb"_incapsula_resource|incident id:.{0,80}incapsula", re.I),
        "an Imperva challenge",
    ),
    (re.compile(rb"<title>\s*attention required!", re.I), "Cloudflare's 'Attention Required' page"),
    (re.compile(rb"ddos-guard|<title>ddos protection", re.I), "a DDoS protection page"),
    (re.compile(rb"(?:g-recaptcha|h-captcha|cf-turnstile)[^>]*>", re.I), "a captcha"),
    (re.compile(rb"awswaf|aws-waf-token", re.I), "an AWS WAF challenge"),
    (re.compile(rb"verify (?:that )?you are (?:a )?human", re.I), "a page that checks for humans"),
)
_LOOK = 20_000


def challenge_of(status: int, headers: Mapping[str, str], body: bytes) -> str | None:
    """What stands in the way, or None.

    A captcha within an ordinary 200 page (a comment form) is not a challenge; the page's other
    signs are.
    """
    if headers.get("cf-mitigated", "").lower() == "challenge":
        return "a Cloudflare challenge (cf-mitigated)"
    start = body[:_LOOK]
    if not _is_html(headers, start):
        return None
    for sign, name in _SIGNS:
        if sign.search(start) and not (
            status == 200 and name == "a captcha" and len(body) > 15_000
        ):
            return f"{name} (status {status})"
    return None


def _is_html(headers: Mapping[str, str], start: bytes) -> bool:
    head = start[:500].lstrip().lower()
    if head.startswith(b"<?xml") or b"<rss" in head or b"<feed" in head or b"<rdf" in head:
        return False
    return (
        "html" in headers.get("content-type", "").lower()
        or b"<html" in head
        or (b"<!doctype html" in head)
    )
