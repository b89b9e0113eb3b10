"""The archive: SQLite through sqlite-utils, one small module per table family.

Every write goes through ``Archive.write``; nothing here decides anything.
"""

from .archive import Archive

__all__ = ["Archive"]
