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
