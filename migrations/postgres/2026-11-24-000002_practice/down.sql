DROP TABLE prompt_responses;
DROP TABLE answers;
