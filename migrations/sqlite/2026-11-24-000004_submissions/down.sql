DROP TABLE submission_events;
DROP TABLE submission_files;
DROP TABLE submissions;
