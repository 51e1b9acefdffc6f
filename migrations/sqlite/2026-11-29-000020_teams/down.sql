DROP TABLE audit_entries;
DROP TABLE member_invitations;
ALTER TABLE members DROP COLUMN joined_at;
ALTER TABLE teams DROP COLUMN revision;
ALTER TABLE teams DROP COLUMN retention_days;
