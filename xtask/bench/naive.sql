-- The naive pipeline: one transaction of eight statements per lead.
\set offer random(1, 100)
\set buyer random(1, 100)
\set publisher random(101, 200)
\set person random(1, 1000000000000000)
BEGIN;
INSERT INTO bench_leads (id, niche_id, phone_hash, body, received_at)
VALUES (gen_random_uuid(), 1, int8send(:person), '{"name":"Anna","region":"MOW","wish":"a loan"}', 0)
ON CONFLICT DO NOTHING;
UPDATE bench_offers SET sold = sold + 1 WHERE id = :offer;
INSERT INTO bench_awards (id, lead_id, offer_id, price)
VALUES (gen_random_uuid(), gen_random_uuid(), :offer, 1000);
UPDATE bench_balances SET amount = amount - 1000 WHERE id = :buyer;
UPDATE bench_balances SET amount = amount + 850 WHERE id = :publisher;
INSERT INTO bench_postings (id, award_id, account_id, amount)
VALUES (gen_random_uuid(), gen_random_uuid(), :buyer, -1000),
       (gen_random_uuid(), gen_random_uuid(), :publisher, 850),
       (gen_random_uuid(), gen_random_uuid(), 0, 150);
INSERT INTO bench_outbox (id, topic, payload)
VALUES (gen_random_uuid(), 'award.created', '{"award":"x"}');
COMMIT;
