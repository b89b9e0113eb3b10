"""Every error the service raises on purpose.

::

    MonitorError
    ├── ConfigError          exit 2: every problem of the configuration at once
    ├── UsageError           exit 2: a command asked for something that is not there
    ├── FeedError            one source; becomes a Failed outcome, never leaves a poll
    ├── StoreError           exit 3: the archive cannot be used as asked
    │   ├── ForeignDatabase      the file belongs to another program
    │   ├── SchemaTooNew         a newer regwatch wrote it
    │   ├── DamagedArchive       SQLite calls it malformed
    │   ├── ArchiveFull          disk full or read-only medium
    │   └── LockHeld             another process polls and delivers
    ├── DeliveryError        one delivery; the ledger decides what follows
    └── CheckFailed          exit 4: a check or probe is red

Texts say what failed, which one, why, and what to do. No text carries a secret.
"""

from __future__ import annotations

from collections.abc import Sequence


class MonitorError(Exception):
    """Something failed that the operator can act on."""

    exit_code = 1


class ConfigError(MonitorError):
    """The configuration has problems; ``problems`` lists all of them."""

    exit_code = 2

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)

    def __reduce__(self) -> tuple[type[ConfigError], tuple[tuple[str, ...]]]:
        return type(self), (self.problems,)


class UsageError(MonitorError):
    """A command was asked for something that does not exist."""

    exit_code = 2


class FeedError(MonitorError):
    """A source failed in an expected way; ``error_class`` names how."""

    def __init__(self, error_class: str, detail: str) -> None:
        super().__init__(f"{error_class}: {detail}")
        self.error_class = error_class
        self.detail = detail

    def __reduce__(self) -> tuple[type[FeedError], tuple[str, str]]:
        return type(self), (self.error_class, self.detail)


class StoreError(MonitorError):
    """The archive cannot be used as asked."""

    exit_code = 3


class ForeignDatabase(StoreError):
    """The file is a database of another program; it was not touched."""


class SchemaTooNew(StoreError):
    """A newer regwatch wrote this archive; it was not touched."""


class DamagedArchive(StoreError):
    """SQLite finds the archive malformed; it was not overwritten."""


class ArchiveFull(StoreError):
    """The archive could not be written: the disk is full or the medium read-only."""


class LockHeld(StoreError):
    """Another process already polls and delivers for this archive."""


class DeliveryError(MonitorError):
    """A delivery failed."""


class CheckFailed(MonitorError):
    """A check or health probe is red."""

    exit_code = 4
