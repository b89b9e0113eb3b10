DROP TABLE entries_fts;
CREATE VIRTUAL TABLE entries_fts USING fts5(
  title, summary, text, content="entries", content_rowid="id",
  tokenize="unicode61 remove_diacritics 2"
);
INSERT INTO entries_fts(entries_fts) VALUES ('rebuild');
