CREATE TABLE watched (
  feed_id INTEGER NOT NULL REFERENCES feeds(id),
  day TEXT NOT NULL,
  polls INTEGER NOT NULL,
  good INTEGER NOT NULL,
  new_entries INTEGER NOT NULL,
  PRIMARY KEY (feed_id, day)
) STRICT, WITHOUT ROWID;
INSERT INTO watched SELECT feed_id, substr(started, 1, 10), count(*), sum(outcome <> 'failed'),
  sum(new) FROM fetches GROUP BY 1, 2;
CREATE TRIGGER watched_by_fetch AFTER INSERT ON fetches BEGIN
  INSERT INTO watched VALUES
    (new.feed_id, substr(new.started, 1, 10), 1, new.outcome <> 'failed', new.new)
  ON CONFLICT (feed_id, day) DO UPDATE SET polls = polls + 1, good = good + excluded.good,
    new_entries = new_entries + excluded.new_entries;
END;
