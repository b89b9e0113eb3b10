ALTER TABLE stories ADD COLUMN sent_at TEXT;
UPDATE stories SET sent_at = (SELECT min(d.sent_at) FROM alerts a
  JOIN deliveries d ON d.alert_id = a.id WHERE a.story_id = stories.id AND d.state = 'sent');
CREATE INDEX stories_sent ON stories(sent_at) WHERE sent_at IS NOT NULL;
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
