CREATE VIRTUAL TABLE entries_fts USING fts5(
  title, summary, text, content='entries', content_rowid='id',
  tokenize="unicode61 remove_diacritics 2"
);
CREATE TRIGGER entries_ai AFTER INSERT ON entries BEGIN
  INSERT INTO entries_fts(rowid, title, summary, text)
  VALUES (new.id, new.title, new.summary, new.text);
END;
CREATE TRIGGER entries_ad AFTER DELETE ON entries BEGIN
  INSERT INTO entries_fts(entries_fts, rowid, title, summary, text)
  VALUES ('delete', old.id, old.title, old.summary, old.text);
END;
CREATE TRIGGER entries_au AFTER UPDATE OF title, summary, text ON entries BEGIN
  INSERT INTO entries_fts(entries_fts, rowid, title, summary, text)
  VALUES ('delete', old.id, old.title, old.summary, old.text);
  INSERT INTO entries_fts(rowid, title, summary, text)
  VALUES (new.id, new.title, new.summary, new.text);
END;
