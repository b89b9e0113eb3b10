DROP INDEX entries_url;
DROP INDEX entries_feed_link;
CREATE INDEX entries_link ON entries(link_key, feed_id);
DROP INDEX entries_fetch;
CREATE INDEX entries_fetch ON entries(fetch_id) WHERE fetch_id IS NOT NULL;
DROP INDEX verdicts_model;
CREATE INDEX verdicts_passed ON verdicts(model, score) WHERE screened = 0;
CREATE INDEX evidence_decisions ON evidence(made) WHERE what = 'decision';
