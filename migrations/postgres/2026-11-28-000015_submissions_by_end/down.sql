DROP INDEX submissions_by_end;
