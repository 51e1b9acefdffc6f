-- Finds the submissions whose events have been kept for long enough.
CREATE INDEX submissions_by_end ON submissions (finished_at);
