CREATE TABLE idempotency_keys_old (
    caller       TEXT NOT NULL,
    key          TEXT NOT NULL,
    fingerprint  TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    status       INTEGER,
    headers      TEXT,
    body         BYTEA,
    PRIMARY KEY (caller, key)
);
INSERT INTO idempotency_keys_old (caller, key, fingerprint, created_at, status, headers, body)
SELECT user_id, key, fingerprint, created_at, status, headers, body FROM idempotency_keys;
DROP TABLE idempotency_keys;
ALTER TABLE idempotency_keys_old RENAME TO idempotency_keys;
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
