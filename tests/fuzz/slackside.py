"""Both directions of Slack: what is shown there, whatever a source said, and what clicks send.

Slack's own limits are those of its reference for blocks; what exceeds them is refused whole.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import cycle
from typing import Any

from slack_sdk.socket_mode.request import SocketModeRequest

from monitor import judging
from monitor.clicks import Click, Envelope, form_metadata, form_subject, parse_click
from monitor.digest import Digest, pages
from monitor.domain import (
    AlertKind,
    DeliveryJob,
    DeliveryState,
    EntryId,
    Following,
    HitView,
    Judgement,
    SourceKind,
    StoryId,
    StoryView,
)
from monitor.message import Message, console_text, render
from monitor.replies import reason_form, sources_text, why_text

from .archives import opened
from .documents import NOW

_HIDDEN = frozenset("\u202e\u2066\x00\x1b\u200b")
_LINK = re.compile(r"<(https?://[^<>|\s]+)\|[^<>|\n]+>", re.I)
_UNSEEN = re.compile("[^!-~]+")
_ENTITY = re.compile(r"&(?:amp|lt|gt);")
_ROOM = {"header": 150, "section": 3000, "context": 3000, "actions": 75}
_DONE = {judging.KEPT, judging.ASKED, judging.AGAIN, judging.UNKNOWN, judging.UNCHANGED}


def message(data: bytes) -> None:
    """Any words in any place of an alert, a digest or an answer."""
    words = cycle(data.decode("utf-8", "surrogateescape").split("\n"))
    story = _story(words, hits=1 + len(data) % 7)
    links = {_bare(hit.url or "") for hit in story.hits} | {"https://slack.example/p1"}
    for job in _jobs(words, story):
        for following in Following:
            plain = following is Following.EDIT
            _shown(render(job, buttons=not plain, plain=plain, following=following), links)
        assert not _HIDDEN & set(console_text(job))
    for text in (why_text(story), sources_text(story)):
        assert len(text) <= 4000
        _harmless(text, links)
    _digested(words)


def _story(words: Iterator[str], hits: int) -> StoryView:
    said = tuple(_hit(words, n) for n in range(hits))
    return StoryView(
        story_id=StoryId("S-2026-000001"),
        title=next(words),
        lead_url=said[0].url,
        first_seen=NOW,
        last_seen=NOW,
        hits=said,
        regulator=next(words) or None,
        regulators=(next(words), next(words), next(words)),
        organisation=next(words) or None,
        jurisdiction=next(words) or None,
        action=next(words) or None,
        amount=float(hits * 10**hits),
        currency=next(words),
        legal_basis=(next(words), next(words)),
        legs={"step": (next(words), next(words)), "privacy": (), "ai": (next(words),)},
        why=((next(words), 0.5), (next(words), -0.5)),
        score=0.9,
        model=next(words),
        follows=(StoryId("S-2026-000002"),),
    )


def _hit(words: Iterator[str], n: int) -> HitView:
    title, url, source = next(words), next(words) or None, next(words)
    return HitView(EntryId(n), title, url, source, SourceKind.PRESS, NOW, NOW, 0.9)


def _jobs(words: Iterator[str], story: StoryView) -> Iterator[DeliveryJob]:
    job = DeliveryJob(1, "u", 1, "C1", AlertKind.NEW, DeliveryState.PENDING, 0, NOW, story=story)
    yield job
    judged = tuple(Judgement("relevant", next(words), NOW, next(words)) for _ in range(6))
    yield replace(
        job,
        kind=AlertKind.UPDATE,
        judgements=judged,
        snoozed_until=NOW,
        told_until=NOW - timedelta(days=1),
        reason="reminder",
        follows_permalink="https://slack.example/p1",
    )
    yield replace(job, kind=AlertKind.OPS, story=None, text="\n".join(next(words) for _ in range(9))[:100_000])  # fmt: skip


def _digested(words: Iterator[str]) -> None:
    keys = ("regulator", "organisation", "jurisdiction", "action", "title", "lead_url")
    rows = [{k: next(words) for k in keys} | {"story_id": "S-1", "tier": t, "follows": "S-2"} for t in ("act_now", "today", "digest")]  # fmt: skip
    held = [{k: next(words) for k in ("title", "url", "reason")} for _ in range(25)]
    down = [{k: next(words) for k in ("name", "state", "error_class", "last_ok", "newest", "quiet", "fallback")}]  # fmt: skip
    text = Digest(NOW, rows, rows, held, down).as_text()
    assert len(text.splitlines()) <= 1 + 6 + 3 * len(rows) + len(held) + len(down)
    for page in pages(text):
        links = {_bare(line.partition("\t")[2]) for line in page.splitlines()}
        job = DeliveryJob(1, "u", 1, "C1", AlertKind.DIGEST, DeliveryState.PENDING, 0, NOW, text=page)  # fmt: skip
        _shown(render(job), links)


def _shown(told: Message, links: set[str]) -> None:
    assert len(told.text) <= 4000
    assert len(told.blocks) <= 50
    json.dumps(told.blocks).encode()
    _harmless(told.text, links)
    if told.reply is not None:
        assert len(told.reply.text) <= 4000
        _harmless(told.reply.text, links)
    for block in told.blocks:
        assert len(block.get("elements", ())) <= (5 if block["type"] == "actions" else 10)
        for text in _texts(block):
            assert 1 <= len(text["text"]) <= _ROOM[block["type"]]
            assert text["type"] == "plain_text" or text["verbatim"] is True
            _harmless(text["text"], links, markup=text["type"] == "mrkdwn")


def _texts(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if isinstance(value.get("text"), str):
            yield value
        for nested in value.values():
            yield from _texts(nested)
    elif isinstance(value, list | tuple):
        for nested in value:
            yield from _texts(nested)


def _harmless(text: str, links: set[str], *, markup: bool = True) -> None:
    """No mention, no hidden mark, and no link but to an address that we were given as one."""
    text.encode()  # half a surrogate pair is refused by Slack
    assert not _HIDDEN & set(text)
    rest = _LINK.sub("", text)
    assert "<" not in rest, rest
    assert ">" not in rest, rest
    if markup:
        assert "&" not in _ENTITY.sub("", text), text
    assert {_bare(found[1]) for found in _LINK.finditer(text)} <= links


def _bare(link: str) -> str:
    """An address without what is written otherwise in a link."""
    plain = link.replace("&amp;", "&").replace("%3C", "<").replace("%3E", ">").replace("%7C", "|")
    return _UNSEEN.sub("", plain.replace("%20", ""))


def click(data: bytes) -> None:
    """Whatever comes over the socket: as slack_sdk hands it on, to the archive."""
    try:
        sent = json.loads(data.decode("utf-8", "surrogateescape"))
        request = SocketModeRequest.from_dict(sent) if isinstance(sent, dict) else None
    except (ValueError, RecursionError):
        return
    if request is None:
        return
    found = parse_click(Envelope(request.envelope_id, request.type, request.payload))
    if found is not None:
        _is_whole(found)
        _taken(found)


def _is_whole(found: Click) -> None:
    texts = (found.key, found.story_id, found.author, found.name, found.channel, found.ts, found.trigger_id)  # fmt: skip
    for text in (*texts, found.why or ""):
        (text or "").encode()
        assert len(text or "") <= 6 * 500
    assert found.key.strip()
    assert found.story_id
    assert found.author
    assert form_subject(form_metadata(found)) == (found.story_id, found.channel)
    form = reason_form(found)
    assert len(form["private_metadata"]) <= 3000 or not found.channel.isascii()
    json.dumps(form).encode()


def _taken(found: Click) -> None:
    """It is written down once, and never for a story that is not there."""
    with opened(told=True) as archive:
        first, again = (
            judging.take(archive, found, model="m", snooze=timedelta(days=7), now=NOW).outcome
            for _ in range(2)
        )
        assert first in _DONE - {judging.AGAIN}
        assert again == judging.AGAIN
        public = {row["public_id"] for row in archive.rows("SELECT public_id FROM stories")}
        known = found.story_id.strip().upper() in public
        assert known is (first != judging.UNKNOWN)
        assert len(archive.rows("SELECT * FROM labels")) <= int(known)


_ACTION = {"action_id": "regwatch:snooze", "value": "S-2026-000001", "action_ts": "3.4"}
_PRESS = {"type": "block_actions", "user": {"id": "U1", "username": "ann"}, "trigger_id": "t", "container": {"channel_id": "C1", "message_ts": "1.2"}, "actions": [_ACTION]}  # fmt: skip
_FORM = {"type": "view_submission", "user": {"id": "U1"}, "view": {"id": "V1", "callback_id": "regwatch:reason", "private_metadata": '["S-2026-000001", "C1"]', "state": {"values": {"choice": {"choice": {"selected_option": {"value": "no_ai"}}}, "words": {"words": {"value": "no"}}}}}}  # fmt: skip


def _envelope(payload: object) -> bytes:
    return json.dumps({"envelope_id": "e-1", "type": "interactive", "accepts_response_payload": False, "payload": payload}).encode()  # fmt: skip


TARGETS: dict[str, Callable[[bytes], None]] = {"message": message, "click": click}
SAMPLES: dict[str, tuple[bytes, ...]] = {
    "message": (
        "T<!channel>\nhttps://e.example/?a=1|2>3\nS\nParty <@U1>\n*term*\n\u202eGB".encode(),
        "fine <https://evil.example|ICO>\nhttps://e.example/1\nICO & Söhne\nfine\nGB\nEUR".encode(),
    ),
    "click": (
        _envelope(_PRESS),
        _envelope(_PRESS | {"actions": [_ACTION | {"action_id": "regwatch:irrelevant"}]}),
        _envelope(_FORM),
    ),
}
