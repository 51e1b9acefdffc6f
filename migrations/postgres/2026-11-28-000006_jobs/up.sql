-- Work that outlives a process. A job is named by what it is about: a grading by its submission.
CREATE TABLE jobs (
    id          TEXT PRIMARY KEY NOT NULL,
    kind        TEXT NOT NULL CHECK (kind IN ('grading', 'delivery')),
    lane        TEXT NOT NULL,
    owner       TEXT NOT NULL,
    turn        BIGINT NOT NULL,
    ready_at    BIGINT NOT NULL,
    attempt     INTEGER NOT NULL DEFAULT 0,
    lease_token TEXT,
    lease_until BIGINT,
    worker      TEXT,
    traceparent TEXT,
    created_at  BIGINT NOT NULL,
    CHECK ((lease_token IS NULL) = (lease_until IS NULL))
);
CREATE INDEX jobs_in_turn ON jobs (kind, lease_token, turn, id);
CREATE INDEX jobs_by_lease ON jobs (lease_until);
CREATE INDEX jobs_by_owner ON jobs (owner);
INSERT INTO jobs (id, kind, lane, owner, turn, ready_at, attempt, lease_token, lease_until, worker, traceparent, created_at)
SELECT id, 'grading', exercise, user_id, turn, ready_at, tries, lease_token, lease_until, worker, traceparent, created_at
FROM submissions WHERE state <> 'finished';

ALTER TABLE submissions DROP COLUMN state, DROP COLUMN turn, DROP COLUMN ready_at, DROP COLUMN tries,
    DROP COLUMN lease_token, DROP COLUMN lease_until, DROP COLUMN worker;
ALTER TABLE submissions ADD CHECK ((verdict IS NULL) = (finished_at IS NULL));
