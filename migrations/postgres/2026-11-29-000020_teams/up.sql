ALTER TABLE teams ADD COLUMN retention_days INTEGER NOT NULL DEFAULT 365;
-- Counts the changes of what its members may edit.
ALTER TABLE teams ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;

ALTER TABLE members ADD COLUMN joined_at BIGINT NOT NULL DEFAULT 0;
UPDATE members SET joined_at = (SELECT created_at FROM teams WHERE teams.id = members.team_id);

CREATE TABLE member_invitations (
    id         TEXT PRIMARY KEY NOT NULL,
    team_id    TEXT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    role       TEXT NOT NULL CHECK (role IN ('owner', 'author', 'reviewer')),
    email      TEXT,
    token_hash TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX member_invitations_by_team ON member_invitations (team_id);

-- What was done in a team. Each entry's hash covers the hash of the one before.
CREATE TABLE audit_entries (
    team_id TEXT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    seq     BIGINT NOT NULL,
    at      BIGINT NOT NULL,
    actor   TEXT NOT NULL,
    action  TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail  TEXT NOT NULL,
    hash    TEXT NOT NULL,
    PRIMARY KEY (team_id, seq)
);
CREATE FUNCTION audit_entries_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND NOT EXISTS (SELECT 1 FROM teams WHERE id = OLD.team_id) THEN
        -- A team that is erased takes its log with it.
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'an entry of the audit log never changes and is never removed';
END $$;
CREATE TRIGGER audit_entries_stay BEFORE UPDATE OR DELETE ON audit_entries
FOR EACH ROW EXECUTE FUNCTION audit_entries_stay();
