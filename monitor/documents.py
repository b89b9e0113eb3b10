"""The generated references: configuration keys and commands, from the code itself."""

from __future__ import annotations

from types import NoneType, UnionType
from typing import Any, get_args, get_origin

import click
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from .config.loading import Root


def configuration_reference() -> str:
    """``docs/config.md``."""
    lines = ["# Configuration", "", "Every key of `feeds.yaml`; generated from the code by `make docs`. Durations: `30s`, `15m`, `1h`, `3d`. Sizes: `500kB`, `10MB`.", ""]  # fmt: skip
    lines += _section("", Root)
    return "\n".join(lines) + "\n"


def _section(prefix: str, keys: type[BaseModel]) -> list[str]:
    lines = [
        f"## `{prefix or 'feeds.yaml'}`",
        "",
        "| key | default | meaning |",
        "| --- | --- | --- |",
    ]
    below: list[tuple[str, type[BaseModel]]] = []
    for name, field in keys.model_fields.items():
        nested = _nested(field.annotation)
        if nested is not None:
            below.append((f"{prefix}.{name}".strip("."), nested))
        meaning = field.description or (nested.__doc__ if nested else "") or ""
        lines.append(f"| `{name}` | {_default(field.default)} | {meaning.splitlines()[0] if meaning else ''} |")  # fmt: skip
    lines.append("")
    for path, nested in below:
        lines += _section(path, nested)
    return lines


def _nested(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in (list, UnionType):
        found = [_nested(a) for a in get_args(annotation) if a is not NoneType]
        return found[0] if found else None
    return None


def _default(value: Any) -> str:
    if value is PydanticUndefined:
        return "required"
    if isinstance(value, BaseModel):
        return ""
    if value is None:
        return "—"
    if hasattr(value, "total_seconds"):
        return f"`{_span(int(value.total_seconds()))}`"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _span(seconds: int) -> str:
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m")):
        if seconds % size == 0 and seconds:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def command_reference() -> str:
    """``docs/cli.md``."""
    from .cli import cli

    lines = ["# Commands", "", "Generated from the code by `make docs`.", ""]
    context = click.Context(cli)
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        if command is not None:
            lines += _command(f"regwatch {name}", command)
    return "\n".join(lines)


def _command(path: str, command: click.Command) -> list[str]:
    context = click.Context(command, info_name=path, terminal_width=88)
    lines = [f"## `{path}`", "", "```text", command.get_help(context), "```", ""]
    if isinstance(command, click.Group):
        for name, nested in sorted(command.commands.items()):
            lines += _command(f"{path} {name}", nested)
    return lines
