ALTER TABLE attempt_items DROP COLUMN submissions;
DROP INDEX attempts_by_deadline;
ALTER TABLE attempts DROP COLUMN ended_by;
