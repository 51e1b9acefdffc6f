DROP INDEX submissions_by_verdict;
ALTER TABLE attempt_items DROP COLUMN counted_version;
ALTER TABLE attempt_items DROP COLUMN counted_submission;
-- One wording of each version, which is what was kept before.
INSERT INTO bank_sources (kind, name, version, source)
SELECT 'question', i.name, i.version, min(w.source)
FROM attempt_items i JOIN question_wordings w ON w.question = i.name AND w.hash = i.wording
WHERE NOT EXISTS (SELECT 1 FROM bank_sources b WHERE b.kind = 'question' AND b.name = i.name AND b.version = i.version)
GROUP BY i.name, i.version;
ALTER TABLE attempt_items DROP COLUMN wording;
DROP TABLE question_wordings;
ALTER TABLE attempts DROP COLUMN furthest;
