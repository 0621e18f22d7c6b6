-- What a careful person would type: totals per publisher, and one line per conversion.
BEGIN;
INSERT INTO settlement_runs (id, period_from, period_to, state, created_by, created_at)
VALUES (gen_random_uuid(), 0, 1e15::bigint, 'PLANNED', 'script', 1e15::bigint);
WITH totals AS (
  SELECT publisher_id, currency, gen_random_uuid() AS id,
    CAST(SUM(earning - given_earning) AS BIGINT) AS gross, COUNT(*)::int AS lines
  FROM conversions c
  WHERE state = 'APPROVED'
    AND NOT EXISTS (SELECT 1 FROM statement_lines l WHERE l.conversion_id = c.id)
  GROUP BY publisher_id, currency
), heads AS (
  INSERT INTO statements (id, run_id, publisher_id, currency, period_from, period_to, state,
    carried_in, gross, total, lines, created_at)
  SELECT t.id, r.id, t.publisher_id, t.currency, 0, r.period_to, 'DRAFT', 0, t.gross, t.gross,
    t.lines, r.created_at
  FROM totals t, settlement_runs r
  RETURNING id, publisher_id, currency
)
INSERT INTO statement_lines (conversion_id, statement_id, earning, given_back, amount)
SELECT c.id, h.id, c.earning, c.given_earning, c.earning - c.given_earning
FROM conversions c JOIN heads h ON h.publisher_id = c.publisher_id AND h.currency = c.currency
WHERE c.state = 'APPROVED'
  AND NOT EXISTS (SELECT 1 FROM statement_lines l WHERE l.conversion_id = c.id);
COMMIT;
