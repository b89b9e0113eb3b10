CREATE INDEX feeds_turn ON feeds(last_polled) WHERE configured = 1 AND enabled = 1;
