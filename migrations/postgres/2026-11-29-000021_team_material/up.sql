-- Questions and prompts of teams. `draft` is what is being edited and not in force; `number` is the version that is.
CREATE TABLE team_material (
    team_id    TEXT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    kind       TEXT NOT NULL CHECK (kind IN ('question', 'prompt')),
    slug       TEXT NOT NULL,
    title      TEXT NOT NULL,
    state      TEXT NOT NULL CHECK (state IN ('draft', 'ready', 'retired')),
    number     INTEGER,
    draft      TEXT,
    revision   BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (team_id, kind, slug)
);

-- Every source that was ever in force, with which sets may have been published. `version` is a hash of what can alter a score, so two
-- that differ in other words have the same one.
CREATE TABLE team_material_versions (
    team_id TEXT NOT NULL,
    kind    TEXT NOT NULL,
    slug    TEXT NOT NULL,
    number  INTEGER NOT NULL,
    version TEXT NOT NULL,
    source  TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    PRIMARY KEY (team_id, kind, slug, number),
    FOREIGN KEY (team_id, kind, slug) REFERENCES team_material (team_id, kind, slug) ON DELETE CASCADE
);
