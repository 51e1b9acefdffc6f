DROP TABLE idempotency_keys;
DROP TABLE members;
DROP TABLE teams;
DROP TABLE refresh_tokens;
DROP TABLE sessions;
DROP TABLE users;
