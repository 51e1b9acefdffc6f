CREATE TABLE submissions_new (
    id              TEXT PRIMARY KEY NOT NULL,
    user_id         TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    exercise        TEXT NOT NULL,
    mode            TEXT NOT NULL CHECK (mode IN ('graded', 'public')),
    attempt_id      TEXT,
    position        INTEGER,
    state           TEXT NOT NULL CHECK (state IN ('queued', 'running', 'finished')),
    turn            BIGINT NOT NULL,
    ready_at        BIGINT NOT NULL,
    tries           INTEGER NOT NULL DEFAULT 0,
    lease_token     TEXT,
    lease_until     BIGINT,
    worker          TEXT,
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
    CHECK ((state = 'finished') = (verdict IS NOT NULL)),
    CHECK ((state = 'running') = (lease_token IS NOT NULL))
);
INSERT INTO submissions_new (id, user_id, exercise, mode, attempt_id, position, verdict, score, max_score, package_version, traceparent, created_at, finished_at, report,
    state, turn, ready_at, tries, lease_token, lease_until, worker)
SELECT s.id, s.user_id, s.exercise, s.mode, s.attempt_id, s.position, s.verdict, s.score, s.max_score, s.package_version, s.traceparent, s.created_at, s.finished_at, s.report,
    CASE WHEN s.verdict IS NOT NULL THEN 'finished' WHEN j.lease_token IS NOT NULL THEN 'running' ELSE 'queued' END,
    coalesce(j.turn, 0), coalesce(j.ready_at, s.created_at), coalesce(j.attempt, 1), j.lease_token, j.lease_until, j.worker
FROM submissions s LEFT JOIN jobs j ON j.id = s.id;
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
CREATE INDEX submissions_in_turn ON submissions (state, turn, id);
CREATE INDEX submissions_by_user ON submissions (user_id, id);
CREATE INDEX submissions_by_item ON submissions (attempt_id, position);
DROP TABLE jobs;
