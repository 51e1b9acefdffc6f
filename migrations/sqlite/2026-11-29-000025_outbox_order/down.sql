DROP INDEX outbox_in_order;
CREATE INDEX outbox_in_order ON outbox (channel, ordering_key, id);
ALTER TABLE outbox DROP COLUMN seq;
