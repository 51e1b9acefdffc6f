DROP TABLE responses;
DROP TABLE attempt_items;
DROP TABLE attempts;
DROP TABLE bank_sources;
