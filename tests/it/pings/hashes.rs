//! Hashed contact data in a ping: duplicates are seen before the post, persons are not.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::stage::{Stage, code};
use crate::each_engine;

/// The n-th person's telephone number, normalised, hashed.
fn sha256(n: u64) -> String {
    hex::encode(Sha256::digest(format!("+7916{n:07}").as_bytes()))
}

/// MD5 of the first person's telephone number, `+79160000001`.
const MD5_OF_1: &str = "cf9fdd449d3da5af7bc91dccd5b9c720";
/// MD5 of the second one's.
const MD5_OF_2: &str = "0e5a3c794eeb800c6629172ee5b00490";

fn with(n: u64, hashes: Value) -> Value {
    json!({"fields": Stage::fields(n), "hashes": hashes})
}

each_engine! {
    async fn a_hash_of_a_sold_person_is_a_duplicate(app: TestApp) {
        let stage = Stage::open(app, 1_000_000).await;
        stage.offer(json!({})).await;
        assert_eq!(stage.market.send(&stage.source, 1).await["verdict"], "SOLD");
        let known = stage.ping_with(with(1, json!({"phone": sha256(1)}))).await;
        assert_eq!((&known["verdict"], code(&known)), (&json!("REFUSED"), "DUPLICATE_PHONE_30D"));
        let upper = stage.ping_with(with(1, json!({"phone": sha256(1).to_uppercase()}))).await;
        assert_eq!(code(&upper), "DUPLICATE_PHONE_30D");
        let fresh = stage.ping_with(with(2, json!({"phone": sha256(2)}))).await;
        assert_eq!(fresh["verdict"], "BIDS", "{fresh}");
        // Without a hash the post judges.
        let unknown = stage.ping(1).await;
        assert_eq!(unknown["verdict"], "BIDS");
        let post = stage.post(1, &unknown, json!({})).await;
        assert_eq!(code(&post), "DUPLICATE_PHONE_30D");
        // A ping takes nobody: the second person is still free for all.
        assert_eq!(stage.market.send(&stage.source, 2).await["verdict"], "SOLD");
        stage.app.finish().await;
    }

    async fn a_buyer_that_has_the_person_does_not_bid(app: TestApp) {
        let stage = Stage::open(app, 1_000_000).await;
        let version = "query($id: ID) { niche(id: $id) { version { schema policy } } }";
        let found = stage.market.operator.query(version, json!({"id": stage.market.niche_id})).await.unwrap();
        let mut version = found["niche"]["version"].clone();
        version["policy"]["dedupe"]["scope"] = json!("BUYER");
        version["nicheId"] = json!(stage.market.niche_id);
        stage.market.operator.mutate("publishNicheVersion", version, "niche { id }").await.unwrap();
        stage.offer(json!({})).await;
        assert_eq!(stage.market.send(&stage.source, 1).await["verdict"], "SOLD");
        let known = stage.ping_with(with(1, json!({"phone": sha256(1)}))).await;
        assert_eq!((&known["verdict"], code(&known)), (&json!("NO_BID"), "BUYER_HAS_PERSON"));
        let unknown = stage.ping(1).await;
        let post = stage.post(1, &unknown, json!({})).await;
        assert_eq!((&post["verdict"], code(&post)), (&json!("UNSOLD"), "BUYER_HAS_PERSON"));
        assert_eq!(stage.wallet().await, [950_000, 0, 0, 0, 0]);
        stage.app.finish().await;
    }

    async fn another_person_than_the_hash_is_a_contradiction_without_values(app: TestApp) {
        let stage = Stage::open(app, 1_000_000).await;
        stage.offer(json!({})).await;
        let ping = stage.ping_with(with(1, json!({"phone": sha256(1)}))).await;
        let mut post = json!({"fields": Stage::fields(1)});
        post["fields"]["phone"] = json!("8 (916) 000-00-02");
        let post = stage.post(1, &ping, post).await;
        assert_eq!(post["verdict"], "REJECTED");
        assert_eq!(
            post["reasons"],
            json!([{
                "code": "PING_CONTRADICTED", "path": "fields.phone",
                "message": "The hash in the ping was of another value.",
            }])
        );
        assert_eq!(stage.post(1, &ping, json!({})).await["verdict"], "SOLD");
        stage.app.finish().await;
    }

    async fn md5_finds_persons_where_the_niche_keeps_it(app: TestApp) {
        let stage = Stage::open(app, 1_000_000).await;
        stage.offer(json!({})).await;
        let refused = stage.ping_with(with(1, json!({"phone": MD5_OF_1, "region": sha256(1), "email": "x"}))).await;
        let told: Vec<(&str, &str)> = refused["reasons"].as_array().unwrap().iter()
            .map(|reason| (reason["code"].as_str().unwrap(), reason["path"].as_str().unwrap()))
            .collect();
        assert_eq!(refused["verdict"], "REFUSED");
        assert_eq!(
            told,
            [("BAD_HASH", "hashes.email"), ("HASH_NOT_TAKEN", "hashes.phone"), ("HASH_NOT_TAKEN", "hashes.region")]
        );
        let claims = "SELECT COUNT(*) AS n FROM claims";
        assert_eq!(stage.market.send(&stage.source, 1).await["verdict"], "SOLD");
        assert_eq!(stage.number(claims).await, 2, "telephone and e-mail, nothing more");

        let version = "query($id: ID) { niche(id: $id) { version { schema policy } } }";
        let found = stage.market.operator.query(version, json!({"id": stage.market.niche_id})).await.unwrap();
        let mut version = found["niche"]["version"].clone();
        version["policy"]["dedupe"]["md5"] = json!(true);
        version["nicheId"] = json!(stage.market.niche_id);
        stage.market.operator.mutate("publishNicheVersion", version, "niche { id }").await.unwrap();
        // Whoever comes first renews the book.
        assert_eq!(stage.ping(9).await["verdict"], "BIDS");
        assert_eq!(stage.ping_with(with(2, json!({"phone": MD5_OF_2}))).await["verdict"], "BIDS");
        assert_eq!(stage.market.send(&stage.source, 2).await["verdict"], "SOLD");
        assert_eq!(stage.number(claims).await, 6, "each of the second person twice");
        let known = stage.ping_with(with(2, json!({"phone": MD5_OF_2}))).await;
        assert_eq!((&known["verdict"], code(&known)), (&json!("REFUSED"), "DUPLICATE_PHONE_30D"));
        let known = stage.ping_with(with(2, json!({"phone": sha256(2)}))).await;
        assert_eq!(code(&known), "DUPLICATE_PHONE_30D");
        let before = stage.ping_with(with(1, json!({"phone": MD5_OF_1}))).await;
        assert_eq!(before["verdict"], "BIDS", "sold before the niche kept MD5");
        stage.app.finish().await;
    }
}
