-- A sign-in is one row, by whichever way: a browser's cookie, or a client's refresh tokens, of which only the latest is good.
ALTER TABLE sessions ADD COLUMN kind TEXT NOT NULL DEFAULT 'browser' CHECK (kind IN ('browser', 'client'));
ALTER TABLE sessions ADD COLUMN previous_hash TEXT;
ALTER TABLE sessions ADD COLUMN agent TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN used_at BIGINT NOT NULL DEFAULT 0;
UPDATE sessions SET used_at = created_at;
INSERT INTO sessions (id, user_id, kind, token_hash, agent, created_at, used_at, expires_at)
SELECT 'ses' || substr(family, 4), user_id, 'client', token_hash, '', created_at, created_at, expires_at
FROM refresh_tokens WHERE used_at IS NULL;
DROP TABLE refresh_tokens;
