"""The keys under ``alerts:``. Knows nothing of files, lines or delivery."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field, model_validator

from .schema import Duration, EnvName, Keys, Url


class SlackKeys(Keys):
    """Where in Slack alerts go; secrets stay in the environment or a file."""

    token_env: EnvName = Field("SLACK_BOT_TOKEN", description="Variable with the bot token (xoxb-…).")  # fmt: skip
    token_file: str | None = Field(None, description="File with the bot token, instead of a variable.")  # fmt: skip
    app_token_env: EnvName = Field("SLACK_APP_TOKEN", description="Variable with the app token (xapp-…); with it alerts have buttons.")  # fmt: skip
    webhook_env: EnvName = Field("SLACK_WEBHOOK_URL", description="Variable with an incoming webhook, used where there is no bot token.")  # fmt: skip
    channel: str = Field("", pattern=r"^([CGD][A-Z0-9]+)?$", description="The channel's id (C…), not its name; not needed for a webhook.")  # fmt: skip
    base_url: Url = Field("https://slack.com/api/", description="Slack's API, or a double of it.")


class AlertKeys(Keys):
    """When and where alerts are sent."""

    threshold: float | None = Field(None, gt=0, lt=1, description="Score from which an entry is a hit; null: the model's own.")  # fmt: skip
    budget: int | None = Field(None, ge=1, description="At most so many stories alerted a week, judged by the past four weeks; raises the threshold where there were more. null: no budget.")  # fmt: skip
    fresh_for: Duration = Field(timedelta(days=3), description="At a source's first poll, older or undated entries are stored, not alerted; later polls: age holds nothing back.")  # fmt: skip
    flood: int = Field(60, ge=0, description="Posts per channel per hour, the rest becomes one digest; 0 = off.")  # fmt: skip
    console: bool = Field(True, description="Alerts on the console.")
    slack: SlackKeys | None = Field(None, description="Absent: console only.")

    @model_validator(mode="after")
    def _somewhere(self) -> AlertKeys:
        if not self.console and self.slack is None:
            raise ValueError("console is off and there is no slack: alerts would go nowhere")
        return self
