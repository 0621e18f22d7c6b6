-- A million approved conversions of two thousand publishers, one in forty partly returned.
INSERT INTO conversions (id, award_id, lead_id, offer_id, offer_version_id, buyer_id, publisher_id,
  niche_id, goal, state, price, earning, fee, take_rate_bps, currency, returned_bps, given_earning,
  given_fee, unfunded, return_until, hold_until, lock_at, occurred_at, created_at, approved_at)
SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), gen_random_uuid(),
  gen_random_uuid(), gen_random_uuid(), md5('publisher ' || n % :publishers)::uuid,
  gen_random_uuid(), 'LEAD', 'APPROVED', 1000, 850, 150, 1500, 'RUB',
  CASE WHEN n % 40 = 0 THEN 2000 ELSE 0 END, CASE WHEN n % 40 = 0 THEN 170 ELSE 0 END,
  CASE WHEN n % 40 = 0 THEN 30 ELSE 0 END, 0, n, n, n, n, n, n
FROM generate_series(1, :conversions) AS n;
VACUUM ANALYZE conversions;
