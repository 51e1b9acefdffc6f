DROP TABLE audit_entries;
DROP FUNCTION audit_entries_stay;
DROP TABLE member_invitations;
ALTER TABLE members DROP COLUMN joined_at;
ALTER TABLE teams DROP COLUMN revision;
ALTER TABLE teams DROP COLUMN retention_days;
