PRAGMA application_id = 1380407124;
PRAGMA user_version = 14;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" (id, migration_set, name, applied_at) VALUES (1, 'regwatch', 'm001_tables', '2026-11-25 07:44:25.629159+00:00');
INSERT INTO "_sqlite_migrations" (id, migration_set, name, applied_at) VALUES (2, 'regwatch', 'm002_search', '2026-11-25 07:44:25.629886+00:00');
INSERT INTO "_sqlite_migrations" (id, migration_set, name, applied_at) VALUES (3, 'regwatch', 'm003_append_only', '2026-11-25 07:44:25.630126+00:00');
INSERT INTO "_sqlite_migrations" (id, migration_set, name, applied_at) VALUES (4, 'regwatch', 'm004_views', '2026-11-25 07:44:25.630513+00:00');
INSERT INTO "_sqlite_migrations" (id, migration_set, name, applied_at) VALUES (5, 'regwatch', 'm005_open_deliveries', '2026-11-25 07:44:25.631346+00:00');
INSERT INTO "_sqlite_migrations" (id, migration_set, name, applied_at) VALUES (6, 'regwatch', 'm006_clicks', '2026-11-25 07:44:25.632222+00:00');
INSERT INTO "_sqlite_migrations" (id, migration_set, name, applied_at) VALUES (7, 'regwatch', 'm007_story_index', '2026-11-25 07:44:25.633502+00:00');
INSERT INTO "_sqlite_migrations" (id, migration_set, name, applied_at) VALUES (8, 'regwatch', 'm008_lean_indexes', '2026-11-25 07:44:25.634142+00:00');
INSERT INTO "_sqlite_migrations" (id, migration_set, name, applied_at) VALUES (9, 'regwatch', 'm009_evidence_digests', '2026-11-25 07:44:25.634900+00:00');
INSERT INTO "_sqlite_migrations" (id, migration_set, name, applied_at) VALUES (10, 'regwatch', 'm010_search_by_tools', '2026-11-25 07:44:25.635763+00:00');
INSERT INTO "_sqlite_migrations" (id, migration_set, name, applied_at) VALUES (11, 'regwatch', 'm011_sent_times', '2026-11-25 07:44:25.636696+00:00');
INSERT INTO "_sqlite_migrations" (id, migration_set, name, applied_at) VALUES (12, 'regwatch', 'm012_watched', '2026-11-25 07:44:25.637044+00:00');
INSERT INTO "_sqlite_migrations" (id, migration_set, name, applied_at) VALUES (13, 'regwatch', 'm013_full_texts', '2026-11-25 07:44:25.637466+00:00');
INSERT INTO "_sqlite_migrations" (id, migration_set, name, applied_at) VALUES (14, 'regwatch', 'm014_poll_memory', '2026-11-25 07:44:25.638827+00:00');
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
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
, archive_url TEXT, steady_since TEXT) STRICT;
INSERT INTO "feeds" (id, name, url, host, kind, jurisdiction, language, watch, configured, enabled, lease_until, lease_owner, state, error_class, error, failures, failing_since, active_url, etag, last_modified, body_hash, validators_url, first_polled, last_polled, last_ok, last_changed, last_unconditional, last_new, newest_published, usual_gap_s, next_due, next_reason, not_before, skip_hours, skip_days, redirect_url, redirect_since, gone_count, gone_since, primary_retry, selectors, polls, not_modified, bytes, entries_seen, told, archive_url, steady_since) VALUES (1, 'CNIL actualités', 'https://cnil.example/rss', 'cnil.example', 'regulator', 'FR', 'fr', 0, 1, 1, NULL, NULL, 'ok', NULL, NULL, 0, NULL, NULL, '"e"', NULL, 'b', 'https://cnil.example/rss', '2026-11-24T08:00:00.000Z', '2026-11-24T10:00:00.000Z', '2026-11-24T10:00:00.000Z', '2026-11-24T10:00:00.000Z', '2026-11-24T10:00:00.000Z', '2026-11-24T09:00:00.000Z', '2026-11-24T10:00:00.000Z', NULL, '2026-11-24T11:00:00.000Z', 'interval', NULL, '[]', '[]', NULL, NULL, 0, NULL, NULL, NULL, 3, 0, 0, 3, '[]', NULL, '2026-11-24T08:00:00.000Z');
CREATE INDEX feeds_due ON feeds(next_due) WHERE configured = 1 AND enabled = 1;
CREATE INDEX feeds_host ON feeds(host);
CREATE TABLE hosts (
  host TEXT PRIMARY KEY,
  last_start TEXT,
  not_before TEXT
) STRICT;
INSERT INTO "hosts" (host, last_start, not_before) VALUES ('cnil.example', '2026-11-24T10:00:00.000Z', NULL);
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
INSERT INTO "fetches" (id, feed_id, started, seconds, outcome, status, error_class, error, final_url, etag, last_modified, body_hash, bytes, entries, new, conditional) VALUES (1, 1, '2026-11-24T08:00:00.000Z', 0.0, 'parsed', 200, NULL, NULL, 'https://cnil.example/rss', '"e"', NULL, 'b', 0, 1, 1, 0);
INSERT INTO "fetches" (id, feed_id, started, seconds, outcome, status, error_class, error, final_url, etag, last_modified, body_hash, bytes, entries, new, conditional) VALUES (2, 1, '2026-11-24T09:00:00.000Z', 0.0, 'parsed', 200, NULL, NULL, 'https://cnil.example/rss', '"e"', NULL, 'b', 0, 3, 2, 0);
INSERT INTO "fetches" (id, feed_id, started, seconds, outcome, status, error_class, error, final_url, etag, last_modified, body_hash, bytes, entries, new, conditional) VALUES (3, 1, '2026-11-24T10:00:00.000Z', 0.0, 'parsed', 200, NULL, NULL, 'https://cnil.example/rss', '"e"', NULL, 'b', 0, 3, 0, 0);
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
INSERT INTO "entries" (id, feed_id, source, kind, jurisdiction, key, link_key, title_key, content_hash, changes, title, url, guid, summary, text, language, published, published_raw, first_seen, last_seen, fetch_id, baseline, trimmed) VALUES (1, 1, 'CNIL actualités', 'regulator', 'FR', 'guid:0', 'cnil.example/0', '1601b2758011c5ef00d1a622ca59fb9e', 'b9256c6160969e95048511b6eb821e35', 1, 'ICO fines Clearview AI over facial recognition of UK residents (edited)', 'https://cnil.example/0', '0', 'The company''s database of faces breached UK data protection law.', '', 'fr', '2026-11-24T10:00:00.000Z', NULL, '2026-11-24T08:00:00.000Z', '2026-11-24T10:00:00.000Z', 3, 1, 0);
INSERT INTO "entries" (id, feed_id, source, kind, jurisdiction, key, link_key, title_key, content_hash, changes, title, url, guid, summary, text, language, published, published_raw, first_seen, last_seen, fetch_id, baseline, trimmed) VALUES (2, 1, 'CNIL actualités', 'regulator', 'FR', 'guid:1', 'cnil.example/1', '34bc0ebbfdee9c595dbcf812a8d73e95', 'a8326a1e197b09b9bf624e58ccb17859', 1, 'Garante blocks DeepSeek''s chatbot over personal data (edited)', 'https://cnil.example/1', '1', 'The Italian authority ordered the AI company to stop processing personal data.', '', 'fr', '2026-11-24T10:00:00.000Z', NULL, '2026-11-24T09:00:00.000Z', '2026-11-24T10:00:00.000Z', 3, 0, 0);
INSERT INTO "entries" (id, feed_id, source, kind, jurisdiction, key, link_key, title_key, content_hash, changes, title, url, guid, summary, text, language, published, published_raw, first_seen, last_seen, fetch_id, baseline, trimmed) VALUES (3, 1, 'CNIL actualités', 'regulator', 'FR', 'guid:2', 'cnil.example/2', 'b024943435996a4659d37af5c9dd7e51', 'f1f1587608904dea291811dd16a552e9', 1, 'Le tramway de Nantes change ses horaires d''été (edited)', 'https://cnil.example/2', '2', 'Rien à voir avec les données.', '', 'fr', '2026-11-24T10:00:00.000Z', NULL, '2026-11-24T09:00:00.000Z', '2026-11-24T10:00:00.000Z', 3, 0, 0);
CREATE UNIQUE INDEX entries_identity ON entries(feed_id, key);
CREATE INDEX entries_feed_title ON entries(feed_id, title_key);
CREATE INDEX entries_first_seen ON entries(first_seen);
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
INSERT INTO "entry_versions" (id, entry_id, seen, title, url, summary, text, published, content_hash, fetch_id) VALUES (1, 1, '2026-11-24T09:00:00.000Z', 'ICO fines Clearview AI over facial recognition of UK residents', 'https://cnil.example/0', 'The company''s database of faces breached UK data protection law.', '', '2026-11-24T08:00:00.000Z', '4672edafe70c81005e0e90bdc97962a6', 1);
INSERT INTO "entry_versions" (id, entry_id, seen, title, url, summary, text, published, content_hash, fetch_id) VALUES (2, 2, '2026-11-24T09:00:00.000Z', 'Garante blocks DeepSeek''s chatbot over personal data', 'https://cnil.example/1', 'The Italian authority ordered the AI company to stop processing personal data.', '', '2026-11-24T09:00:00.000Z', 'e755a51452627d79b1544c0057a24c2e', 2);
INSERT INTO "entry_versions" (id, entry_id, seen, title, url, summary, text, published, content_hash, fetch_id) VALUES (3, 3, '2026-11-24T09:00:00.000Z', 'Le tramway de Nantes change ses horaires d''été', 'https://cnil.example/2', 'Rien à voir avec les données.', '', '2026-11-24T09:00:00.000Z', '06e3612f4e79ffc927c9e7d846f6c350', 2);
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
INSERT INTO "verdicts" (id, entry_id, model, score, threshold, label, screened, legs, why, judged) VALUES (1, 1, 'm-7ab2a5a2dfa0', 0.985154311659508, 0.57, 'relevant', 0, '{"step":["fines","faces","breached"],"privacy":["facial","facial recognition","residents","faces","data protection"],"ai":["clearview","clearview ai","ai","facial recognition","facial"]}', '[["[ai:distinct]",1.8631],["[privacy:distinct]",1.737],["[organisation:any]",1.6813],["[all legs in title]",1.293],["[x authority, strong step, strong ai, strong privacy]",1.1507],["[step:distinct]",1.0925],["[x headline authority and organisation]",0.9803],["[legs in one sentence]",0.9187],["[strong_privacy:title]",-0.7324],["[ai:any]",0.6129],["[authority name:any]",0.5505],["[privacy:title]",-0.5147]]', '2026-11-24T10:00:00.000Z');
INSERT INTO "verdicts" (id, entry_id, model, score, threshold, label, screened, legs, why, judged) VALUES (2, 2, 'm-7ab2a5a2dfa0', 9.65927184584458475846e-01, 0.57, 'relevant', 0, '{"step":["blocks","ordered","stop"],"privacy":["garante","personal data"],"ai":["deepseek''s","chatbot","ai"]}', '[["[organisation:any]",1.6813],["[ai:distinct]",1.4415],["[all legs in title]",1.293],["[x authority, strong step, strong ai, strong privacy]",1.1507],["[step:distinct]",1.0925],["[privacy:distinct]",1.065],["[x headline authority and organisation]",0.9803],["[legs in one sentence]",0.9187],["[strong_privacy:title]",-0.7324],["[strong_step:distinct]",0.6264],["[ai:any]",0.6129],["[authority name:any]",0.5505]]', '2026-11-24T10:00:00.000Z');
INSERT INTO "verdicts" (id, entry_id, model, score, threshold, label, screened, legs, why, judged) VALUES (3, 3, 'm-7ab2a5a2dfa0', 0.0005, 0.57, 'irrelevant', 1, '{"step":[],"privacy":[],"ai":[]}', '[]', '2026-11-24T10:00:00.000Z');
CREATE INDEX verdicts_relevant ON verdicts(entry_id) WHERE label = 'relevant';
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
, sent_at TEXT) STRICT;
INSERT INTO "stories" (id, public_id, title, lead_entry_id, lead_url, first_seen, last_seen, event_date, regulator, regulators, organisation, jurisdiction, action, amount, currency, amount_text, legal_basis, ai_leg, disagreements, merged_into, sent_at) VALUES (1, 'S-2026-000001', 'ICO fines Clearview AI over facial recognition of UK residents (edited)', 1, 'https://cnil.example/0', '2026-11-24T08:00:00.000Z', '2026-11-24T09:00:00.000Z', '2026-11-24T10:00:00.000Z', 'ICO', '["ICO","Garante"]', 'Clearview AI', 'GB', 'fine', NULL, NULL, NULL, '[]', 'face or biometric', '{"regulator":{"ICO":[1],"Garante":[2]},"organisation":{"Clearview AI":[1],"DeepSeek":[2]},"jurisdiction":{"GB":[1],"IT":[2]},"action":{"fine":[1],"ban":[2]}}', NULL, '2026-11-24T08:00:00.000Z');
INSERT INTO "stories" (id, public_id, title, lead_entry_id, lead_url, first_seen, last_seen, event_date, regulator, regulators, organisation, jurisdiction, action, amount, currency, amount_text, legal_basis, ai_leg, disagreements, merged_into, sent_at) VALUES (2, 'S-2026-000002', 'Garante blocks DeepSeek''s chatbot over personal data (edited)', 2, 'https://cnil.example/1', '2026-11-24T09:00:00.000Z', '2026-11-24T09:00:00.000Z', '2026-11-24T10:00:00.000Z', 'Garante', '["Garante"]', 'DeepSeek', 'IT', 'ban', NULL, NULL, NULL, '[]', 'generative or chatbot', '{}', 1, NULL);
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
, vector BLOB) STRICT;
INSERT INTO "story_entries" (entry_id, story_id, added, reason, score, model, facts, vector) VALUES (1, 1, '2026-11-24T08:00:00.000Z', '', 0.985154311659508, 'm-7ab2a5a2dfa0', '{"regulator":"ICO","regulators":["ICO"],"organisation":"Clearview AI","organisations":["Clearview AI"],"jurisdiction":"GB","action":"fine","ai_leg":"face or biometric","evidence":{"regulator":"ICO","organisation":"Clearview AI","jurisdiction":"ICO","action":"fines","ai_leg":"facial"}}', X'B647E4E13794B10576DF80A2CE754D7C125149BF59A3FCB4218A5763CECC4A9D3A204848B26FDB95FF80E3517044DC3DFAA16D079C27F1C9E46970F211F85A2E6D5FEDEFE66D453C987D26722E0653C9D071CBCB8B2FDDC86F81724D247E6CCB63F3F3AD10DC790CB52FE5B7CDFB78A659B30A152F550B0CEC628D1D842DA1322E34262C2E34B530D932E9302E3457314B31E131CB30373442344234E9340D2C4A2EB630B630612F0831B6304A2D2331D52FA62E0430872F6631');
INSERT INTO "story_entries" (entry_id, story_id, added, reason, score, model, facts, vector) VALUES (2, 1, '2026-11-24T09:00:00.000Z', '', 9.65927184584458475846e-01, 'm-7ab2a5a2dfa0', '{"regulator":"Garante","regulators":["Garante"],"organisation":"DeepSeek","organisations":["DeepSeek"],"jurisdiction":"IT","action":"ban","ai_leg":"generative or chatbot","evidence":{"regulator":"Garante","organisation":"DeepSeek''s","jurisdiction":"Garante","action":"blocks","ai_leg":"DeepSeek"}}', X'B647E4E17895EDCECE754D7C8AF87BCC04B0C47D2FE5F4A6B06C642259A3FCB4846D8AF112C16B296C32E62863F3F3AD40837BE7E66D453CCF69B957C997BE5315C41BC2FC6AF94AE39419B4926D9856991F12C353819E9B6C6DD9EFE591510933100EF44F09BF4F987D2672C4D287D7B61656B967703A252BAB6C88384E11BF794D82D38C2D49342C2C9934DE315B31BF34BC30DE337632F13496314D34E72E8330892F6F31E12F302F9C31F830F830D6316F2CBD30412F542E362C762F0B308330382FD631');
CREATE INDEX story_entries_story ON story_entries(story_id);
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
INSERT INTO "story_corrections" (id, made, author, kind, entry_a, entry_b) VALUES (1, '2026-11-24T08:00:00.000Z', 'dpo', 'together', 1, 2);
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
, quiet INTEGER NOT NULL DEFAULT 0) STRICT;
INSERT INTO "alerts" (id, story_id, kind, tier, reason, subject, text, created, quiet) VALUES (1, 1, 'new', NULL, 'a new story', NULL, NULL, '2026-11-24T08:00:00.000Z', 0);
INSERT INTO "alerts" (id, story_id, kind, tier, reason, subject, text, created, quiet) VALUES (2, 1, 'new', NULL, 'a new story', NULL, NULL, '2026-11-24T09:00:00.000Z', 0);
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
  folded_into INTEGER REFERENCES alerts(id), repeats INTEGER NOT NULL DEFAULT 0,
  UNIQUE (alert_id, channel)
) STRICT;
INSERT INTO "deliveries" (id, alert_id, channel, uid, state, attempts, not_before, created, last_tried, last_error, sent_at, ts, permalink, folded_into, repeats) VALUES (1, 1, 'console', '499c88f6e09e42fc9e3014fc614f3371', 'sent', 1, '2026-11-24T08:00:00.000Z', '2026-11-24T08:00:00.000Z', NULL, NULL, '2026-11-24T08:00:00.000Z', '1.2', NULL, NULL, 0);
INSERT INTO "deliveries" (id, alert_id, channel, uid, state, attempts, not_before, created, last_tried, last_error, sent_at, ts, permalink, folded_into, repeats) VALUES (2, 1, 'C1', '065fdfc5c4f247c3a11919b532d27460', 'sent', 1, '2026-11-24T08:00:00.000Z', '2026-11-24T08:00:00.000Z', NULL, NULL, '2026-11-24T08:00:00.000Z', '1.2', NULL, NULL, 0);
INSERT INTO "deliveries" (id, alert_id, channel, uid, state, attempts, not_before, created, last_tried, last_error, sent_at, ts, permalink, folded_into, repeats) VALUES (3, 2, 'console', '2fc5ca0ddbd34ca3a4360a2785420c39', 'sent', 1, '2026-11-24T09:00:00.000Z', '2026-11-24T09:00:00.000Z', NULL, 'another message of the channel tells the story', '2026-11-24T08:00:00.000Z', '1.2', NULL, NULL, 0);
INSERT INTO "deliveries" (id, alert_id, channel, uid, state, attempts, not_before, created, last_tried, last_error, sent_at, ts, permalink, folded_into, repeats) VALUES (4, 2, 'C1', '8be4dbe58d544272a34fa4efeedb7838', 'sent', 1, '2026-11-24T09:00:00.000Z', '2026-11-24T09:00:00.000Z', NULL, 'another message of the channel tells the story', '2026-11-24T08:00:00.000Z', '1.2', NULL, NULL, 0);
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
INSERT INTO "labels" (id, entry_id, label, why, author, model, made, origin, envelope) VALUES (1, 1, 'relevant', 'a fine', 'dpo', 'm-7ab2a5a2dfa0', '2026-11-24T08:00:00.000Z', 'cli', NULL);
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
INSERT INTO "silences" (id, field, value, author, reason, made, ends, lifted) VALUES (1, 'source', 'Nobody', 'dpo', 'noise', '2026-11-24T08:00:00.000Z', '2026-12-03T08:00:00.000Z', NULL);
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
INSERT INTO "runs" (id, started, heartbeat, ended, command, version, model, cycles, bugs, last_cycle) VALUES (1, '2026-11-24T08:00:00.000Z', '2026-11-24T08:00:00.000Z', NULL, 'run', '2026.11.0', 'm-7ab2a5a2dfa0', 1, 0, '2026-11-24T08:00:00.000Z');
CREATE TABLE models (
  model TEXT PRIMARY KEY,
  adopted TEXT NOT NULL,
  threshold REAL NOT NULL,
  origin TEXT NOT NULL
) STRICT;
INSERT INTO "models" (model, adopted, threshold, origin) VALUES ('m-7ab2a5a2dfa0', '2026-11-24T08:00:00.000Z', 0.57, 'service');
CREATE TABLE evidence (
  seq INTEGER PRIMARY KEY,
  made TEXT NOT NULL,
  what TEXT NOT NULL,
  entry_id INTEGER,
  story TEXT,
  data TEXT NOT NULL,
  previous TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE
, digest TEXT) STRICT;
INSERT INTO "evidence" (seq, made, what, entry_id, story, data, previous, hash, digest) VALUES (1, '2026-11-24T08:00:00.000Z', 'entry first seen', 1, NULL, '{"before":[],"content_hash":"4672edafe70c81005e0e90bdc97962a6","facts":{"action":"fine","ai_leg":"face or biometric","evidence":{"action":"fines","ai_leg":"facial","jurisdiction":"ICO","organisation":"Clearview AI","regulator":"ICO"},"jurisdiction":"GB","organisation":"Clearview AI","organisations":["Clearview AI"],"regulator":"ICO","regulators":["ICO"]},"fetch":{"body_hash":"b","etag":"\"e\"","final_url":"https://cnil.example/rss","last_modified":null,"started":"2026-11-24T08:00:00.000Z","status":200},"first_seen":"2026-11-24T08:00:00.000Z","guid":"0","kind":"regulator","label":"relevant","language":"fr","legs":{"ai":["clearview","clearview ai","ai","facial recognition","facial"],"privacy":["facial","facial recognition","residents","faces","data protection"],"step":["fines","faces","breached"]},"model":"m-7ab2a5a2dfa0","published":"2026-11-24T08:00:00.000Z","published_raw":null,"score":0.985154311659508,"source":"CNIL actualités","summary":"The company''s database of faces breached UK data protection law.","text":"","threshold":0.57,"title":"ICO fines Clearview AI over facial recognition of UK residents","url":"https://cnil.example/0","why":[["[ai:distinct]",1.8631],["[privacy:distinct]",1.737],["[organisation:any]",1.6813],["[all legs in title]",1.293],["[x authority, strong step, strong ai, strong privacy]",1.1507],["[step:distinct]",1.0925],["[x headline authority and organisation]",0.9803],["[legs in one sentence]",0.9187],["[strong_privacy:title]",-0.7324],["[ai:any]",0.6129],["[authority name:any]",0.5505],["[privacy:title]",-0.5147]]}', '0000000000000000000000000000000000000000000000000000000000000000', 'ee46bb11e26b8f8d122dc3acbb3f6ffcf6c61bd6d783fe676264c74abbaefe17', '43a0b4827c110a2e8a47076a8cba85cdd8094fae08af03fe66525a16fc709ffa');
INSERT INTO "evidence" (seq, made, what, entry_id, story, data, previous, hash, digest) VALUES (2, '2026-11-24T08:00:00.000Z', 'alert', NULL, 'S-2026-000001', '{"alert":1,"deliveries":[{"channel":"console","not_before":"2026-11-24T08:00:00.000Z","uid":"499c88f6e09e42fc9e3014fc614f3371"},{"channel":"C1","not_before":"2026-11-24T08:00:00.000Z","uid":"065fdfc5c4f247c3a11919b532d27460"}],"kind":"new","reason":"a new story","tier":null}', 'ee46bb11e26b8f8d122dc3acbb3f6ffcf6c61bd6d783fe676264c74abbaefe17', '33f4084c91c6c664ee585d733a05d8a380e847de52a368780fe7236dc781c1fc', 'db74823f831d1198a9d2ef8cd01ca6226c1e5e25ddeabe5025c38230ad38f0bb');
INSERT INTO "evidence" (seq, made, what, entry_id, story, data, previous, hash, digest) VALUES (3, '2026-11-24T08:00:00.000Z', 'decision', 1, 'S-2026-000001', '{"alert":"new","reason":"a new story"}', '33f4084c91c6c664ee585d733a05d8a380e847de52a368780fe7236dc781c1fc', 'e0cd177108830449edcc662d90261437887f74820ced685bb166812df2ed2c1f', 'b5fcd695f624ea889430dccced7313c194fdfb216517740a389d3c3d427b3f08');
INSERT INTO "evidence" (seq, made, what, entry_id, story, data, previous, hash, digest) VALUES (4, '2026-11-24T09:00:00.000Z', 'entry first seen', 2, NULL, '{"before":[],"content_hash":"e755a51452627d79b1544c0057a24c2e","facts":{"action":"ban","ai_leg":"generative or chatbot","evidence":{"action":"blocks","ai_leg":"DeepSeek","jurisdiction":"Garante","organisation":"DeepSeek''s","regulator":"Garante"},"jurisdiction":"IT","organisation":"DeepSeek","organisations":["DeepSeek"],"regulator":"Garante","regulators":["Garante"]},"fetch":{"body_hash":"b","etag":"\"e\"","final_url":"https://cnil.example/rss","last_modified":null,"started":"2026-11-24T09:00:00.000Z","status":200},"first_seen":"2026-11-24T09:00:00.000Z","guid":"1","kind":"regulator","label":"relevant","language":"fr","legs":{"ai":["deepseek''s","chatbot","ai"],"privacy":["garante","personal data"],"step":["blocks","ordered","stop"]},"model":"m-7ab2a5a2dfa0","published":"2026-11-24T09:00:00.000Z","published_raw":null,"score":0.9659271845844585,"source":"CNIL actualités","summary":"The Italian authority ordered the AI company to stop processing personal data.","text":"","threshold":0.57,"title":"Garante blocks DeepSeek''s chatbot over personal data","url":"https://cnil.example/1","why":[["[organisation:any]",1.6813],["[ai:distinct]",1.4415],["[all legs in title]",1.293],["[x authority, strong step, strong ai, strong privacy]",1.1507],["[step:distinct]",1.0925],["[privacy:distinct]",1.065],["[x headline authority and organisation]",0.9803],["[legs in one sentence]",0.9187],["[strong_privacy:title]",-0.7324],["[strong_step:distinct]",0.6264],["[ai:any]",0.6129],["[authority name:any]",0.5505]]}', 'e0cd177108830449edcc662d90261437887f74820ced685bb166812df2ed2c1f', '0e271f6f61e1a62ec7673fc026d0a909f58e4617efd6169757fffc68b3b3b5a9', 'a6b9865ff6fb52a97c1925f6a5af8a2d9e5f73e3959f03d64049775f4bcf377a');
INSERT INTO "evidence" (seq, made, what, entry_id, story, data, previous, hash, digest) VALUES (5, '2026-11-24T09:00:00.000Z', 'alert', NULL, 'S-2026-000002', '{"alert":2,"deliveries":[{"channel":"console","not_before":"2026-11-24T09:00:00.000Z","uid":"2fc5ca0ddbd34ca3a4360a2785420c39"},{"channel":"C1","not_before":"2026-11-24T09:00:00.000Z","uid":"8be4dbe58d544272a34fa4efeedb7838"}],"kind":"new","reason":"a new story","tier":null}', '0e271f6f61e1a62ec7673fc026d0a909f58e4617efd6169757fffc68b3b3b5a9', '3d80762f81b40f7df3c372238b74ce29fd503bfa07cd54623ac9366049ce5775', '7ffa3e540c301ea834c4bd6a548dac3e4c180bec5f551dbb629fc5351741e9b9');
INSERT INTO "evidence" (seq, made, what, entry_id, story, data, previous, hash, digest) VALUES (6, '2026-11-24T09:00:00.000Z', 'decision', 2, 'S-2026-000002', '{"alert":"new","reason":"a new story"}', '3d80762f81b40f7df3c372238b74ce29fd503bfa07cd54623ac9366049ce5775', '9d1bbfabb2032c86ea69215503e24acc51d5729b39a918c42597b1e2243b2a5d', 'da806ba574a87bbedffc10f6f94537275526959a2553bb915a6ff26801486cab');
INSERT INTO "evidence" (seq, made, what, entry_id, story, data, previous, hash, digest) VALUES (7, '2026-11-24T10:00:00.000Z', 'entry edited', 1, NULL, '{"before":[],"content_hash":"b9256c6160969e95048511b6eb821e35","facts":{"action":"fine","ai_leg":"face or biometric","evidence":{"action":"fines","ai_leg":"facial","jurisdiction":"ICO","organisation":"Clearview AI","regulator":"ICO"},"jurisdiction":"GB","organisation":"Clearview AI","organisations":["Clearview AI"],"regulator":"ICO","regulators":["ICO"]},"fetch":{"body_hash":"b","etag":"\"e\"","final_url":"https://cnil.example/rss","last_modified":null,"started":"2026-11-24T10:00:00.000Z","status":200},"first_seen":"2026-11-24T08:00:00.000Z","guid":"0","kind":"regulator","label":"relevant","language":"fr","legs":{"ai":["clearview","clearview ai","ai","facial recognition","facial"],"privacy":["facial","facial recognition","residents","faces","data protection"],"step":["fines","faces","breached"]},"model":"m-7ab2a5a2dfa0","published":"2026-11-24T10:00:00.000Z","published_raw":null,"score":0.985154311659508,"source":"CNIL actualités","summary":"The company''s database of faces breached UK data protection law.","text":"","threshold":0.57,"title":"ICO fines Clearview AI over facial recognition of UK residents (edited)","url":"https://cnil.example/0","why":[["[ai:distinct]",1.8631],["[privacy:distinct]",1.737],["[organisation:any]",1.6813],["[all legs in title]",1.293],["[x authority, strong step, strong ai, strong privacy]",1.1507],["[step:distinct]",1.0925],["[x headline authority and organisation]",0.9803],["[legs in one sentence]",0.9187],["[strong_privacy:title]",-0.7324],["[ai:any]",0.6129],["[authority name:any]",0.5505],["[privacy:title]",-0.5147]]}', '9d1bbfabb2032c86ea69215503e24acc51d5729b39a918c42597b1e2243b2a5d', 'e76c3af2302cbdd62b78ce9d84795c86421e2d8c639f5cfbff4641aa08fa481b', '96a6d224940f16fa75c5ac652fe9122bc79211b085bd5a9b4850b49a0e6680af');
INSERT INTO "evidence" (seq, made, what, entry_id, story, data, previous, hash, digest) VALUES (8, '2026-11-24T10:00:00.000Z', 'entry edited', 2, NULL, '{"before":[],"content_hash":"a8326a1e197b09b9bf624e58ccb17859","facts":{"action":"ban","ai_leg":"generative or chatbot","evidence":{"action":"blocks","ai_leg":"DeepSeek","jurisdiction":"Garante","organisation":"DeepSeek''s","regulator":"Garante"},"jurisdiction":"IT","organisation":"DeepSeek","organisations":["DeepSeek"],"regulator":"Garante","regulators":["Garante"]},"fetch":{"body_hash":"b","etag":"\"e\"","final_url":"https://cnil.example/rss","last_modified":null,"started":"2026-11-24T10:00:00.000Z","status":200},"first_seen":"2026-11-24T09:00:00.000Z","guid":"1","kind":"regulator","label":"relevant","language":"fr","legs":{"ai":["deepseek''s","chatbot","ai"],"privacy":["garante","personal data"],"step":["blocks","ordered","stop"]},"model":"m-7ab2a5a2dfa0","published":"2026-11-24T10:00:00.000Z","published_raw":null,"score":0.9659271845844585,"source":"CNIL actualités","summary":"The Italian authority ordered the AI company to stop processing personal data.","text":"","threshold":0.57,"title":"Garante blocks DeepSeek''s chatbot over personal data (edited)","url":"https://cnil.example/1","why":[["[organisation:any]",1.6813],["[ai:distinct]",1.4415],["[all legs in title]",1.293],["[x authority, strong step, strong ai, strong privacy]",1.1507],["[step:distinct]",1.0925],["[privacy:distinct]",1.065],["[x headline authority and organisation]",0.9803],["[legs in one sentence]",0.9187],["[strong_privacy:title]",-0.7324],["[strong_step:distinct]",0.6264],["[ai:any]",0.6129],["[authority name:any]",0.5505]]}', 'e76c3af2302cbdd62b78ce9d84795c86421e2d8c639f5cfbff4641aa08fa481b', '5a0d9f527ffb987da265c0fd7b21c06f8513e6d1eb667786781ef54bc95801f2', 'bd980dd7dfa529d7a78ce864e970212b3dedbde278e921d747c416f3f1bf4f10');
INSERT INTO "evidence" (seq, made, what, entry_id, story, data, previous, hash, digest) VALUES (9, '2026-11-24T08:00:00.000Z', 'judgement', 1, NULL, '{"author":"dpo","label":"relevant","model":"m-7ab2a5a2dfa0","origin":"cli","why":"a fine"}', '5a0d9f527ffb987da265c0fd7b21c06f8513e6d1eb667786781ef54bc95801f2', 'abc87d452aedbd173b19f7a169ad692fce9f3573720d541f508f57097c944f89', 'c68c1781c8ef7f611cf18b3d07009af9125dc3ec3454021db47eccac4ba94e06');
INSERT INTO "evidence" (seq, made, what, entry_id, story, data, previous, hash, digest) VALUES (10, '2026-11-24T08:00:00.000Z', 'silence begun', NULL, NULL, '{"author":"dpo","ends":"2026-12-03T08:00:00.000Z","field":"source","id":1,"lifted":null,"made":"2026-11-24T08:00:00.000Z","reason":"noise","value":"Nobody"}', 'abc87d452aedbd173b19f7a169ad692fce9f3573720d541f508f57097c944f89', 'f5e297d928f2568ce89bac9733559afceb10b8254439a87cdae84ace1f964a04', '4c9ec99ad2689f68694c23f13a17ba98d0b0cf65a941d0f2e00a7414a4d75d42');
INSERT INTO "evidence" (seq, made, what, entry_id, story, data, previous, hash, digest) VALUES (11, '2026-11-24T08:00:00.000Z', 'stories merged', NULL, 'S-2026-000001', '{"author":"dpo","entries":[1,2],"stories":["S-2026-000001","S-2026-000002"]}', 'f5e297d928f2568ce89bac9733559afceb10b8254439a87cdae84ace1f964a04', 'fb8fc99e7895842a40a72c43f133d88fb0f4ec0a294443b14714be1d9f337bdb', '3181bd9cc9e71cda0fa357dd9ca4f51efdcda9884bffa83f8e6dec1be59ec340');
INSERT INTO "evidence" (seq, made, what, entry_id, story, data, previous, hash, digest) VALUES (12, '2026-11-24T08:00:00.000Z', 'stories merged', NULL, 'S-2026-000002', '{"author":"dpo","entries":[1,2],"stories":["S-2026-000001","S-2026-000002"]}', 'fb8fc99e7895842a40a72c43f133d88fb0f4ec0a294443b14714be1d9f337bdb', 'dd40b0d5d590dfcb679016789f6745e2c48279da5d831ecaaaffc57bf7ccd79e', '98e76e0889804d71a145026257ec44ac59e49acbbaee159eb8cfd77958700311');
INSERT INTO "evidence" (seq, made, what, entry_id, story, data, previous, hash, digest) VALUES (13, '2026-11-24T08:00:00.000Z', 'story joined another', NULL, 'S-2026-000002', '{"gone":"S-2026-000002","heir":"S-2026-000001"}', 'dd40b0d5d590dfcb679016789f6745e2c48279da5d831ecaaaffc57bf7ccd79e', '492872fa9a704df5c2d4655c751ec0e51b0d3ce0b41431645241b496bec95dbc', 'be8676dd9ed53b9a2dbe8d7c876577ac6dc89624904371b973c074048fa801be');
INSERT INTO "evidence" (seq, made, what, entry_id, story, data, previous, hash, digest) VALUES (14, '2026-11-24T08:00:00.000Z', 'delivery', NULL, 'S-2026-000001', '{"alert":2,"attempts":0,"channel":"console","folded_into":null,"last_error":"another message of the channel tells the story","permalink":null,"sent_at":null,"state":"abandoned","ts":null,"uid":"2fc5ca0ddbd34ca3a4360a2785420c39"}', '492872fa9a704df5c2d4655c751ec0e51b0d3ce0b41431645241b496bec95dbc', '4fd51dc2339a44fa8baf15fcef8a9b284b2c60d283f1e21e6c2bf1435f972820', '9a250367aae542fb910c9875224010ae05d9b646fa8559d556d3eb8878fbeff9');
INSERT INTO "evidence" (seq, made, what, entry_id, story, data, previous, hash, digest) VALUES (15, '2026-11-24T08:00:00.000Z', 'delivery', NULL, 'S-2026-000001', '{"alert":2,"attempts":0,"channel":"C1","folded_into":null,"last_error":"another message of the channel tells the story","permalink":null,"sent_at":null,"state":"abandoned","ts":null,"uid":"8be4dbe58d544272a34fa4efeedb7838"}', '4fd51dc2339a44fa8baf15fcef8a9b284b2c60d283f1e21e6c2bf1435f972820', '30591fcf5668b1cf40d6e44d2245ae84283afe24d714193bfea05231c0f1ece0', '6eff6f5dc474e5fc6737b91788a797fec45e7d0e452120e0db30aea195d5b376');
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
INSERT INTO "notes" (key, value) VALUES ('digest', '2026-11-24T08:00:00.000Z');
CREATE INDEX deliveries_open ON deliveries(channel, id)
  WHERE state IN ('pending','sending','unknown','held');
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
CREATE TABLE story_index (
  key TEXT NOT NULL,
  day INTEGER NOT NULL,
  entry_id INTEGER NOT NULL REFERENCES entries(id),
  PRIMARY KEY (key, day, entry_id)
) STRICT, WITHOUT ROWID;
INSERT INTO "story_index" (key, day, entry_id) VALUES ('authority|ICO|*|sanction', 739944, 1);
INSERT INTO "story_index" (key, day, entry_id) VALUES ('case|ICO|clearview ai|sanction', 0, 1);
INSERT INTO "story_index" (key, day, entry_id) VALUES ('link|cnil.example/0', 0, 1);
INSERT INTO "story_index" (key, day, entry_id) VALUES ('party|clearview ai|*|sanction', 739944, 1);
INSERT INTO "story_index" (key, day, entry_id) VALUES ('party|clearview ai|ICO|sanction', 739944, 1);
INSERT INTO "story_index" (key, day, entry_id) VALUES ('authority|Garante|*|measure', 739944, 2);
INSERT INTO "story_index" (key, day, entry_id) VALUES ('case|Garante|deepseek|measure', 0, 2);
INSERT INTO "story_index" (key, day, entry_id) VALUES ('link|cnil.example/1', 0, 2);
INSERT INTO "story_index" (key, day, entry_id) VALUES ('party|deepseek|*|measure', 739944, 2);
INSERT INTO "story_index" (key, day, entry_id) VALUES ('party|deepseek|Garante|measure', 739944, 2);
CREATE INDEX story_index_entry ON story_index(entry_id);
CREATE TABLE story_cases (
  key TEXT NOT NULL,
  began TEXT NOT NULL,
  story_id INTEGER NOT NULL REFERENCES stories(id),
  sought INTEGER NOT NULL,
  PRIMARY KEY (key, began, story_id)
) STRICT, WITHOUT ROWID;
INSERT INTO "story_cases" (key, began, story_id, sought) VALUES ('clearview ai|@GB|face or biometric', '2026-11-24T10:00:00.000Z', 1, 0);
INSERT INTO "story_cases" (key, began, story_id, sought) VALUES ('clearview ai|Garante|face or biometric', '2026-11-24T10:00:00.000Z', 1, 1);
INSERT INTO "story_cases" (key, began, story_id, sought) VALUES ('clearview ai|ICO|face or biometric', '2026-11-24T10:00:00.000Z', 1, 1);
INSERT INTO "story_cases" (key, began, story_id, sought) VALUES ('deepseek|@GB|face or biometric', '2026-11-24T10:00:00.000Z', 1, 0);
INSERT INTO "story_cases" (key, began, story_id, sought) VALUES ('deepseek|Garante|face or biometric', '2026-11-24T10:00:00.000Z', 1, 1);
INSERT INTO "story_cases" (key, began, story_id, sought) VALUES ('deepseek|ICO|face or biometric', '2026-11-24T10:00:00.000Z', 1, 1);
CREATE INDEX story_cases_story ON story_cases(story_id);
CREATE INDEX story_links_follows ON story_links(follows_id);
CREATE INDEX entries_link ON entries(link_key, feed_id);
CREATE INDEX entries_fetch ON entries(fetch_id) WHERE fetch_id IS NOT NULL;
CREATE INDEX verdicts_passed ON verdicts(model, score) WHERE screened = 0;
CREATE INDEX evidence_decisions ON evidence(made) WHERE what = 'decision';
CREATE VIRTUAL TABLE entries_fts USING fts5(
  title, summary, text, content="entries", content_rowid="id",
  tokenize="unicode61 remove_diacritics 2"
);
CREATE INDEX stories_sent ON stories(sent_at) WHERE sent_at IS NOT NULL;
CREATE TABLE watched (
  feed_id INTEGER NOT NULL REFERENCES feeds(id),
  day TEXT NOT NULL,
  polls INTEGER NOT NULL,
  good INTEGER NOT NULL,
  new_entries INTEGER NOT NULL,
  PRIMARY KEY (feed_id, day)
) STRICT, WITHOUT ROWID;
INSERT INTO "watched" (feed_id, day, polls, good, new_entries) VALUES (1, '2026-11-24', 3, 3, 3);
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
CREATE VIEW hits AS
SELECT e.id AS entry_id, s.public_id AS story_id, e.title, e.url, e.source, e.kind,
  e.published, e.first_seen, se.score,
  s.regulator, s.organisation, s.jurisdiction, s.action, s.amount, s.currency, e.language,
  s.sent_at
FROM story_entries se
JOIN entries e ON e.id = se.entry_id
JOIN stories s ON s.id = se.story_id;
CREATE VIEW story_list AS
SELECT s.public_id AS story_id, s.title, s.first_seen, s.last_seen,
  (SELECT count(*) FROM story_entries se WHERE se.story_id = s.id) AS hits,
  (SELECT count(DISTINCT e.source) FROM story_entries se JOIN entries e ON e.id = se.entry_id
    WHERE se.story_id = s.id) AS sources,
  s.lead_url, s.regulator, s.organisation, s.jurisdiction, s.action, s.amount, s.currency
FROM stories s
WHERE s.merged_into IS NULL;
CREATE VIEW stories_by_month AS
SELECT substr(first_seen, 1, 7) AS month, regulator, jurisdiction, action, currency,
  count(*) AS stories, sum(amount) AS amount
FROM stories
WHERE merged_into IS NULL
GROUP BY 1, 2, 3, 4, 5;
CREATE VIEW hits_by_month AS
SELECT substr(se.added, 1, 7) AS month, s.regulator, count(*) AS hits,
  count(DISTINCT s.id) AS stories
FROM story_entries se
JOIN stories s ON s.id = se.story_id
GROUP BY 1, 2;
CREATE VIEW alert_times AS
SELECT s.public_id AS story_id, s.title, e.source, d.channel, e.published, e.first_seen,
  d.sent_at,
  round((julianday(e.first_seen) - julianday(e.published)) * 1440, 1) AS minutes_to_seen,
  round((julianday(d.sent_at) - julianday(e.first_seen)) * 1440, 1) AS minutes_to_alert,
  round((julianday(d.sent_at) - julianday(e.published)) * 1440, 1) AS minutes_in_all
FROM deliveries d
JOIN alerts a ON a.id = d.alert_id AND a.kind = 'new'
JOIN stories s ON s.id = a.story_id
JOIN entries e ON e.id = s.lead_entry_id
WHERE d.state = 'sent';
CREATE VIEW delivery_list AS
SELECT d.id AS delivery_id, a.id AS alert_id, a.kind, s.public_id AS story_id,
  coalesce(s.title, a.subject) AS about, a.reason, d.channel, d.state, d.attempts, d.created,
  d.sent_at, d.last_error, d.permalink
FROM deliveries d
JOIN alerts a ON a.id = d.alert_id
LEFT JOIN stories s ON s.id = a.story_id;
CREATE VIEW source_health AS
SELECT f.name, f.kind, f.jurisdiction, f.state, f.error_class, f.failing_since, f.last_ok,
  f.last_new, f.next_due, f.polls, f.entries_seen,
  (SELECT count(*) FROM fetches p WHERE p.feed_id = f.id
    AND p.started >= strftime('%Y-%m-%d', 'now', '-7 days')) AS polls_7d,
  (SELECT count(*) FROM fetches p WHERE p.feed_id = f.id AND p.outcome = 'failed'
    AND p.started >= strftime('%Y-%m-%d', 'now', '-7 days')) AS failed_7d,
  f.told
FROM feeds f
WHERE f.configured = 1;
CREATE VIEW judgements AS
SELECT l.id AS label_id, l.entry_id, s.public_id AS story_id, e.title, e.url, e.source,
  l.label, l.why, l.author, l.made, l.model, l.origin
FROM labels l
JOIN entries e ON e.id = l.entry_id
LEFT JOIN story_entries se ON se.entry_id = l.entry_id
LEFT JOIN stories s ON s.id = se.story_id;
CREATE VIEW precision_by_source AS
SELECT e.source, substr(e.first_seen, 1, 7) AS month, count(*) AS judged,
  sum(l.label = 'relevant') AS relevant, round(avg(l.label = 'relevant'), 3) AS precision
FROM labels l
JOIN story_entries se ON se.entry_id = l.entry_id
JOIN entries e ON e.id = l.entry_id
WHERE l.id = (SELECT max(x.id) FROM labels x WHERE x.entry_id = l.entry_id)
GROUP BY 1, 2;
CREATE VIEW cases AS
WITH RECURSIVE step(root, id, number) AS (
  SELECT s.id, s.id, 1 FROM stories s WHERE s.merged_into IS NULL
    AND EXISTS (SELECT 1 FROM story_links l WHERE l.follows_id = s.id)
    AND NOT EXISTS (SELECT 1 FROM story_links l WHERE l.story_id = s.id)
  UNION
  SELECT step.root, l.story_id, step.number + 1 FROM step
    JOIN story_links l ON l.follows_id = step.id WHERE step.number < 100
)
SELECT r.public_id AS case_id, step.number AS step, s.public_id AS story_id, s.event_date,
  s.regulator, s.organisation, s.action, s.amount, s.currency, s.title, s.lead_url
FROM step
JOIN stories r ON r.id = step.root
JOIN stories s ON s.id = step.id;
CREATE VIEW entry_history AS
SELECT entry_id, seen, title, url, summary, text, published, content_hash, fetch_id
FROM entry_versions
UNION ALL
SELECT id, last_seen, title, url, summary, text, published, content_hash, fetch_id FROM entries;
CREATE VIEW watched_days AS
SELECT f.name, w.day, w.polls, w.good, w.new_entries
FROM watched w
JOIN feeds f ON f.id = w.feed_id;
CREATE TRIGGER entries_ai AFTER INSERT ON entries BEGIN
  INSERT INTO entries_fts(rowid, title, summary, text)
  VALUES (new.id, new.title, new.summary, new.text);
END;
INSERT INTO entries_fts(entries_fts) VALUES ('rebuild');
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
CREATE TRIGGER evidence_no_update BEFORE UPDATE ON evidence BEGIN
  SELECT RAISE(ABORT, 'evidence is append-only');
END;
CREATE TRIGGER evidence_no_delete BEFORE DELETE ON evidence BEGIN
  SELECT RAISE(ABORT, 'evidence is append-only');
END;
CREATE TRIGGER stories_sent_by_delivery AFTER UPDATE OF state ON deliveries
WHEN new.state = 'sent' BEGIN
  UPDATE stories SET sent_at = min(coalesce(sent_at, new.sent_at), new.sent_at)
  WHERE id = (SELECT story_id FROM alerts WHERE id = new.alert_id);
END;
CREATE TRIGGER stories_sent_by_merge AFTER UPDATE OF story_id ON alerts BEGIN
  UPDATE stories SET sent_at = (SELECT min(d.sent_at) FROM alerts a
    JOIN deliveries d ON d.alert_id = a.id WHERE a.story_id = stories.id AND d.state = 'sent')
  WHERE id IN (old.story_id, new.story_id);
END;
CREATE TRIGGER watched_by_fetch AFTER INSERT ON fetches BEGIN
  INSERT INTO watched VALUES
    (new.feed_id, substr(new.started, 1, 10), 1, new.outcome <> 'failed', new.new)
  ON CONFLICT (feed_id, day) DO UPDATE SET polls = polls + 1, good = good + excluded.good,
    new_entries = new_entries + excluded.new_entries;
END;
