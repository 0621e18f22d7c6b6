//! How claims and orders end when somebody stops, and after a crash.

use leadbourse_core::time::HOUR;
use serde_json::{Value, json};

use super::stage::{Stage, refused};
use crate::each_engine;

impl Stage {
    async fn state_of_claim(&self, order: &Value) -> String {
        let seen = self.order(&self.market.operator, order).await;
        seen["claims"][0]["state"].as_str().unwrap().to_owned()
    }

    async fn on_offer(&self, who: &leadbourse::demo::client::Client, mutation: &str) {
        let input = json!({"offerId": self.offer.id});
        who.mutate(mutation, input, "offer { state }").await.unwrap();
    }

    async fn decide(&self, organization: &str, state: &str) {
        let input = json!({"id": organization, "state": state});
        let chief = &self.market.operator;
        chief.mutate("decideOrganization", input, "organization { id }").await.unwrap();
    }
}

each_engine! {
    async fn a_buyer_that_pauses_or_closes_its_offer_keeps_its_word(app: TestApp) {
        let stage = Stage::open(app, 1_000_000).await;
        let order = stage.place(5, 48).await;
        stage.claim(&stage.paul, &order, 3, 24).await;
        stage.on_offer(&stage.buyer.client, "pauseOffer").await;
        assert_eq!(stage.send(&stage.site, 1).await, "40000");
        assert_eq!(stage.send(&stage.other, 2).await, "NO_OFFER");
        let input = json!({"orderId": order["id"], "wanted": 1, "idempotencyKey": "r"});
        assert_eq!(refused(&stage.rita.client, "claimOrder", input).await, "ORDER_OFFER");
        stage.on_offer(&stage.buyer.client, "closeOffer").await;
        assert_eq!(stage.send(&stage.site, 3).await, "40000");
        // Nobody can claim it any more: what is not claimed goes back by itself.
        stage.pass(0).await;
        assert_eq!(stage.numbers(&order).await, ("CANCELLED".to_owned(), [5, 2, 1, 0, 2]));
        assert_eq!(stage.wallet().await, [880_000, 40_000, 0, 1, 40_000]);
        stage.pass(24 * HOUR).await;
        assert_eq!(stage.state_of_claim(&order).await, "EXPIRED");
        assert_eq!(stage.wallet().await, [920_000, 0, 0, 0, 0]);
        stage.app.finish().await;
    }

    async fn what_an_operator_stops_is_not_taken_and_not_held_against_the_publisher(app: TestApp) {
        let stage = Stage::open(app, 1_000_000).await;
        let order = stage.place(5, 48).await;
        stage.claim(&stage.paul, &order, 3, 24).await;
        assert_eq!(stage.send(&stage.site, 1).await, "40000");
        stage.on_offer(&stage.market.operator, "pauseOffer").await;
        assert_eq!(stage.send(&stage.site, 2).await, "NO_OFFER");
        stage.pass(24 * HOUR).await;
        assert_eq!(stage.state_of_claim(&order).await, "LAPSED");
        assert_eq!(stage.on_time(&stage.paul).await, [1, 1, 1, 10_000]);
        stage.pass(24 * HOUR).await;
        assert_eq!(stage.wallet().await, [960_000, 0, 0, 0, 0]);
        stage.app.finish().await;
    }

    async fn suspended_parties_neither_take_nor_bring(app: TestApp) {
        let stage = Stage::open(app, 1_000_000).await;
        let order = stage.place(4, 48).await;
        stage.claim(&stage.paul, &order, 2, 24).await;
        stage.claim(&stage.rita, &order, 2, 24).await;
        stage.decide(&stage.buyer.organization, "SUSPENDED").await;
        assert_eq!(stage.send(&stage.site, 1).await, "NO_OFFER");
        stage.decide(&stage.buyer.organization, "ACTIVE").await;
        stage.decide(&stage.rita.organization, "SUSPENDED").await;
        assert_eq!(stage.send(&stage.other, 2).await, "SOURCE_NOT_ACTIVE");
        assert_eq!(stage.send(&stage.site, 3).await, "40000");
        stage.pass(24 * HOUR).await;
        let seen = stage.order(&stage.market.operator, &order).await;
        let states: Vec<&Value> = seen["claims"].as_array().unwrap().iter().map(|c| &c["state"]).collect();
        assert_eq!(states, ["EXPIRED", "EXPIRED"], "the publisher's own suspension is its own");
        stage.pass(24 * HOUR).await;
        assert_eq!(stage.wallet().await, [960_000, 0, 0, 0, 0]);
        stage.app.finish().await;
    }

    async fn a_revoked_publisher_brings_nothing_more(app: TestApp) {
        let stage = Stage::with(app, 1_000_000, json!({"visibility": "BY_APPLICATION"})).await;
        let order = stage.place(4, 48).await;
        let input = json!({"orderId": order["id"], "wanted": 1, "idempotencyKey": "no"});
        assert_eq!(refused(&stage.paul.client, "claimOrder", input).await, "NOT_FOUND");
        assert!(stage.order(&stage.paul.client, &order).await.is_null());
        let input = json!({"offerId": stage.offer.id, "message": "please"});
        let asked = stage.paul.client.mutate("applyToOffer", input, "participation { id }").await.unwrap();
        let participation = asked["participation"]["id"].clone();
        let decide = async |state: &str| {
            let input = json!({"id": participation, "state": state});
            stage.buyer.client.mutate("decideParticipation", input, "participation { id }").await.unwrap();
        };
        decide("APPROVED").await;
        stage.claim(&stage.paul, &order, 2, 24).await;
        assert_eq!(stage.send(&stage.site, 1).await, "40000");
        decide("REVOKED").await;
        assert_eq!(stage.send(&stage.site, 2).await, "NOT_APPROVED");
        stage.pass(24 * HOUR).await;
        assert_eq!(stage.state_of_claim(&order).await, "LAPSED");
        stage.pass(24 * HOUR).await;
        assert_eq!(stage.wallet().await, [960_000, 0, 0, 0, 0]);
        stage.app.finish().await;
    }

    async fn a_deadline_that_passes_while_nobody_runs_ends_the_order_once(app: TestApp) {
        let stage = Stage::open(app, 1_000_000).await;
        let order = stage.place(5, 48).await;
        stage.claim(&stage.paul, &order, 3, 48).await;
        assert_eq!(stage.send(&stage.site, 1).await, "40000");
        let (clock, base) = (stage.app.clock.clone(), stage.app.kind);
        let Stage { app, market, buyer, paul, site, rita, other, offer } = stage;
        drop((market, buyer, paul, site, rita, other, offer));
        clock.advance(48 * HOUR);
        let app = app.restart().await;
        // The exchange's own clock, and others beside it, all at once.
        let ticks = (0..4).map(|_| app.app.orders.tick());
        for done in futures::future::join_all(ticks).await {
            done.unwrap();
        }
        app.drain().await;
        let found = |sql: &str| {
            let (app, sql) = (&app, sql.to_owned());
            async move { crate::orders::seen::number(app, &sql).await }
        };
        let released = "SELECT COUNT(*) AS n FROM ledger_txs WHERE kind = 'ORDER_RELEASE'";
        assert_eq!(found(released).await, 1, "{base:?}");
        let left = "SELECT CAST(SUM(wanted - delivered - released) AS BIGINT) AS n FROM orders";
        assert_eq!(found(left).await, 0);
        assert_eq!(found("SELECT released AS n FROM orders WHERE state = 'ENDED'").await, 4);
        app.finish().await;
    }
}
