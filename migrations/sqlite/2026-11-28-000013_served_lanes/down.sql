DROP TABLE served_lanes;
