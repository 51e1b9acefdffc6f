-- A key belongs to a person and goes with the account. Those of strangers and of browsers' cookies are forgotten.
CREATE TABLE idempotency_keys_new (
    user_id      TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    key          TEXT NOT NULL,
    fingerprint  TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    status       INTEGER,
    headers      TEXT,
    body         BLOB,
    PRIMARY KEY (user_id, key)
);
INSERT INTO idempotency_keys_new (user_id, key, fingerprint, created_at, status, headers, body)
SELECT caller, key, fingerprint, created_at, status, headers, body FROM idempotency_keys
WHERE caller IN (SELECT id FROM users);
DROP TABLE idempotency_keys;
ALTER TABLE idempotency_keys_new RENAME TO idempotency_keys;
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
