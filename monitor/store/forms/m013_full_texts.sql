CREATE TABLE fulltexts (
  entry_id INTEGER PRIMARY KEY REFERENCES entries(id),
  url TEXT NOT NULL,
  host TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('due','read','refused','failed')),
  tries INTEGER NOT NULL DEFAULT 0,
  hops INTEGER NOT NULL DEFAULT 0,
  not_before TEXT NOT NULL,
  lease_until TEXT,
  reason TEXT,
  asked TEXT NOT NULL,
  settled TEXT
) STRICT;
CREATE INDEX fulltexts_due ON fulltexts(not_before) WHERE state = 'due';
CREATE INDEX fulltexts_leased ON fulltexts(host) WHERE lease_until IS NOT NULL;

CREATE TABLE robots (
  origin TEXT PRIMARY KEY,
  fetched TEXT NOT NULL,
  expires TEXT NOT NULL,
  text TEXT
) STRICT;
