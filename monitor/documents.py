"""The generated references: configuration keys and commands, from the code itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import time
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from zoneinfo import ZoneInfo

import click
from pydantic import BaseModel, BeforeValidator
from pydantic_core import PydanticUndefined

from .config.loading import Root
from .config.schema import parse_duration, parse_network, parse_size, parse_url

_KINDS: dict[Any, str] = {
    parse_duration: "duration",
    parse_size: "size in bytes",
    parse_url: "URL",
    parse_network: "CIDR range",
    int: "number",
    float: "number",
    bool: "true, false",
    str: "text",
    time: "time of day",
    ZoneInfo: "time zone",
}
_COMPOSED: dict[Any, str] = {
    Annotated: "",
    Union: "",
    UnionType: "",
    list: "list of: ",
    dict: "names and values",
}


def configuration_reference() -> str:
    """``docs/config.md``."""
    lines = ["# Configuration", "", "Every key of `feeds.yaml`; generated from the code by `make docs`. Durations: `30s`, `15m`, `1h`, `3d`. Sizes: `500kB`, `10MB`. A dash means: none unless given. Paths are relative to the file.", ""]  # fmt: skip
    lines += _section("", Root)
    return "\n".join(lines) + "\n"


def _section(prefix: str, keys: type[BaseModel]) -> list[str]:
    lines = [
        f"## `{prefix or 'feeds.yaml'}`",
        "",
        "| key | value | default | meaning |",
        "| --- | --- | --- | --- |",
    ]
    below: list[tuple[str, type[BaseModel]]] = []
    for name, field in keys.model_fields.items():
        nested = _nested(field.annotation)
        if nested is not None:
            below.append((f"{prefix}.{name}".strip("."), nested))
        meaning = field.description or (nested.__doc__ if nested else "") or ""
        value = "below" if nested else _kind(field.annotation, field.metadata)
        lines.append(f"| `{name}` | {value} | {_default(field.default)} | {meaning.splitlines()[0] if meaning else ''} |")  # fmt: skip
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


def _kind(annotation: Any, metadata: Sequence[Any] = ()) -> str:
    """What is to be written for a key, in a word or two: the unit, or the choices."""
    reader = next((m.func for m in metadata if isinstance(m, BeforeValidator)), None)
    if reader in _KINDS:
        return _KINDS[reader]
    origin, parts = get_origin(annotation), [a for a in get_args(annotation) if a is not NoneType]
    if origin is Literal:
        return _choices(parts)
    if origin in _COMPOSED:
        return _COMPOSED[origin] + (_kind(parts[0], parts[1:]) if origin is not dict else "")
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return _choices(member.value for member in annotation)
    return _KINDS.get(annotation) or str(getattr(annotation, "__name__", annotation))


def _choices(values: Iterable[object]) -> str:
    return ", ".join(f"`{value}`" for value in values)


def _default(value: Any) -> str:
    if value is PydanticUndefined:
        return "required"
    if isinstance(value, BaseModel):
        return ""
    if value in (None, "", [], {}):
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
    context = click.Context(cli, **cli.context_settings)
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        if command is not None:
            lines += _command(f"regwatch {name}", command, context.help_option_names)
    return "\n".join(lines)


def _command(path: str, command: click.Command, helps: list[str]) -> list[str]:
    context = click.Context(command, info_name=path, terminal_width=88, help_option_names=helps)
    lines = [f"## `{path}`", "", "```text", command.get_help(context), "```", ""]
    if isinstance(command, click.Group):
        for name, nested in sorted(command.commands.items()):
            lines += _command(f"{path} {name}", nested, helps)
    return lines
