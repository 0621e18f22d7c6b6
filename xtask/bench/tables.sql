-- Tables of the reference scripts, separate from the exchange's own.
CREATE TABLE bench_leads (
  id UUID PRIMARY KEY, niche_id INT NOT NULL, phone_hash BYTEA NOT NULL UNIQUE,
  body TEXT NOT NULL, received_at BIGINT NOT NULL
);
CREATE TABLE bench_offers (id INT PRIMARY KEY, sold BIGINT NOT NULL);
CREATE TABLE bench_awards (
  id UUID PRIMARY KEY, lead_id UUID NOT NULL, offer_id INT NOT NULL, price BIGINT NOT NULL
);
CREATE TABLE bench_balances (id INT PRIMARY KEY, amount BIGINT NOT NULL);
CREATE TABLE bench_postings (
  id UUID PRIMARY KEY, award_id UUID NOT NULL, account_id INT NOT NULL, amount BIGINT NOT NULL
);
CREATE TABLE bench_outbox (id UUID PRIMARY KEY, topic TEXT NOT NULL, payload TEXT NOT NULL);
CREATE TABLE bench_rows (id UUID PRIMARY KEY, body TEXT NOT NULL);
INSERT INTO bench_offers SELECT n, 0 FROM generate_series(1, 100) AS n;
INSERT INTO bench_balances SELECT n, 1000000000000 FROM generate_series(1, 200) AS n;
