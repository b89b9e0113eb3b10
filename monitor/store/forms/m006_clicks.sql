CREATE TABLE clicks (
  key TEXT PRIMARY KEY,
  story TEXT NOT NULL,
  act TEXT NOT NULL
    CHECK (act IN ('relevant','irrelevant','reason','snooze','why','sources')),
  author TEXT NOT NULL,
  author_name TEXT NOT NULL,
  channel TEXT NOT NULL,
  made TEXT NOT NULL,
  outcome TEXT NOT NULL
) STRICT;
CREATE INDEX clicks_author ON clicks(author, made);
ALTER TABLE alerts ADD COLUMN quiet INTEGER NOT NULL DEFAULT 0;
