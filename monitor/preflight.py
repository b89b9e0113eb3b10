"""``check --online`` asks Slack for real: tokens, scopes, channel, a message posted and removed.

Each step says what was found in Slack's own words and, where it is red, what to do. Stores nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from http.client import HTTPException
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from .slack import TIMEOUT_S, api_url, classify, redact

SCOPES = {
    "chat:write": "post and edit alerts",
    "channels:history": "look after a lost reply in a public channel",
    "groups:history": "look after a lost reply in a private channel",
}
ADVICE = {
    "invalid_auth": "the token is wrong; copy the Bot User OAuth Token (xoxb-…) of the app's page OAuth & Permissions",
    "not_authed": "no token was sent; set the variable that alerts.slack.token_env names",
    "account_inactive": "the app was removed from the workspace; install it again",
    "token_revoked": "the token was revoked; reinstall the app and copy the new one",
    "token_expired": "the token has expired; reinstall the app and copy the new one",
    "channel_not_found": "use the channel's id (C…), which stands at the end of the channel's details, and invite the app if the channel is private",
    "not_in_channel": "the app is not in the channel; write /invite @regwatch there",
    "is_archived": "the channel is archived; unarchive it or choose another",
    "missing_scope": "add the scope under OAuth & Permissions and reinstall the app; docs/slack-manifest.yaml has all that are needed",
    "not_allowed_token_type": "SLACK_BOT_TOKEN takes the bot token (xoxb-…), SLACK_APP_TOKEN the app-level token (xapp-…); they are mixed up",
    "no_permission": "the app may not do this; reinstall it from docs/slack-manifest.yaml",
    "ekm_access_denied": "the workspace's key management keeps apps out; ask an administrator",
    "org_login_required": "the organisation is being migrated by Slack; it ends by itself",
    "restricted_action": "a workspace setting keeps apps from posting there; ask an administrator",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Checked:
    """One step of the preflight; ``text`` says what was found and, where red, what to do."""

    ok: bool
    text: str


def preflight(
    token: str, channel: str, base_url: str, app_token: str | None = None
) -> Iterator[Checked]:
    """Authorisation, scopes, channel, a test message posted and removed, and the socket of the
    buttons; ends at the first step without which the next would be pointless.
    """
    if app_token is not None:
        yield _socket_checked(app_token, base_url)
    client = WebClient(
        token=token, base_url=api_url(base_url), timeout=TIMEOUT_S, retry_handlers=[]
    )
    auth = _asked(client.auth_test, (token,))
    if isinstance(auth, Checked):
        yield auth
        return
    yield Checked(True, f"the token is good (team {auth.get('team') or '?'}, app {auth.get('user') or '?'})")  # fmt: skip
    yield from _scopes(auth)
    history = _asked(partial(client.conversations_history, channel=channel, limit=1), (token,))
    yield history if isinstance(history, Checked) else Checked(True, f"the channel {channel} can be read, so that a lost reply can be looked up")  # fmt: skip
    text = "regwatch: a test message of `check --online`; it is removed at once"
    posted = _asked(partial(client.chat_postMessage, channel=channel, text=text), (token,))
    if isinstance(posted, Checked):
        yield posted
        return
    ts = str(posted["ts"])
    link = _asked(partial(client.chat_getPermalink, channel=channel, message_ts=ts), (token,))
    shown = ts if isinstance(link, Checked) else link.get("permalink")
    yield Checked(True, f"a test message was posted: {shown}")
    removed = _asked(partial(client.chat_delete, channel=channel, ts=ts), (token,))
    yield removed if isinstance(removed, Checked) else Checked(True, "and removed again")


def _socket_checked(app_token: str, base_url: str) -> Checked:
    """Whether the app token opens a socket; the address it gives is not used."""
    client = WebClient(base_url=api_url(base_url), timeout=TIMEOUT_S, retry_handlers=[])
    reply = _asked(partial(client.apps_connections_open, app_token=app_token), (app_token,))
    if isinstance(reply, Checked):
        return Checked(False, f"buttons: {reply.text}")
    return Checked(True, "the app token opens a socket, so alerts have buttons")


def _scopes(auth: Any) -> Iterator[Checked]:
    """What the token may do, from the header that Slack sends with every reply."""
    sent = {str(k).lower(): v for k, v in dict(auth.headers or {}).items()}.get("x-oauth-scopes")
    if sent is None:
        return
    granted = {s.strip() for s in str(sent[0] if isinstance(sent, list) else sent).split(",")}
    if "chat:write" not in granted:
        yield Checked(False, f"missing_scope: chat:write, to {SCOPES['chat:write']}: {ADVICE['missing_scope']}")  # fmt: skip
    if not granted & {"channels:history", "groups:history"}:
        yield Checked(False, f"missing_scope: channels:history or groups:history, to look after a lost reply: {ADVICE['missing_scope']}")  # fmt: skip


def _asked(call: Callable[[], Any], secrets: tuple[str, ...]) -> Any:
    """Slack's reply, or the failed step in its own words with what to do."""
    try:
        return call()
    except SlackApiError as error:
        data = error.response.data if isinstance(error.response.data, dict) else {}
        code = str(data.get("error") or "")
        needed = f" ({data['needed']})" if data.get("needed") else ""
        advice = ADVICE.get(code, "see https://docs.slack.dev/reference/methods for this error")
        return Checked(False, f"{redact(code or 'no answer of Slack', secrets)}{needed}: {advice}")
    except (OSError, HTTPException, ValueError) as error:
        detail = classify(error, secrets).detail
        return Checked(False, f"{detail}: Slack cannot be reached; check the network and base_url")
