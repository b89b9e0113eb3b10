"""Alert to receipt, by slack_sdk.

Its clients are built with ``retry_handlers=[]``: their own retries post twice after a lost reply.
Every failure is sorted into one of the ledger's classes; no text carries a token or webhook.
"""

from __future__ import annotations

import logging
import re
from datetime import timedelta
from functools import partial
from http.client import HTTPException
from typing import Any
from urllib.error import URLError

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient

from .domain import AlertKind, DeliveryJob, DeliveryState
from .ledger import Receipt, SendFailure, Trouble
from .message import Message
from .onethread import OneThread

# at DEBUG slack_sdk logs the webhook's address, which is a secret
logging.getLogger("slack_sdk").setLevel(logging.WARNING)
# and as an error any page that came back instead of Slack's answer, which may repeat the token
logging.getLogger("slack_sdk.web.base_client").setLevel(logging.CRITICAL)

EVENT_TYPE = "regwatch_delivery"
TIMEOUT_S = 15
_PAGE = 200
CLOCKS_APART = timedelta(days=3)
"""How far ahead of Slack's our clock may be and what we posted is still found."""
SLOW_REPLY = timedelta(seconds=30)
"""After a reply that timed out: the message may be accepted a while after we stopped waiting."""

_CLASSES = {
    Trouble.WAIT: {"ratelimited", "rate_limited"},
    Trouble.TRANSIENT: {"team_added_to_org", "service_unavailable", "message_limit_exceeded"},
    Trouble.AMBIGUOUS: {"fatal_error", "internal_error", "request_timeout"},
    Trouble.CONTENT: {
        "msg_too_long", "no_text", "invalid_blocks", "msg_blocks_too_long",
        "too_many_attachments", "invalid_arguments", "invalid_blocks_format", "metadata_too_large",
    },
    Trouble.EDIT: {"message_not_found", "cant_update_message", "edit_window_closed"},
}  # fmt: skip
_CODE = re.compile(r"[a-z0-9_]+")
_BY_CODE = {code: trouble for trouble, codes in _CLASSES.items() for code in codes}


def api_url(base_url: str) -> str:
    """The address with the slash at its end that slack_sdk counts on."""
    return base_url if base_url.endswith("/") else f"{base_url}/"


class SlackSink:
    """One channel through a bot token: posts, edits, and can look for what it posted."""

    can_look = True

    def __init__(self, token: str, channel: str, base_url: str, timeout: int = TIMEOUT_S) -> None:
        self._secrets = (token,)
        self._channel = channel
        self._thread = OneThread()
        self._read_up_to: dict[str, str | None] = {}  # by delivery: the next page of its search
        self._client = WebClient(token=token, base_url=api_url(base_url), timeout=timeout, retry_handlers=[])  # fmt: skip

    async def send(self, job: DeliveryJob, message: Message) -> Receipt | SendFailure:
        """Post the message, or edit the story's first post for an update."""
        call = self._update if job.kind is AlertKind.UPDATE and job.root_ts else self._post
        try:
            return await self._thread.run(call, job, message)
        except (SlackApiError, OSError, HTTPException, ValueError) as error:
            return classify(error, self._secrets)

    def _post(self, job: DeliveryJob, message: Message) -> Receipt:
        reply: Any = self._client.chat_postMessage(
            channel=self._channel,
            text=message.text,
            blocks=list(message.blocks) or None,
            metadata=_metadata(job),
            unfurl_links=False,
            unfurl_media=False,
        )
        ts = reply.get("ts")
        return Receipt(str(ts), self._permalink(str(ts))) if ts else Receipt()

    def _update(self, job: DeliveryJob, message: Message) -> Receipt:
        self._client.chat_update(
            channel=self._channel,
            ts=job.root_ts or "",
            text=message.text,
            blocks=list(message.blocks) or None,
        )
        if message.reply is not None:
            self._client.chat_postMessage(
                channel=self._channel,
                thread_ts=job.root_ts,
                reply_broadcast=message.reply.broadcast,
                text=message.reply.text,
                metadata=_metadata(job),
                unfurl_links=False,
                unfurl_media=False,
            )
        return Receipt(job.root_ts, job.root_permalink)

    def _permalink(self, ts: str) -> str | None:
        """A courtesy: its failure never fails the delivery."""
        try:
            reply = self._client.chat_getPermalink(channel=self._channel, message_ts=ts)
            return str(reply["permalink"])
        except (SlackApiError, OSError, HTTPException, ValueError, KeyError):
            return None

    async def find(self, job: DeliveryJob) -> Receipt | SendFailure | None:
        """Look the delivery up in the channel's history; None: it certainly is not there."""
        try:
            if job.replies and job.root_ts is not None:
                return await self._thread.run(self._find_reply, job, job.root_ts)
            return await self._thread.run(self._find, job)
        except (SlackApiError, OSError, HTTPException, ValueError) as error:
            failure = classify(error, self._secrets)
            if failure.trouble is not Trouble.WAIT:
                self._read_up_to.pop(job.uid, None)
            return failure

    def _find(self, job: DeliveryJob) -> Receipt | None:
        """Newest first; where a limit ends the search, the next one goes on from that page."""
        begun = min(job.created, job.last_tried or job.created) - CLOCKS_APART
        oldest = f"{begun.timestamp():.6f}"
        cursor = self._read_up_to.pop(job.uid, None)
        while True:
            self._read_up_to[job.uid] = cursor
            reply: Any = self._client.conversations_history(
                channel=self._channel,
                oldest=oldest,
                limit=_PAGE,
                cursor=cursor,
                include_all_metadata=True,
            )
            messages = reply.get("messages")
            if messages is None:
                raise ValueError("conversations.history answered without messages")
            for found in messages:
                if _delivery_of(found) == job.uid:
                    del self._read_up_to[job.uid]
                    return Receipt(str(found["ts"]), self._permalink(str(found["ts"])))
            cursor = (reply.get("response_metadata") or {}).get("next_cursor") or None
            if cursor is None:
                del self._read_up_to[job.uid]
                return None

    def _find_reply(self, job: DeliveryJob, root_ts: str) -> Receipt | None:
        """Look for what was said in the thread of the story's post."""
        cursor: str | None = None
        while True:
            reply: Any = self._client.conversations_replies(
                channel=self._channel,
                ts=root_ts,
                limit=_PAGE,
                cursor=cursor,
                include_all_metadata=True,
            )
            if any(_delivery_of(found) == job.uid for found in reply.get("messages") or ()):
                return Receipt(root_ts, job.root_permalink)
            cursor = (reply.get("response_metadata") or {}).get("next_cursor") or None
            if cursor is None:
                return None


def _metadata(job: DeliveryJob) -> dict[str, Any]:
    return {"event_type": EVENT_TYPE, "event_payload": {"delivery_id": job.uid}}


def _delivery_of(message: Any) -> Any:
    return ((message.get("metadata") or {}).get("event_payload") or {}).get("delivery_id")


class WebhookSink:
    """One incoming webhook: no edits, no history; after a lost reply at most one marked repeat."""

    can_look = False

    def __init__(self, url: str) -> None:
        self._secrets = (url,)
        self._thread = OneThread()
        self._client = WebhookClient(url, timeout=TIMEOUT_S, retry_handlers=[])

    async def send(self, job: DeliveryJob, message: Message) -> Receipt | SendFailure:
        """Post the message; a repeat after a lost reply says that it may be one."""
        text = message.text
        if job.state in (DeliveryState.UNKNOWN, DeliveryState.SENDING):
            text = f"(may repeat an earlier message) {text}"
        try:
            reply = await self._thread.run(
                partial(self._client.send, text=text, blocks=list(message.blocks) or None)
            )
        except (OSError, HTTPException, ValueError) as error:
            return classify(error, self._secrets)
        return _of_webhook(reply.status_code, str(reply.body), reply.headers, self._secrets)

    async def find(self, job: DeliveryJob) -> Receipt | SendFailure | None:
        """A webhook has no history to look in."""
        return None


def _of_webhook(
    status: int, body: str, headers: Any, secrets: tuple[str, ...]
) -> Receipt | SendFailure:
    if status == 200 and not body.lstrip().startswith("<"):
        return Receipt()
    detail = redact(f"webhook answered {status}: {body[:100]}", secrets)
    if status == 429:
        return SendFailure(Trouble.WAIT, detail, _retry_after(headers))
    if status in (401, 403, 404, 410):
        return SendFailure(Trouble.CONFIGURATION, detail)
    return SendFailure(Trouble.CONTENT if status == 400 else Trouble.TRANSIENT, detail)


def classify(error: BaseException, secrets: tuple[str, ...] = ()) -> SendFailure:
    """Which of the ledger's classes a failure belongs to."""
    if isinstance(error, SlackApiError):
        return _of_reply(error, secrets)
    detail = redact(f"{type(error).__name__}: {error}", secrets)
    if isinstance(error, URLError) and not isinstance(error.reason, TimeoutError):
        # urllib wraps what happens while connecting; nothing was sent then
        return SendFailure(Trouble.TRANSIENT, detail)
    slow = isinstance(error, TimeoutError | URLError)
    return SendFailure(Trouble.AMBIGUOUS, detail, SLOW_REPLY if slow else None)


def _of_reply(error: SlackApiError, secrets: tuple[str, ...]) -> SendFailure:
    reply: Any = error.response
    status = int(getattr(reply, "status_code", 200) or 200)
    data = reply.data if isinstance(getattr(reply, "data", None), dict) else {}
    code = str(data.get("error") or "")
    if status == 429 or code in _CLASSES[Trouble.WAIT]:
        return SendFailure(Trouble.WAIT, "rate limited", _retry_after(reply.headers))
    if not _CODE.fullmatch(code):
        # a proxy's page, or an answer cut in the middle; slack_sdk says so where a code would be
        return SendFailure(
            _of_page(status), redact(f"answered {status} without a Slack error", secrets)
        )
    more = "; ".join(str(m) for m in (data.get("response_metadata") or {}).get("messages") or ())
    trouble = _BY_CODE.get(code, Trouble.CONFIGURATION)
    return SendFailure(trouble, redact(f"{code} {more}".strip(), secrets))


def _of_page(status: int) -> Trouble:
    if status in (200, 408):
        return Trouble.AMBIGUOUS
    return Trouble.CONFIGURATION if 400 <= status < 500 else Trouble.TRANSIENT


def _retry_after(headers: Any) -> timedelta:
    for name, value in dict(headers or {}).items():
        if str(name).lower() == "retry-after":
            text = str(value[0] if isinstance(value, list) else value)
            try:
                return timedelta(seconds=min(max(float(text), 1.0), 86400.0))
            except ValueError:
                break
    return timedelta(seconds=30)


def redact(text: str, secrets: tuple[str, ...]) -> str:
    """The text without secrets, at most 300 characters."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, "[secret]")
    return text[:300]
