-- Every practice answer, for good. Scores are in thousandths of a point; none yet where a person decides.
CREATE TABLE answers (
    id          TEXT PRIMARY KEY NOT NULL,
    user_id     TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    question    TEXT NOT NULL,
    version     TEXT NOT NULL,
    seed        BIGINT NOT NULL,
    answer      TEXT NOT NULL,
    hints       INTEGER NOT NULL,
    score       INTEGER,
    max_score   INTEGER NOT NULL,
    answered_at BIGINT NOT NULL
);
CREATE INDEX answers_by_user ON answers (user_id, id);

CREATE TABLE prompt_responses (
    id           TEXT PRIMARY KEY NOT NULL,
    user_id      TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    prompt       TEXT NOT NULL,
    version      TEXT NOT NULL,
    text         TEXT NOT NULL,
    responded_at BIGINT NOT NULL
);
CREATE INDEX prompt_responses_by_user ON prompt_responses (user_id, id);
