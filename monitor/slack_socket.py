"""Buttons over Socket Mode, by slack_sdk's own client: envelopes in, forms and answers out.

The client runs in threads of its own. Its reconnecting is switched off where it can be, for it
asks for a new address every few seconds for ever; whether the socket lives is asked from outside.
Each envelope is acknowledged before anything else, then handed on.
"""

from __future__ import annotations

import logging
import select
import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from http.client import HTTPException
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from .clicks import Click, Envelope
from .ledger import SendFailure, Trouble
from .slack import TIMEOUT_S, api_url, classify

PING_S = 10.0
CLOSE_WITHIN_S = 3.0
# what the client has to say stands in our own events; its own lines come by the dozen
_quiet = logging.getLogger("slack_sdk.socket_mode.regwatch")
_quiet.setLevel(logging.CRITICAL + 1)


class Socket:
    """One connection to Slack that is kept; safe to be asked from any thread."""

    def __init__(self, app_token: str, base_url: str, *, ping_s: float = PING_S) -> None:
        self._token = app_token
        self._web = WebClient(base_url=api_url(base_url), timeout=TIMEOUT_S, retry_handlers=[])
        self._ping_s = ping_s
        self._client = SocketModeClient(
            app_token=app_token,
            web_client=self._web,
            logger=_quiet,
            auto_reconnect_enabled=False,
            ping_interval=ping_s,
            concurrency=1,  # clicks are taken in the order in which they came
        )
        self._client.socket_mode_request_listeners.append(self._listen)
        self._since = 0.0
        self._hand_on: Callable[[Envelope], None] = lambda envelope: None

    def listen(self, hand_on: Callable[[Envelope], None]) -> None:
        """Hand every envelope on; called from a thread of the client."""
        self._hand_on = hand_on

    def look(self) -> SendFailure | None:
        """Whether the socket lives; a dead one is replaced. None: it lives; else why it does not."""
        if self._client.is_connected():
            if not self._is_dead():
                return None
            self._client.disconnect()
        try:
            return self._connect()
        except (SlackApiError, SlackClientError, OSError, HTTPException, ValueError, KeyError) as error:  # fmt: skip
            return classify(error, (self._token,))

    def _connect(self) -> SendFailure | None:
        reply = self._web.apps_connections_open(app_token=self._token)
        with self._client.connect_operation_lock:
            if not self._client.is_connected():
                self._client.wss_uri = str(reply["url"])
                self._client.connect()
                self._since = time.monotonic()
        if self._client.is_connected():
            return None
        return SendFailure(Trouble.TRANSIENT, "the web socket was refused", timedelta(seconds=10))

    def _is_dead(self) -> bool:
        """The other side hung up, or never answered a ping: neither does the client notice."""
        session = self._client.current_session
        sock = session.sock if session is not None else None
        if session is None or sock is None:
            return True
        if session.last_ping_pong_time is None and self._since and time.monotonic() - self._since > 4 * self._ping_s:  # fmt: skip
            return True
        try:
            watch = select.poll()
            watch.register(sock, select.POLLIN)
            # beneath TLS: an end of the stream shows as readable and empty
            return bool(watch.poll(0)) and socket.socket.recv(sock, 1, socket.MSG_PEEK) == b""
        except (OSError, ValueError):
            return True

    def _listen(self, client: BaseSocketModeClient, request: SocketModeRequest) -> None:
        # what could not be acknowledged comes again, and what was kept is not kept twice
        with suppress(SlackClientError, OSError):
            client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))
        self._hand_on(Envelope(request.envelope_id, request.type, request.payload))

    def close(self) -> None:
        """End the connection; what a thread of the client still waits for is not waited for."""
        ending = threading.Thread(target=self._end, daemon=True)
        ending.start()
        ending.join(CLOSE_WITHIN_S)

    def _end(self) -> None:
        session = self._client.current_session
        if session is not None and session.sock is not None:
            with suppress(OSError):
                session.sock.shutdown(socket.SHUT_RDWR)  # wakes the thread that reads
        self._client.close()


class Answers:
    """What a click brings up for the one who clicked: a form, or a text only they see."""

    def __init__(self, token: str, base_url: str) -> None:
        self._client = WebClient(token=token, base_url=api_url(base_url), timeout=TIMEOUT_S, retry_handlers=[])  # fmt: skip
        self._secrets = (token,)

    def ask(self, click: Click, form: Mapping[str, Any]) -> SendFailure | None:
        """Open a form; it must come within three seconds of the click."""
        return self._try(lambda: self._client.views_open(trigger_id=click.trigger_id or "", view=dict(form)))  # fmt: skip

    def say(self, click: Click, text: str) -> SendFailure | None:
        """Show a text to the one who clicked; where that cannot be, in the alert's thread."""
        client, channel = self._client, click.channel
        trouble = self._try(lambda: client.chat_postEphemeral(channel=channel, user=click.author, text=text))  # fmt: skip
        if trouble is None or click.ts is None or trouble.trouble is not Trouble.CONFIGURATION:
            return trouble
        return self._try(lambda: client.chat_postMessage(channel=channel, thread_ts=click.ts, text=text, unfurl_links=False))  # fmt: skip

    def _try(self, call: Callable[[], object]) -> SendFailure | None:
        try:
            call()
        except (SlackApiError, OSError, HTTPException, ValueError) as error:
            return classify(error, self._secrets)
        return None
