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

-- SQLite can't drop a column that a constraint names, so the table is made anew, and the tables that refer to it with it.
CREATE TABLE submissions_new (
    id              TEXT PRIMARY KEY NOT NULL,
    user_id         TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    exercise        TEXT NOT NULL,
    mode            TEXT NOT NULL CHECK (mode IN ('graded', 'public')),
    attempt_id      TEXT,
    position        INTEGER,
    verdict         TEXT CHECK (verdict IN ('accepted', 'partial', 'wrong_answer', 'compile_error', 'time_limit',
                        'memory_limit', 'output_limit', 'process_limit', 'disk_limit', 'runtime_error',
                        'policy_violation', 'internal_error')),
    score           INTEGER,
    max_score       INTEGER,
    package_version TEXT,
    traceparent     TEXT,
    created_at      BIGINT NOT NULL,
    finished_at     BIGINT,
    report          TEXT,
    FOREIGN KEY (attempt_id, position) REFERENCES attempt_items (attempt_id, position) ON DELETE CASCADE,
    CHECK ((verdict IS NULL) = (finished_at IS NULL))
);
INSERT INTO submissions_new (id, user_id, exercise, mode, attempt_id, position, verdict, score, max_score, package_version, traceparent, created_at, finished_at, report)
SELECT id, user_id, exercise, mode, attempt_id, position, verdict, score, max_score, package_version, traceparent, created_at, finished_at, report FROM submissions;
CREATE TABLE submission_files_new (
    submission_id TEXT PRIMARY KEY NOT NULL REFERENCES submissions_new (id) ON DELETE CASCADE,
    files         TEXT NOT NULL
);
INSERT INTO submission_files_new (submission_id, files) SELECT submission_id, files FROM submission_files;
CREATE TABLE submission_events_new (
    submission_id TEXT NOT NULL REFERENCES submissions_new (id) ON DELETE CASCADE,
    seq           INTEGER NOT NULL,
    kind          TEXT NOT NULL CHECK (kind IN ('queued', 'stage', 'test', 'finished')),
    data          TEXT NOT NULL,
    PRIMARY KEY (submission_id, seq)
);
INSERT INTO submission_events_new (submission_id, seq, kind, data)
SELECT submission_id, seq, kind, data FROM submission_events;
DROP TABLE submission_events;
DROP TABLE submission_files;
DROP TABLE submissions;
ALTER TABLE submissions_new RENAME TO submissions;
ALTER TABLE submission_files_new RENAME TO submission_files;
ALTER TABLE submission_events_new RENAME TO submission_events;
CREATE INDEX submissions_by_user ON submissions (user_id, id);
CREATE INDEX submissions_by_item ON submissions (attempt_id, position);
