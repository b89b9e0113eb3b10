"""What stands in a workspace's channels, and what Slack would say to a call. No HTTP here.

State changes as in Slack: tokens, scopes, membership, archived channels, history with pages and
metadata, edits, deletions, and a pace per channel and per method by Slack's own clock.
"""

from __future__ import annotations

import base64
import json
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from slackdouble.sizes import refusal

Args = dict[str, Any]


class Refused(Exception):
    """``ok: false`` with a code; ``more`` stands beside it in the reply."""

    def __init__(self, code: str, **more: Any) -> None:
        super().__init__(code)
        self.more = more


class TooFast(Exception):
    """HTTP 429; the argument is Retry-After in seconds."""


@dataclass
class Room:
    """A channel. ``restricted`` is a workspace setting that keeps apps from posting."""

    member: bool = True
    archived: bool = False
    restricted: bool = False
    messages: list[dict[str, Any]] = field(default_factory=list)  # oldest first
    posted_at: float = float("-inf")


@dataclass
class Workspace:
    """A workspace with one app; any token is good until ``tokens`` says which are."""

    clock: Callable[[], float] = time.time
    rooms: dict[str, Room] = field(default_factory=dict)
    open_rooms: bool = True  # an id that was never heard of is a channel, too
    tokens: dict[str, str] | None = None  # token to scopes; one that is not there is invalid
    dead: dict[str, str] = field(default_factory=dict)  # token to token_revoked, ...
    scopes: str = "chat:write,channels:history"
    pace: float = 0.0  # seconds between posts in a channel
    limits: dict[str, tuple[int, float]] = field(default_factory=dict)  # method: calls per seconds
    page: int = 999  # the most that history gives at once
    retention: float = float("inf")
    edit_window: float = float("inf")
    calls: list[str] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)
    _recent: dict[str, deque[float]] = field(default_factory=dict)
    _last_ts: float = 0.0

    def __post_init__(self) -> None:
        self.methods: dict[str, tuple[str, Callable[[Args], Args]]] = {
            "auth.test": ("", self._auth_test),
            "chat.postMessage": ("chat:write", self._post),
            "chat.update": ("chat:write", self._update),
            "chat.delete": ("chat:write", self._delete),
            "chat.getPermalink": ("", self._permalink),
            "conversations.history": ("channels:history groups:history", self._history),
            "conversations.replies": ("channels:history groups:history", self._replies),
        }

    def room(self, channel: str) -> Room:
        """The channel by its id; made where it is new and ``open_rooms`` allows.

        Raises:
            Refused: there is none; a name is not an id.
        """
        if channel not in self.rooms and not (self.open_rooms and channel[:1] in ("C", "G")):
            raise Refused("channel_not_found")
        return self.rooms.setdefault(channel, Room())

    def call(self, method: str, token: str, args: Args) -> Args:
        """The reply of a method.

        Raises:
            Refused: Slack says no. TooFast: it says later.
        """
        with self.lock:
            self.calls.append(method)
            granted = self._granted(token)
            if method not in self.methods:
                raise Refused("unknown_method")
            needed, answer = self.methods[method]
            if needed and not set(needed.split()) & set(granted.split(",")):
                raise Refused("missing_scope", needed=needed.split()[0], provided=granted)
            self._within_limits(method)
            return {"ok": True, **answer(args)}

    def _granted(self, token: str) -> str:
        if not token:
            raise Refused("not_authed")
        if token in self.dead:
            raise Refused(self.dead[token])
        if self.tokens is None:
            return self.scopes
        if token not in self.tokens:
            raise Refused("invalid_auth")
        return self.tokens[token]

    def _within_limits(self, method: str) -> None:
        if method not in self.limits:
            return
        most, spell = self.limits[method]
        now, recent = self.clock(), self._recent.setdefault(method, deque())
        while recent and recent[0] <= now - spell:
            recent.popleft()
        if len(recent) >= most:
            raise TooFast(max(1.0, recent[0] + spell - now))
        recent.append(now)

    def _auth_test(self, args: Args) -> Args:
        return {"team": "T", "user": "regwatch", "url": "https://t.slack.com/"}

    def _post(self, args: Args) -> Args:
        room = self.room(str(args.get("channel") or ""))
        now = self.clock()
        if room.archived:
            raise Refused("is_archived")
        if not room.member:
            raise Refused("not_in_channel")
        if room.restricted:
            raise Refused("restricted_action")
        if now - room.posted_at < self.pace:
            raise TooFast(1.0)
        self._readable(args)
        root = args.get("thread_ts")
        if root and not any(m["ts"] == root for m in room.messages):
            raise Refused("thread_not_found")
        room.posted_at = now
        self._last_ts = max(now, self._last_ts + 0.000001)
        message = {**args, "ts": f"{self._last_ts:.6f}"}
        room.messages.append(message)
        return {"channel": args["channel"], "ts": message["ts"], "message": message}

    def _readable(self, args: Args) -> None:
        refused = refusal(args.get("text") or "", args.get("blocks") or [])
        if refused:
            code, messages = refused
            raise Refused(code, **({"response_metadata": {"messages": messages}} if messages else {}))  # fmt: skip

    def _standing(self, args: Args, missing: str) -> dict[str, Any]:
        room = self.room(str(args.get("channel") or ""))
        wanted = args.get("ts") or args.get("message_ts")
        for message in room.messages:
            if message["ts"] == wanted:
                return message
        raise Refused(missing)

    def _update(self, args: Args) -> Args:
        message = self._standing(args, "message_not_found")
        if self.room(args["channel"]).archived:
            raise Refused("is_archived")
        if message.get("foreign"):
            raise Refused("cant_update_message")
        if self.clock() - float(message["ts"]) > self.edit_window:
            raise Refused("edit_window_closed")
        self._readable(args)
        # what an edit does not say of metadata stays as it was
        message |= {k: args[k] for k in ("text", "blocks", "metadata") if args.get(k) is not None}
        return {"channel": args["channel"], "ts": message["ts"], "text": message.get("text")}

    def _delete(self, args: Args) -> Args:
        message = self._standing(args, "message_not_found")
        self.room(args["channel"]).messages.remove(message)
        return {"channel": args["channel"], "ts": message["ts"]}

    def _permalink(self, args: Args) -> Args:
        message = self._standing(args, "message_not_found")
        return {"channel": args["channel"], "permalink": f"https://t.slack.com/archives/{args['channel']}/p{message['ts'].replace('.', '')}"}  # fmt: skip

    def _history(self, args: Args) -> Args:
        room = self.room(str(args.get("channel") or ""))
        if not room.member:
            raise Refused("not_in_channel")
        return self._paged([m for m in room.messages if self._is_root(m)], args)

    def _replies(self, args: Args) -> Args:
        root = self._standing(args, "thread_not_found")
        room = self.room(args["channel"])
        return self._paged([root, *(m for m in room.messages if m.get("thread_ts") == root["ts"])], args)  # fmt: skip

    @staticmethod
    def _is_root(message: dict[str, Any]) -> bool:
        return not message.get("thread_ts") or bool(message.get("reply_broadcast"))

    def _paged(self, messages: list[dict[str, Any]], args: Args) -> Args:
        oldest = max(float(args.get("oldest") or 0), self.clock() - self.retention)
        newest = float(args.get("latest") or "inf")
        if args.get("cursor"):
            newest = _from_cursor(str(args["cursor"]))
        limit = min(int(args.get("limit") or 100), self.page)
        found = [m for m in reversed(messages) if oldest < float(m["ts"]) < newest]
        shown = [dict(m) for m in found[:limit]]
        if str(args.get("include_all_metadata") or "").lower() not in ("1", "true"):
            for message in shown:
                message.pop("metadata", None)
        more = len(found) > limit
        cursor = _cursor(shown[-1]["ts"]) if more else ""
        return {"messages": shown, "has_more": more, "response_metadata": {"next_cursor": cursor}}


def _cursor(ts: str) -> str:
    return base64.b64encode(json.dumps({"before": ts}).encode()).decode()


def _from_cursor(cursor: str) -> float:
    try:
        return float(json.loads(base64.b64decode(cursor))["before"])
    except (ValueError, KeyError) as error:
        raise Refused("invalid_cursor") from error
