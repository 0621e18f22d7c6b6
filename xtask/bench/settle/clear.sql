-- As before: nothing is settled.
TRUNCATE statement_lines, statements, settlement_runs;
VACUUM ANALYZE statement_lines;
VACUUM ANALYZE conversions;
CHECKPOINT;
