CREATE TABLE refresh_tokens (
    token_hash TEXT PRIMARY KEY NOT NULL,
    family     TEXT NOT NULL,
    user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at    BIGINT
);
CREATE INDEX refresh_tokens_by_family ON refresh_tokens (family);
CREATE INDEX refresh_tokens_by_user ON refresh_tokens (user_id);
INSERT INTO refresh_tokens (token_hash, family, user_id, created_at, expires_at)
SELECT token_hash, 'fam' || substr(id, 4), user_id, created_at, expires_at FROM sessions WHERE kind = 'client';
DELETE FROM sessions WHERE kind = 'client';
ALTER TABLE sessions DROP COLUMN used_at;
ALTER TABLE sessions DROP COLUMN agent;
ALTER TABLE sessions DROP COLUMN previous_hash;
ALTER TABLE sessions DROP COLUMN kind;
