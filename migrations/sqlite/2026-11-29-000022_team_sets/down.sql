DROP TABLE team_set_versions;
DROP TABLE team_sets;
