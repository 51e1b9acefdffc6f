DROP TABLE team_material_versions;
DROP TABLE team_material;
