-- What attempts began with, word for word, so that they can be shown and scored again when the files have changed.
CREATE TABLE bank_sources (
    kind    TEXT NOT NULL CHECK (kind IN ('question', 'prompt', 'set')),
    name    TEXT NOT NULL,
    version TEXT NOT NULL,
    source  TEXT NOT NULL,
    PRIMARY KEY (kind, name, version)
);

CREATE TABLE attempts (
    id           TEXT PRIMARY KEY NOT NULL,
    user_id      TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    set_slug     TEXT NOT NULL,
    set_version  TEXT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('open', 'submitted')),
    started_at   BIGINT NOT NULL,
    deadline     BIGINT,
    submitted_at BIGINT
);
CREATE INDEX attempts_by_user ON attempts (user_id, set_slug);

-- Scores are in thousandths of a point.
CREATE TABLE attempt_items (
    attempt_id TEXT NOT NULL REFERENCES attempts (id) ON DELETE CASCADE,
    position   INTEGER NOT NULL,
    section    TEXT NOT NULL,
    kind       TEXT NOT NULL CHECK (kind IN ('question', 'prompt', 'exercise')),
    name       TEXT NOT NULL,
    version    TEXT NOT NULL,
    seed       BIGINT NOT NULL,
    max_score  INTEGER NOT NULL,
    score      INTEGER,
    grading    INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (attempt_id, position)
);

CREATE TABLE responses (
    attempt_id TEXT NOT NULL,
    position   INTEGER NOT NULL,
    answer     TEXT NOT NULL,
    revision   BIGINT NOT NULL,
    saved_at   BIGINT NOT NULL,
    PRIMARY KEY (attempt_id, position),
    FOREIGN KEY (attempt_id, position) REFERENCES attempt_items (attempt_id, position) ON DELETE CASCADE
);
