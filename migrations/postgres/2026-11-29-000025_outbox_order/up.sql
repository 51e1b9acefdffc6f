-- The place of a message among those of its channel and ordering key. Its id follows the clock, which may be set back.
ALTER TABLE outbox ADD COLUMN seq BIGINT NOT NULL DEFAULT 0;
UPDATE outbox SET seq = (
    SELECT count(*) FROM outbox AS earlier
    WHERE earlier.channel = outbox.channel AND earlier.ordering_key = outbox.ordering_key AND earlier.id <= outbox.id
);
DROP INDEX outbox_in_order;
CREATE INDEX outbox_in_order ON outbox (channel, ordering_key, seq);
