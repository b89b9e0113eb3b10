ALTER TABLE deliveries ADD COLUMN repeats INTEGER NOT NULL DEFAULT 0;
CREATE INDEX deliveries_open ON deliveries(channel, id)
  WHERE state IN ('pending','sending','unknown','held');
