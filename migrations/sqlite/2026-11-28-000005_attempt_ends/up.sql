-- How an attempt ended, and how many submissions each of its exercises has had.
ALTER TABLE attempts ADD COLUMN ended_by TEXT CHECK (ended_by IN ('candidate', 'deadline'));
UPDATE attempts SET ended_by = CASE WHEN submitted_at = deadline THEN 'deadline' ELSE 'candidate' END
WHERE state = 'submitted';
CREATE INDEX attempts_by_deadline ON attempts (state, deadline);

ALTER TABLE attempt_items ADD COLUMN submissions INTEGER NOT NULL DEFAULT 0;
UPDATE attempt_items SET submissions = (
    SELECT count(*) FROM submissions
    WHERE submissions.attempt_id = attempt_items.attempt_id AND submissions.position = attempt_items.position
      AND submissions.mode = 'graded'
);
