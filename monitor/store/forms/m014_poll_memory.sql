ALTER TABLE feeds ADD COLUMN archive_url TEXT;
ALTER TABLE feeds ADD COLUMN steady_since TEXT;
