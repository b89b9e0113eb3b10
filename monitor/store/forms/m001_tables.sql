CREATE TABLE feeds (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  url TEXT NOT NULL,
  host TEXT NOT NULL,
  kind TEXT NOT NULL,
  jurisdiction TEXT,
  language TEXT,
  watch INTEGER NOT NULL DEFAULT 0,
  configured INTEGER NOT NULL DEFAULT 1,
  enabled INTEGER NOT NULL DEFAULT 1,
  lease_until TEXT,
  lease_owner TEXT,
  state TEXT NOT NULL DEFAULT 'new'
    CHECK (state IN ('new','ok','failing','blocked','gone','disabled')),
  error_class TEXT,
  error TEXT,
  failures INTEGER NOT NULL DEFAULT 0,
  failing_since TEXT,
  active_url TEXT,
  etag TEXT,
  last_modified TEXT,
  body_hash TEXT,
  validators_url TEXT,
  first_polled TEXT,
  last_polled TEXT,
  last_ok TEXT,
  last_changed TEXT,
  last_unconditional TEXT,
  last_new TEXT,
  newest_published TEXT,
  usual_gap_s REAL,
  next_due TEXT,
  next_reason TEXT,
  not_before TEXT,
  skip_hours TEXT NOT NULL DEFAULT '[]',
  skip_days TEXT NOT NULL DEFAULT '[]',
  redirect_url TEXT,
  redirect_since TEXT,
  gone_count INTEGER NOT NULL DEFAULT 0,
  gone_since TEXT,
  primary_retry TEXT,
  selectors TEXT,
  polls INTEGER NOT NULL DEFAULT 0,
  not_modified INTEGER NOT NULL DEFAULT 0,
  bytes INTEGER NOT NULL DEFAULT 0,
  entries_seen INTEGER NOT NULL DEFAULT 0,
  told TEXT NOT NULL DEFAULT '[]'
) STRICT;
CREATE INDEX feeds_due ON feeds(next_due) WHERE configured = 1 AND enabled = 1;
CREATE INDEX feeds_host ON feeds(host);

CREATE TABLE hosts (
  host TEXT PRIMARY KEY,
  last_start TEXT,
  not_before TEXT
) STRICT;

CREATE TABLE fetches (
  id INTEGER PRIMARY KEY,
  feed_id INTEGER NOT NULL REFERENCES feeds(id),
  started TEXT NOT NULL,
  seconds REAL NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN ('parsed','unchanged','failed')),
  status INTEGER,
  error_class TEXT,
  error TEXT,
  final_url TEXT,
  etag TEXT,
  last_modified TEXT,
  body_hash TEXT,
  bytes INTEGER NOT NULL DEFAULT 0,
  entries INTEGER NOT NULL DEFAULT 0,
  new INTEGER NOT NULL DEFAULT 0,
  conditional INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX fetches_feed ON fetches(feed_id, started);
CREATE INDEX fetches_started ON fetches(started);

CREATE TABLE entries (
  id INTEGER PRIMARY KEY,
  feed_id INTEGER NOT NULL REFERENCES feeds(id),
  source TEXT NOT NULL,
  kind TEXT NOT NULL,
  jurisdiction TEXT,
  key TEXT NOT NULL,
  link_key TEXT,
  title_key TEXT NOT NULL,
  content_hash TEXT NOT NULL,
  changes INTEGER NOT NULL DEFAULT 0,
  title TEXT NOT NULL,
  url TEXT,
  guid TEXT,
  summary TEXT NOT NULL DEFAULT '',
  text TEXT NOT NULL DEFAULT '',
  language TEXT,
  published TEXT,
  published_raw TEXT,
  first_seen TEXT NOT NULL,
  last_seen TEXT NOT NULL,
  fetch_id INTEGER REFERENCES fetches(id) ON DELETE SET NULL,
  baseline INTEGER NOT NULL DEFAULT 0,
  trimmed INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX entries_identity ON entries(feed_id, key);
CREATE INDEX entries_feed_link ON entries(feed_id, link_key);
CREATE INDEX entries_feed_title ON entries(feed_id, title_key);
CREATE INDEX entries_first_seen ON entries(first_seen);
CREATE INDEX entries_url ON entries(url);
CREATE INDEX entries_fetch ON entries(fetch_id);

CREATE TABLE entry_versions (
  id INTEGER PRIMARY KEY,
  entry_id INTEGER NOT NULL REFERENCES entries(id),
  seen TEXT NOT NULL,
  title TEXT NOT NULL,
  url TEXT,
  summary TEXT NOT NULL,
  text TEXT NOT NULL,
  published TEXT,
  content_hash TEXT NOT NULL,
  fetch_id INTEGER REFERENCES fetches(id) ON DELETE SET NULL
) STRICT;
CREATE INDEX entry_versions_entry ON entry_versions(entry_id);
CREATE INDEX entry_versions_fetch ON entry_versions(fetch_id);

CREATE TABLE verdicts (
  id INTEGER PRIMARY KEY,
  entry_id INTEGER NOT NULL REFERENCES entries(id),
  model TEXT NOT NULL,
  score REAL NOT NULL,
  threshold REAL NOT NULL,
  label TEXT NOT NULL CHECK (label IN ('relevant','irrelevant')),
  screened INTEGER NOT NULL DEFAULT 0,
  legs TEXT NOT NULL DEFAULT '{}',
  why TEXT NOT NULL DEFAULT '[]',
  judged TEXT NOT NULL,
  UNIQUE (entry_id, model)
) STRICT;
CREATE INDEX verdicts_relevant ON verdicts(entry_id) WHERE label = 'relevant';
CREATE INDEX verdicts_model ON verdicts(model, score);

CREATE TABLE stories (
  id INTEGER PRIMARY KEY,
  public_id TEXT NOT NULL UNIQUE,
  title TEXT NOT NULL,
  lead_entry_id INTEGER REFERENCES entries(id),
  lead_url TEXT,
  first_seen TEXT NOT NULL,
  last_seen TEXT NOT NULL,
  event_date TEXT,
  regulator TEXT,
  regulators TEXT NOT NULL DEFAULT '[]',
  organisation TEXT,
  jurisdiction TEXT,
  action TEXT,
  amount REAL,
  currency TEXT,
  amount_text TEXT,
  legal_basis TEXT NOT NULL DEFAULT '[]',
  ai_leg TEXT,
  disagreements TEXT NOT NULL DEFAULT '{}',
  merged_into INTEGER REFERENCES stories(id)
) STRICT;
CREATE INDEX stories_first_seen ON stories(first_seen);
CREATE INDEX stories_merged ON stories(merged_into) WHERE merged_into IS NOT NULL;

CREATE TABLE story_entries (
  entry_id INTEGER PRIMARY KEY REFERENCES entries(id),
  story_id INTEGER NOT NULL REFERENCES stories(id),
  added TEXT NOT NULL,
  reason TEXT NOT NULL DEFAULT '',
  score REAL NOT NULL,
  model TEXT NOT NULL,
  facts TEXT NOT NULL DEFAULT '{}'
) STRICT;
CREATE INDEX story_entries_story ON story_entries(story_id);

CREATE TABLE story_keys (
  key TEXT NOT NULL,
  entry_id INTEGER NOT NULL REFERENCES entries(id),
  PRIMARY KEY (key, entry_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX story_keys_entry ON story_keys(entry_id);

CREATE TABLE story_links (
  story_id INTEGER NOT NULL REFERENCES stories(id),
  follows_id INTEGER NOT NULL REFERENCES stories(id),
  PRIMARY KEY (story_id, follows_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE story_corrections (
  id INTEGER PRIMARY KEY,
  made TEXT NOT NULL,
  author TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('together','apart')),
  entry_a INTEGER NOT NULL REFERENCES entries(id),
  entry_b INTEGER NOT NULL REFERENCES entries(id)
) STRICT;
CREATE INDEX story_corrections_a ON story_corrections(entry_a);
CREATE INDEX story_corrections_b ON story_corrections(entry_b);

CREATE TABLE alerts (
  id INTEGER PRIMARY KEY,
  story_id INTEGER REFERENCES stories(id),
  kind TEXT NOT NULL CHECK (kind IN ('new','update','digest','ops')),
  tier TEXT,
  reason TEXT NOT NULL,
  subject TEXT,
  text TEXT,
  created TEXT NOT NULL
) STRICT;
CREATE INDEX alerts_story ON alerts(story_id, kind);

CREATE TABLE deliveries (
  id INTEGER PRIMARY KEY,
  alert_id INTEGER NOT NULL REFERENCES alerts(id),
  channel TEXT NOT NULL,
  uid TEXT NOT NULL UNIQUE,
  state TEXT NOT NULL
    CHECK (state IN ('pending','sending','sent','unknown','held','abandoned')),
  attempts INTEGER NOT NULL DEFAULT 0,
  not_before TEXT NOT NULL,
  created TEXT NOT NULL,
  last_tried TEXT,
  last_error TEXT,
  sent_at TEXT,
  ts TEXT,
  permalink TEXT,
  folded_into INTEGER REFERENCES alerts(id),
  UNIQUE (alert_id, channel)
) STRICT;
CREATE INDEX deliveries_due ON deliveries(not_before)
  WHERE state IN ('pending','sending','unknown','held');
CREATE INDEX deliveries_sent ON deliveries(channel, sent_at);

CREATE TABLE channels (
  channel TEXT PRIMARY KEY,
  paused_until TEXT,
  held_since TEXT,
  held_reason TEXT,
  last_post TEXT
) STRICT;

CREATE TABLE labels (
  id INTEGER PRIMARY KEY,
  entry_id INTEGER NOT NULL REFERENCES entries(id),
  label TEXT NOT NULL CHECK (label IN ('relevant','irrelevant')),
  why TEXT,
  author TEXT NOT NULL,
  model TEXT,
  made TEXT NOT NULL,
  origin TEXT NOT NULL DEFAULT 'cli',
  envelope TEXT UNIQUE
) STRICT;
CREATE INDEX labels_entry ON labels(entry_id);

CREATE TABLE silences (
  id INTEGER PRIMARY KEY,
  field TEXT NOT NULL CHECK (field IN ('story','organisation','regulator','source','term')),
  value TEXT NOT NULL,
  author TEXT NOT NULL,
  reason TEXT NOT NULL,
  made TEXT NOT NULL,
  ends TEXT NOT NULL,
  lifted TEXT
) STRICT;

CREATE TABLE runs (
  id INTEGER PRIMARY KEY,
  started TEXT NOT NULL,
  heartbeat TEXT NOT NULL,
  ended TEXT,
  command TEXT NOT NULL,
  version TEXT NOT NULL,
  model TEXT,
  cycles INTEGER NOT NULL DEFAULT 0,
  bugs INTEGER NOT NULL DEFAULT 0,
  last_cycle TEXT
) STRICT;

CREATE TABLE models (
  model TEXT PRIMARY KEY,
  adopted TEXT NOT NULL,
  threshold REAL NOT NULL,
  origin TEXT NOT NULL
) STRICT;

CREATE TABLE evidence (
  seq INTEGER PRIMARY KEY,
  made TEXT NOT NULL,
  what TEXT NOT NULL,
  entry_id INTEGER,
  story TEXT,
  data TEXT NOT NULL,
  previous TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE
) STRICT;
CREATE INDEX evidence_entry ON evidence(entry_id);
CREATE INDEX evidence_story ON evidence(story);

CREATE TABLE extracts (
  entry_id INTEGER PRIMARY KEY REFERENCES entries(id),
  url TEXT NOT NULL,
  fetched TEXT NOT NULL,
  hash TEXT NOT NULL,
  text TEXT NOT NULL
) STRICT;

CREATE TABLE notes (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;
