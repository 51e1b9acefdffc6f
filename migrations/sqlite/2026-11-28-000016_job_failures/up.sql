-- How often carrying out the job failed on our side; it was lost with its worker every other time that it was begun.
ALTER TABLE jobs ADD COLUMN failures INTEGER NOT NULL DEFAULT 0;
