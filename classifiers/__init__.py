"""A pure library: text in, verdict out. Knows nothing of feeds, SQLite or Slack."""
