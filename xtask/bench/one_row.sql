-- One unique row per transaction: what the engine does at most for single commits.
INSERT INTO bench_rows (id, body)
VALUES (gen_random_uuid(), 'a body of about the length that a lead has, with name, region and wish');
