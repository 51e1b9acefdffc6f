-- What was handed in. The row is the job as well: `state` to `worker` are the queue.
CREATE TABLE submissions (
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
CREATE INDEX submissions_in_turn ON submissions (state, turn, id);
CREATE INDEX submissions_by_user ON submissions (user_id, id);
CREATE INDEX submissions_by_item ON submissions (attempt_id, position);

-- Beside the submission, so that a heartbeat does not write them again.
CREATE TABLE submission_files (
    submission_id TEXT PRIMARY KEY NOT NULL REFERENCES submissions (id) ON DELETE CASCADE,
    files         TEXT NOT NULL
);

-- What happened to a submission, counted from 1, so that any server can go on telling where another stopped.
CREATE TABLE submission_events (
    submission_id TEXT NOT NULL REFERENCES submissions (id) ON DELETE CASCADE,
    seq           INTEGER NOT NULL,
    kind          TEXT NOT NULL CHECK (kind IN ('queued', 'stage', 'test', 'finished')),
    data          TEXT NOT NULL,
    PRIMARY KEY (submission_id, seq)
);
