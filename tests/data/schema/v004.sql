PRAGMA application_id = 1380407124;
PRAGMA user_version = 4;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" (id, migration_set, name, applied_at) VALUES (1, 'regwatch', 'm001_tables', '2026-11-25 02:38:44.094921+00:00');
INSERT INTO "_sqlite_migrations" (id, migration_set, name, applied_at) VALUES (2, 'regwatch', 'm002_search', '2026-11-25 02:38:44.095542+00:00');
INSERT INTO "_sqlite_migrations" (id, migration_set, name, applied_at) VALUES (3, 'regwatch', 'm003_append_only', '2026-11-25 02:38:44.095747+00:00');
INSERT INTO "_sqlite_migrations" (id, migration_set, name, applied_at) VALUES (4, 'regwatch', 'm004_views', '2026-11-25 02:38:44.096074+00:00');
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
) STRICT;
INSERT INTO "feeds" (id, name, url, host, kind, jurisdiction, language, watch, configured, enabled, lease_until, lease_owner, state, error_class, error, failures, failing_since, active_url, etag, last_modified, body_hash, validators_url, first_polled, last_polled, last_ok, last_changed, last_unconditional, last_new, newest_published, usual_gap_s, next_due, next_reason, not_before, skip_hours, skip_days, redirect_url, redirect_since, gone_count, gone_since, primary_retry, selectors, polls, not_modified, bytes, entries_seen, told) VALUES (1, 'CNIL actualités', 'https://cnil.example/rss', 'cnil.example', 'regulator', 'FR', 'fr', 0, 1, 1, NULL, NULL, 'ok', NULL, NULL, 0, NULL, NULL, '"e"', NULL, 'b', 'https://cnil.example/rss', '2026-11-24T08:00:00.000Z', '2026-11-24T10:00:00.000Z', '2026-11-24T10:00:00.000Z', '2026-11-24T10:00:00.000Z', '2026-11-24T10:00:00.000Z', '2026-11-24T09:00:00.000Z', '2026-11-24T10:00:00.000Z', NULL, '2026-11-24T11:00:00.000Z', 'interval', NULL, '[]', '[]', NULL, NULL, 0, NULL, NULL, NULL, 3, 0, 0, 3, '[]');
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
INSERT INTO "verdicts" (id, entry_id, model, score, threshold, label, screened, legs, why, judged) VALUES (1, 1, 'm-2db2be0a39c8', 9.75466385190007390093e-01, 0.49, 'relevant', 0, '{"step":["fines","faces","breached"],"privacy":["facial","residents","faces","data protection"],"ai":["clearview","clearview ai","ai","facial recognition","facial"]}', '[["[ai:distinct]",2.249],["[privacy:distinct]",2.1715],["[organisation:any]",1.8392],["[all legs in title]",1.1194],["[strong_ai:count]",-1.1007],["[x authority, strong step, strong ai]",0.8143],["[privacy:title]",-0.7857],["[ai:any]",0.7519],["[strong_ai:any]",0.6278],["[step:count]",0.6232],["[x headline step and ai]",0.6057],["[authority name:any]",0.5318]]', '2026-11-24T10:00:00.000Z');
INSERT INTO "verdicts" (id, entry_id, model, score, threshold, label, screened, legs, why, judged) VALUES (2, 2, 'm-2db2be0a39c8', 9.13319921590348693385e-01, 0.49, 'relevant', 0, '{"step":["blocks","ordered","stop"],"privacy":["garante","personal data"],"ai":["deepseek''s","chatbot","ai"]}', '[["[organisation:any]",1.8392],["[ai:distinct]",1.74],["[privacy:distinct]",1.4823],["[all legs in title]",1.1194],["[strong_ai:count]",-1.1007],["[x authority, strong step, strong ai]",0.8143],["[privacy:title]",-0.7857],["[ai:any]",0.7519],["[step:count]",0.7235],["[strong_ai:any]",0.6278],["[x headline step and ai]",0.6057],["[authority name:any]",0.5318]]', '2026-11-24T10:00:00.000Z');
INSERT INTO "verdicts" (id, entry_id, model, score, threshold, label, screened, legs, why, judged) VALUES (3, 3, 'm-2db2be0a39c8', 0.0005, 0.49, 'irrelevant', 1, '{"step":[],"privacy":[],"ai":[]}', '[]', '2026-11-24T10:00:00.000Z');
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
INSERT INTO "stories" (id, public_id, title, lead_entry_id, lead_url, first_seen, last_seen, event_date, regulator, regulators, organisation, jurisdiction, action, amount, currency, amount_text, legal_basis, ai_leg, disagreements, merged_into) VALUES (1, 'S-2026-000001', 'ICO fines Clearview AI over facial recognition of UK residents (edited)', 1, 'https://cnil.example/0', '2026-11-24T08:00:00.000Z', '2026-11-24T09:00:00.000Z', '2026-11-24T10:00:00.000Z', 'ICO', '["ICO","Garante"]', 'Clearview AI', 'GB', 'fine', NULL, NULL, NULL, '[]', 'face or biometric', '{"regulator":{"ICO":[1],"Garante":[2]},"organisation":{"Clearview AI":[1],"DeepSeek":[2]},"jurisdiction":{"GB":[1],"IT":[2]},"action":{"fine":[1],"ban":[2]}}', NULL);
INSERT INTO "stories" (id, public_id, title, lead_entry_id, lead_url, first_seen, last_seen, event_date, regulator, regulators, organisation, jurisdiction, action, amount, currency, amount_text, legal_basis, ai_leg, disagreements, merged_into) VALUES (2, 'S-2026-000002', 'Garante blocks DeepSeek''s chatbot over personal data', 2, 'https://cnil.example/1', '2026-11-24T09:00:00.000Z', '2026-11-24T09:00:00.000Z', '2026-11-24T09:00:00.000Z', 'Garante', '["Garante"]', 'DeepSeek', 'IT', 'ban', NULL, NULL, NULL, '[]', 'generative or chatbot', '{}', 1);
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
INSERT INTO "story_entries" (entry_id, story_id, added, reason, score, model, facts) VALUES (1, 1, '2026-11-24T08:00:00.000Z', '', 9.75466385190007390093e-01, 'm-2db2be0a39c8', '{"regulator":"ICO","regulators":["ICO"],"organisation":"Clearview AI","organisations":["Clearview AI"],"jurisdiction":"GB","action":"fine","ai_leg":"face or biometric","evidence":{"action":"fines","regulator":"ICO","organisation":"Clearview AI"}}');
INSERT INTO "story_entries" (entry_id, story_id, added, reason, score, model, facts) VALUES (2, 1, '2026-11-24T09:00:00.000Z', '', 9.13319921590348693385e-01, 'm-2db2be0a39c8', '{"regulator":"Garante","regulators":["Garante"],"organisation":"DeepSeek","organisations":["DeepSeek"],"jurisdiction":"IT","action":"ban","ai_leg":"generative or chatbot","evidence":{"action":"blocks","regulator":"Garante","organisation":"DeepSeek''s"}}');
CREATE INDEX story_entries_story ON story_entries(story_id);
CREATE TABLE story_keys (
  key TEXT NOT NULL,
  entry_id INTEGER NOT NULL REFERENCES entries(id),
  PRIMARY KEY (key, entry_id)
) STRICT, WITHOUT ROWID;
INSERT INTO "story_keys" (key, entry_id) VALUES ('case:ICO|clearview ai|sanction', 1);
INSERT INTO "story_keys" (key, entry_id) VALUES ('link:cnil.example/0', 1);
INSERT INTO "story_keys" (key, entry_id) VALUES ('org:clearview ai|2026-11', 1);
INSERT INTO "story_keys" (key, entry_id) VALUES ('org:clearview ai|2026-12', 1);
INSERT INTO "story_keys" (key, entry_id) VALUES ('case:Garante|deepseek|measure', 2);
INSERT INTO "story_keys" (key, entry_id) VALUES ('link:cnil.example/1', 2);
INSERT INTO "story_keys" (key, entry_id) VALUES ('org:deepseek|2026-11', 2);
INSERT INTO "story_keys" (key, entry_id) VALUES ('org:deepseek|2026-12', 2);
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
) STRICT;
INSERT INTO "alerts" (id, story_id, kind, tier, reason, subject, text, created) VALUES (1, 1, 'new', NULL, 'a new story', NULL, NULL, '2026-11-24T08:00:00.000Z');
INSERT INTO "alerts" (id, story_id, kind, tier, reason, subject, text, created) VALUES (2, 1, 'new', NULL, 'a new story', NULL, NULL, '2026-11-24T09:00:00.000Z');
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
INSERT INTO "deliveries" (id, alert_id, channel, uid, state, attempts, not_before, created, last_tried, last_error, sent_at, ts, permalink, folded_into) VALUES (1, 1, 'console', '92060c8c6c7646919749f0a2fa723c9f', 'sent', 1, '2026-11-24T08:00:00.000Z', '2026-11-24T08:00:00.000Z', NULL, NULL, '2026-11-24T08:00:00.000Z', '1.2', NULL, NULL);
INSERT INTO "deliveries" (id, alert_id, channel, uid, state, attempts, not_before, created, last_tried, last_error, sent_at, ts, permalink, folded_into) VALUES (2, 1, 'C1', 'aafaeac27bbd4913b532cd95b904a10f', 'sent', 1, '2026-11-24T08:00:00.000Z', '2026-11-24T08:00:00.000Z', NULL, NULL, '2026-11-24T08:00:00.000Z', '1.2', NULL, NULL);
INSERT INTO "deliveries" (id, alert_id, channel, uid, state, attempts, not_before, created, last_tried, last_error, sent_at, ts, permalink, folded_into) VALUES (3, 2, 'console', 'f6793d4f455a42d291d8a4b76065192d', 'sent', 1, '2026-11-24T09:00:00.000Z', '2026-11-24T09:00:00.000Z', NULL, NULL, '2026-11-24T08:00:00.000Z', '1.2', NULL, NULL);
INSERT INTO "deliveries" (id, alert_id, channel, uid, state, attempts, not_before, created, last_tried, last_error, sent_at, ts, permalink, folded_into) VALUES (4, 2, 'C1', '38a50233946142818a24fc2b6776db42', 'sent', 1, '2026-11-24T09:00:00.000Z', '2026-11-24T09:00:00.000Z', NULL, NULL, '2026-11-24T08:00:00.000Z', '1.2', NULL, NULL);
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
INSERT INTO "labels" (id, entry_id, label, why, author, model, made, origin, envelope) VALUES (1, 1, 'relevant', 'a fine', 'dpo', 'm-2db2be0a39c8', '2026-11-24T08:00:00.000Z', 'cli', NULL);
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
INSERT INTO "runs" (id, started, heartbeat, ended, command, version, model, cycles, bugs, last_cycle) VALUES (1, '2026-11-24T08:00:00.000Z', '2026-11-24T08:00:00.000Z', NULL, 'run', '2026.11.0', 'm-2db2be0a39c8', 1, 0, '2026-11-24T08:00:00.000Z');
CREATE TABLE models (
  model TEXT PRIMARY KEY,
  adopted TEXT NOT NULL,
  threshold REAL NOT NULL,
  origin TEXT NOT NULL
) STRICT;
INSERT INTO "models" (model, adopted, threshold, origin) VALUES ('m-2db2be0a39c8', '2026-11-24T08:00:00.000Z', 0.49, 'service');
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
INSERT INTO "evidence" (seq, made, what, entry_id, story, data, previous, hash) VALUES (1, '2026-11-24T08:00:00.000Z', 'entry first seen', 1, NULL, '{"fetch":{"body_hash":"b","etag":"\"e\"","final_url":"https://cnil.example/rss","last_modified":null,"started":"2026-11-24T08:00:00.000Z","status":200},"legs":{"ai":["clearview","clearview ai","ai","facial recognition","facial"],"privacy":["facial","residents","faces","data protection"],"step":["fines","faces","breached"]},"model":"m-2db2be0a39c8","published":null,"score":0.9754663851900074,"source":"CNIL actualités","summary":"The company''s database of faces breached UK data protection law.","threshold":0.49,"title":"ICO fines Clearview AI over facial recognition of UK residents","url":"https://cnil.example/0"}', '0000000000000000000000000000000000000000000000000000000000000000', 'dba4687ed32d1b760c8da1b62f3516721ae00ad104509bfb38bab749acfaede1');
INSERT INTO "evidence" (seq, made, what, entry_id, story, data, previous, hash) VALUES (2, '2026-11-24T08:00:00.000Z', 'decision', 1, 'S-2026-000001', '{"alert":"new","reason":"a new story"}', 'dba4687ed32d1b760c8da1b62f3516721ae00ad104509bfb38bab749acfaede1', '796936c6b5da7ac54022d07ff52e09a56a267f0d6d35374aafe46c0ad51bb666');
INSERT INTO "evidence" (seq, made, what, entry_id, story, data, previous, hash) VALUES (3, '2026-11-24T09:00:00.000Z', 'entry first seen', 2, NULL, '{"fetch":{"body_hash":"b","etag":"\"e\"","final_url":"https://cnil.example/rss","last_modified":null,"started":"2026-11-24T09:00:00.000Z","status":200},"legs":{"ai":["deepseek''s","chatbot","ai"],"privacy":["garante","personal data"],"step":["blocks","ordered","stop"]},"model":"m-2db2be0a39c8","published":null,"score":0.9133199215903487,"source":"CNIL actualités","summary":"The Italian authority ordered the AI company to stop processing personal data.","threshold":0.49,"title":"Garante blocks DeepSeek''s chatbot over personal data","url":"https://cnil.example/1"}', '796936c6b5da7ac54022d07ff52e09a56a267f0d6d35374aafe46c0ad51bb666', 'a6e75eb7ce804fb550ea072ceeaba8f9e2c86ae3536e0630dd9c71312d07f6da');
INSERT INTO "evidence" (seq, made, what, entry_id, story, data, previous, hash) VALUES (4, '2026-11-24T09:00:00.000Z', 'decision', 2, 'S-2026-000002', '{"alert":"new","reason":"a new story"}', 'a6e75eb7ce804fb550ea072ceeaba8f9e2c86ae3536e0630dd9c71312d07f6da', 'af4451b2806c92518a0a1a76bbaf646eb6bac03dd3fae9889f56ff32e09fed63');
INSERT INTO "evidence" (seq, made, what, entry_id, story, data, previous, hash) VALUES (5, '2026-11-24T10:00:00.000Z', 'entry edited', 1, NULL, '{"fetch":{"body_hash":"b","etag":"\"e\"","final_url":"https://cnil.example/rss","last_modified":null,"started":"2026-11-24T10:00:00.000Z","status":200},"legs":{"ai":["clearview","clearview ai","ai","facial recognition","facial"],"privacy":["facial","residents","faces","data protection"],"step":["fines","faces","breached"]},"model":"m-2db2be0a39c8","published":null,"score":0.9754663851900074,"source":"CNIL actualités","summary":"The company''s database of faces breached UK data protection law.","threshold":0.49,"title":"ICO fines Clearview AI over facial recognition of UK residents (edited)","url":"https://cnil.example/0"}', 'af4451b2806c92518a0a1a76bbaf646eb6bac03dd3fae9889f56ff32e09fed63', '9bdc9fb033640812da8ca320f94d06dd450ca656b915ad4b1aefd966ce68c68f');
INSERT INTO "evidence" (seq, made, what, entry_id, story, data, previous, hash) VALUES (6, '2026-11-24T10:00:00.000Z', 'entry edited', 2, NULL, '{"fetch":{"body_hash":"b","etag":"\"e\"","final_url":"https://cnil.example/rss","last_modified":null,"started":"2026-11-24T10:00:00.000Z","status":200},"legs":{"ai":["deepseek''s","chatbot","ai"],"privacy":["garante","personal data"],"step":["blocks","ordered","stop"]},"model":"m-2db2be0a39c8","published":null,"score":0.9133199215903487,"source":"CNIL actualités","summary":"The Italian authority ordered the AI company to stop processing personal data.","threshold":0.49,"title":"Garante blocks DeepSeek''s chatbot over personal data (edited)","url":"https://cnil.example/1"}', '9bdc9fb033640812da8ca320f94d06dd450ca656b915ad4b1aefd966ce68c68f', 'a5d9c67bcc5dba3a0716bfbdb1cf79291fafcef2f3d219e3b1c354b1a83f2dc9');
INSERT INTO "evidence" (seq, made, what, entry_id, story, data, previous, hash) VALUES (7, '2026-11-24T08:00:00.000Z', 'judgement', 1, NULL, '{"author":"dpo","label":"relevant","model":"m-2db2be0a39c8","origin":"cli","why":"a fine"}', 'a5d9c67bcc5dba3a0716bfbdb1cf79291fafcef2f3d219e3b1c354b1a83f2dc9', '3a8ed5bb8c5dc13003dbf6e0ae1685505228cfef8e5ab8358fc0c9238096bc0e');
INSERT INTO "evidence" (seq, made, what, entry_id, story, data, previous, hash) VALUES (8, '2026-11-24T08:00:00.000Z', 'stories merged', NULL, 'S-2026-000001', '{"author":"dpo","stories":["S-2026-000001","S-2026-000002"]}', '3a8ed5bb8c5dc13003dbf6e0ae1685505228cfef8e5ab8358fc0c9238096bc0e', 'bbaee8fe7384b846a578c488f865b5407c6b4c085ec2e769b90c13dd68647db4');
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
CREATE VIRTUAL TABLE entries_fts USING fts5(
  title, summary, text, content='entries', content_rowid='id',
  tokenize="unicode61 remove_diacritics 2"
);
CREATE VIEW hits AS
SELECT e.id AS entry_id, s.public_id AS story_id, e.title, e.url, e.source, e.kind,
  e.published, e.first_seen, se.score,
  s.regulator, s.organisation, s.jurisdiction, s.action, s.amount, s.currency, e.language,
  (SELECT min(d.sent_at) FROM alerts a JOIN deliveries d ON d.alert_id = a.id
    WHERE a.story_id = s.id AND d.state = 'sent') AS sent_at
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
INSERT INTO entries_fts(entries_fts) VALUES ('rebuild');
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
CREATE TRIGGER evidence_no_update BEFORE UPDATE ON evidence BEGIN
  SELECT RAISE(ABORT, 'evidence is append-only');
END;
CREATE TRIGGER evidence_no_delete BEFORE DELETE ON evidence BEGIN
  SELECT RAISE(ABORT, 'evidence is append-only');
END;
