-- A message about a person goes with the account; one that has left or was given up goes after a while.
ALTER TABLE outbox ADD COLUMN user_id TEXT REFERENCES users (id) ON DELETE CASCADE;
CREATE INDEX outbox_by_user ON outbox (user_id);
CREATE INDEX outbox_by_delivery ON outbox (delivered_at);
CREATE INDEX outbox_by_abandonment ON outbox (abandoned_at);
