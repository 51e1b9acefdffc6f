-- Sets of teams. `definition` is what is being edited, as JSON; `number` is the last version that was published, 0 before the first.
CREATE TABLE team_sets (
    id         TEXT PRIMARY KEY NOT NULL,
    team_id    TEXT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    title      TEXT NOT NULL,
    definition TEXT NOT NULL,
    number     INTEGER NOT NULL,
    edited     INTEGER NOT NULL CHECK (edited IN (0, 1)),
    revision   BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);
CREATE INDEX team_sets_by_team ON team_sets (team_id, id);

-- What was published never changes: the definition, and the versions of the team's material that it can ask.
CREATE TABLE team_set_versions (
    set_id       TEXT NOT NULL REFERENCES team_sets (id) ON DELETE CASCADE,
    number       INTEGER NOT NULL,
    definition   TEXT NOT NULL,
    material     TEXT NOT NULL,
    published_at BIGINT NOT NULL,
    PRIMARY KEY (set_id, number)
);
