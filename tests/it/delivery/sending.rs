//! What arrives, and to whom.

use leadbourse::delivery::{Deliveries, Worker};
use leadbourse::platform::shutdown::Shutdown;
use leadbourse_core::delivery::DeliveryState;
use leadbourse_core::time::{HOUR, Timestamp};
use serde_json::json;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use super::receiver::Receiver;
use super::stage::{Stage, egress};
use crate::each_engine;
use crate::exchange::market::terms;

each_engine! {
    async fn a_sold_lead_arrives_whole_and_signed(db: TestDb) {
        let (stage, receiver) = (Stage::set(&db).await, Receiver::open().await);
        let (_, secret) = stage.endpoint(&receiver.url).await;
        stage.sell(7).await;
        stage.work().await;

        let got = receiver.got();
        assert_eq!(got.len(), 1);
        let (headers, body) = (&got[0].headers, got[0].json());
        assert_eq!(body["type"], "lead.awarded");
        assert_eq!(body["data"]["fields"]["phone"], "+79160000007");
        assert_eq!(body["data"]["price"], json!({"minor": "1000", "currency": "RUB"}));
        assert_eq!(body["data"]["niche"], "test");
        assert!(body["data"].get("earning").is_none() && body["data"].get("sub_ids").is_none());
        let seconds: i64 = headers["webhook-timestamp"].parse().unwrap();
        let at = Timestamp::from_micros(seconds * 1_000_000);
        let id = &headers["webhook-id"];
        let expected = leadbourse::delivery::sign(&secret, id, at, &got[0].body).unwrap();
        assert_eq!(headers["webhook-signature"], expected);
        assert_eq!(headers["content-type"], "application/json");

        let view = stage.only().await;
        assert_eq!(view.delivery.state, DeliveryState::Delivered);
        assert_eq!(*id, view.delivery.id.to_string());
        assert_eq!(view.attempts.len(), 1);
        assert_eq!(view.attempts[0].status, Some(200));
        let delivered = "SELECT COUNT(*) AS n FROM awards WHERE state = 'DELIVERED'";
        assert_eq!(stage.market.number(delivered, vec![]).await, 1);
        // Nothing about the person outside of its one place.
        for (table, column) in
            [("deliveries", "last_error"), ("delivery_attempts", "error"), ("audit_log", "detail")]
        {
            let like = format!("SELECT COUNT(*) AS n FROM {table} WHERE {column} LIKE '%7916%'");
            assert_eq!(stage.market.number(&like, vec![]).await, 0, "{table}");
        }
        stage.market.close().await;
    }

    async fn an_award_message_handled_twice_delivers_once(db: TestDb) {
        let (stage, receiver) = (Stage::set(&db).await, Receiver::open().await);
        stage.endpoint(&receiver.url).await;
        stage.sell(1).await;
        let copy = "INSERT INTO outbox (id, topic, key, payload, created_at) \
                    SELECT key, topic, key, payload, created_at FROM outbox";
        stage.market.run(copy, vec![]).await;
        stage.work().await;
        assert_eq!(receiver.got().len(), 1);
        stage.market.close().await;
    }

    async fn an_endpoint_of_one_offer_gets_only_that_offers_leads(db: TestDb) {
        let (stage, all, one) =
            (Stage::set(&db).await, Receiver::open().await, Receiver::open().await);
        let better = stage.market.offer(stage.buyer.org, terms(2_000, json!({}))).await;
        stage.endpoint(&all.url).await;
        let made = stage.deliveries.create_endpoint(&stage.buyer, &one.url, Some(stage.offer)).await;
        assert_eq!(made.unwrap().0.offer_id, Some(stage.offer));
        stage.sell(1).await;
        stage.work().await;
        assert_eq!((all.got().len(), one.got().len()), (1, 0), "the better offer bought it");
        let pause = "UPDATE offers SET state = 'PAUSED' WHERE id = $1";
        stage.market.run(pause, vec![better.uuid().into()]).await;
        stage.market.raise().await;
        stage.sell(2).await;
        stage.work().await;
        assert_eq!((all.got().len(), one.got().len()), (2, 1));
        stage.market.close().await;
    }

    async fn an_erased_lead_is_not_sent(db: TestDb) {
        let (stage, receiver) = (Stage::set(&db).await, Receiver::open().await);
        stage.endpoint(&receiver.url).await;
        stage.sell(1).await;
        let now = stage.market.clock.now().micros();
        stage.market.run("UPDATE leads SET erased_at = $1", vec![now.into()]).await;
        let drop = "UPDATE lead_contacts SET wrapped_key = NULL, ciphertext = NULL, erased_at = $1";
        stage.market.run(drop, vec![now.into()]).await;
        stage.work().await;
        assert!(receiver.got().is_empty());
        let view = stage.only().await;
        assert_eq!(view.delivery.state, DeliveryState::Dead);
        assert!(view.delivery.last_error.unwrap().contains("erased"));
        assert!(view.attempts.is_empty());
        stage.market.close().await;
    }

    /// Two instances work off one table: everything arrives, nothing twice.
    async fn workers_side_by_side_send_each_delivery_once(db: TestDb) {
        let (stage, receiver) = (Stage::set(&db).await, Receiver::open().await);
        stage.endpoint(&receiver.url).await;
        for n in 0..24 {
            stage.sell(n).await;
        }
        stage.outbox.drain().await.unwrap();
        let other = Deliveries::new(
            stage.market.db.clone(),
            stage.market.clock.clone(),
            stage.market.vault.clone(),
            egress(true),
        );
        let other = Worker::new(other, &stage.config);
        let (a, b) = tokio::join!(stage.worker.drain(), other.drain());
        assert_eq!(a.unwrap() + b.unwrap(), 24);
        let ids: HashSet<String> =
            receiver.got().iter().map(|got| got.headers["webhook-id"].clone()).collect();
        assert_eq!((ids.len(), receiver.got().len()), (24, 24));
        stage.market.close().await;
    }

    async fn a_worker_that_died_is_replaced_when_its_lease_ends(db: TestDb) {
        let (stage, receiver) = (Stage::set(&db).await, Receiver::open().await);
        stage.endpoint(&receiver.url).await;
        stage.sell(1).await;
        stage.outbox.drain().await.unwrap();
        let later = stage.market.clock.now().plus(HOUR).micros();
        let lease = "UPDATE deliveries SET leased_until = $1, lease_token = id";
        stage.market.run(lease, vec![later.into()]).await;
        stage.work().await;
        assert!(receiver.got().is_empty());
        stage.wait(HOUR).await;
        assert_eq!(receiver.got().len(), 1);
        stage.market.close().await;
    }

    async fn a_running_worker_is_woken_and_ends(db: TestDb) {
        let (stage, receiver) = (Stage::set(&db).await, Receiver::open().await);
        stage.endpoint(&receiver.url).await;
        let shutdown = Shutdown::new();
        shutdown.spawn("delivery", Arc::clone(&stage.worker).run(shutdown.clone()));
        for n in 0..10 {
            stage.sell(n).await;
        }
        stage.outbox.drain().await.unwrap();
        for _ in 0..300 {
            if receiver.got().len() == 10 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert!(shutdown.finish(Duration::from_secs(5)).await);
        assert_eq!(receiver.got().len(), 10);
        let done = stage.all().await;
        assert!(done.iter().all(|view| view.delivery.state == DeliveryState::Delivered));
        stage.market.close().await;
    }
}
