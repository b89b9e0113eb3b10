"""Alerts as signed JSON to any program of your own: the second sink.

A receiver checks ``X-Regwatch-Signature`` (HMAC-SHA256 over timestamp and body) and keeps the
delivery ids it has seen: after a lost reply the same id comes again, never another one.
Standard library only; the address is the operator's, so no guard against private ones.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from .domain import AlertKind, DeliveryJob
from .ledger import Receipt, SendFailure, Trouble
from .message import Message
from .onethread import OneThread

TIMEOUT_S = 15


class SignedWebhookSink:
    """Posts each alert as JSON; a repeat carries the same id, so that the receiver drops it."""

    can_look = True

    def __init__(self, url: str, secret: str, now: Callable[[], datetime]) -> None:
        self._url = url
        self._secret = secret.encode()
        self._now = now
        self._thread = OneThread()

    async def send(self, job: DeliveryJob, message: Message) -> Receipt | SendFailure:
        """Post once."""
        return await self._thread.run(self._post, job, message)

    async def find(self, job: DeliveryJob) -> Receipt | SendFailure | None:
        """None: whatever became of it, sending the same id again does no harm."""
        return None

    def _post(self, job: DeliveryJob, message: Message) -> Receipt | SendFailure:
        body = json.dumps(document(job, message), ensure_ascii=False, default=str).encode()
        stamp = str(int(self._now().timestamp()))
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "X-Regwatch-Delivery": job.uid,
            "X-Regwatch-Timestamp": stamp,
            "X-Regwatch-Signature": signature(self._secret, stamp, body),
        }
        request = Request(self._url, data=body, headers=headers, method="POST")  # noqa: S310 - http(s), checked by the configuration
        try:
            with urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310 - the same
                answer.read(1000)
        except HTTPError as error:
            with error:
                return _refused(error)
        except URLError as error:
            certain = not isinstance(error.reason, TimeoutError)
            return SendFailure(Trouble.TRANSIENT if certain else Trouble.AMBIGUOUS, f"not reachable: {error.reason}")  # fmt: skip
        except (OSError, HTTPException) as error:
            return SendFailure(Trouble.AMBIGUOUS, f"the reply was lost: {type(error).__name__}")
        return Receipt(job.root_ts or job.uid)


def signature(secret: bytes, stamp: str, body: bytes) -> str:
    """``v1=`` and the hexadecimal HMAC-SHA256 of ``timestamp.body``."""
    mac = hmac.new(secret, stamp.encode() + b"." + body, hashlib.sha256)
    return f"v1={mac.hexdigest()}"


def document(job: DeliveryJob, message: Message) -> dict[str, Any]:
    """What is posted: the delivery's id, what kind it is, its text, and the story with its facts."""
    update = job.kind is AlertKind.UPDATE
    return {
        "id": job.uid,
        "kind": job.kind.value,
        "updates": job.root_ts if update else None,
        "tier": job.tier.value if job.tier else None,
        "text": message.text,
        "story": asdict(job.story) if job.story else None,
    }


def _refused(error: HTTPError) -> SendFailure:
    detail = f"answered {error.code}"
    if error.code == 429:
        after = str(error.headers.get("Retry-After") or "")
        wait = timedelta(seconds=min(int(after), 86_400)) if after.isdigit() else None
        return SendFailure(Trouble.WAIT, detail, wait)
    if error.code in (401, 403, 404, 405, 410):
        return SendFailure(Trouble.CONFIGURATION, f"{detail}; check alerts.webhook and the receiver's secret")  # fmt: skip
    if error.code in (400, 413, 415, 422):
        return SendFailure(Trouble.CONTENT, detail)
    return SendFailure(Trouble.TRANSIENT, detail)
