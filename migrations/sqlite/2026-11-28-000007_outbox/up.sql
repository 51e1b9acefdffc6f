-- Messages for other systems, written in the transaction that makes them necessary. Those of one ordering key leave in order.
CREATE TABLE outbox (
    id           TEXT PRIMARY KEY NOT NULL,
    channel      TEXT NOT NULL,
    ordering_key TEXT NOT NULL,
    payload      TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    deliveries   INTEGER NOT NULL DEFAULT 0,
    answer       TEXT,
    delivered_at BIGINT,
    abandoned_at BIGINT,
    CHECK (delivered_at IS NULL OR abandoned_at IS NULL)
);
CREATE INDEX outbox_in_order ON outbox (channel, ordering_key, id);
