-- Which lanes workers serve, and when they last said so.
CREATE TABLE served_lanes (
    kind      TEXT NOT NULL CHECK (kind IN ('grading', 'delivery')),
    lane      TEXT NOT NULL,
    served_at BIGINT NOT NULL,
    PRIMARY KEY (kind, lane)
);
