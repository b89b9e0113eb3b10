"""The archive's views, made anew after every migration.

A changed or new view reaches archives of the same form with the next step; nothing of a view is
data. Knows nothing of connections.
"""

from __future__ import annotations

VIEWS = """
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
"""
