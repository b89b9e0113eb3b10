DROP TABLE story_keys;
ALTER TABLE story_entries ADD COLUMN vector BLOB;

CREATE TABLE story_index (
  key TEXT NOT NULL,
  day INTEGER NOT NULL,
  entry_id INTEGER NOT NULL REFERENCES entries(id),
  PRIMARY KEY (key, day, entry_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX story_index_entry ON story_index(entry_id);

CREATE TABLE story_cases (
  key TEXT NOT NULL,
  began TEXT NOT NULL,
  story_id INTEGER NOT NULL REFERENCES stories(id),
  sought INTEGER NOT NULL,
  PRIMARY KEY (key, began, story_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX story_cases_story ON story_cases(story_id);
CREATE INDEX story_links_follows ON story_links(follows_id);
