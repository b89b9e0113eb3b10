"""The report of a period: what happened, how well it was told, and what was watched.

Pure: rows in, one self-contained HTML page out. No script, no font, no address outside the page.
"""
