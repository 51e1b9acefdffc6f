-- How far a candidate has come: answers that are emptied later open nothing again in a set that goes one way.
ALTER TABLE attempts ADD COLUMN furthest INTEGER NOT NULL DEFAULT 0;
UPDATE attempts SET furthest = coalesce((
    SELECT max(i.position) FROM attempt_items i
    LEFT JOIN responses r ON r.attempt_id = i.attempt_id AND r.position = i.position AND r.answer <> 'null'
    WHERE i.attempt_id = attempts.id AND (i.submissions > 0 OR r.position IS NOT NULL)
), 0);

-- What is said of a question, word for word, which its version doesn't decide: the file, and the misconceptions that it names.
CREATE TABLE question_wordings (
    question       TEXT NOT NULL,
    hash           TEXT NOT NULL,
    source         TEXT NOT NULL,
    misconceptions TEXT NOT NULL,
    PRIMARY KEY (question, hash)
);
-- The words that a question had when the attempt began. They weren't kept for attempts before this.
ALTER TABLE attempt_items ADD COLUMN wording TEXT;

-- Which submission an exercise's score comes from, and the version of the package that graded it.
ALTER TABLE attempt_items ADD COLUMN counted_submission TEXT;
ALTER TABLE attempt_items ADD COLUMN counted_version TEXT;
UPDATE attempt_items SET counted_submission = (
    SELECT s.id FROM submissions s
    WHERE s.attempt_id = attempt_items.attempt_id AND s.position = attempt_items.position
      AND s.mode = 'graded' AND s.verdict <> 'internal_error'
    ORDER BY CASE WHEN s.max_score > 0 THEN CAST(s.score AS DOUBLE PRECISION) / s.max_score ELSE 0 END DESC, s.id
    LIMIT 1
) WHERE kind = 'exercise';
UPDATE attempt_items SET counted_version = (
    SELECT s.package_version FROM submissions s WHERE s.id = attempt_items.counted_submission
) WHERE counted_submission IS NOT NULL;

-- An exercise that nothing was handed in for has earned nothing once its attempt is over.
UPDATE attempt_items SET score = 0
WHERE kind = 'exercise' AND submissions = 0 AND score IS NULL
  AND attempt_id IN (SELECT id FROM attempts WHERE state = 'submitted');

-- A person's submissions of one verdict, the newest first.
CREATE INDEX submissions_by_verdict ON submissions (user_id, verdict, id);
