//! What happens when an endpoint does not take a lead.

use leadbourse::platform::config::DeliveryConfig;
use leadbourse_core::access::OrgKind;
use leadbourse_core::delivery::{DeliveryState, EndpointState};
use leadbourse_core::error::{INVALID_STATE, NOT_FOUND};
use leadbourse_core::time::{HOUR, MINUTE, SECOND};

use super::receiver::Receiver;
use super::stage::{Stage, member};
use crate::each_engine;

/// Endpoints that never pause by themselves, so that the schedule can be seen to its end.
fn stubborn() -> DeliveryConfig {
    DeliveryConfig { pause_after_minutes: 10_000, ..DeliveryConfig::default() }
}

each_engine! {
    async fn a_failure_is_tried_again_later_under_the_same_id(db: TestDb) {
        let (stage, receiver) = (Stage::set(&db).await, Receiver::open().await);
        stage.endpoint(&receiver.url).await;
        receiver.says(503);
        stage.sell(1).await;
        stage.work().await;
        stage.work().await;
        assert_eq!(receiver.got().len(), 1, "not before its time");
        let view = stage.only().await;
        assert_eq!(view.delivery.state, DeliveryState::Pending);
        assert_eq!(view.delivery.last_error.as_deref(), Some("HTTP 503"));
        let endpoints = stage.deliveries.endpoints(&stage.buyer).await.unwrap();
        assert!(endpoints[0].failing_since.is_some());

        receiver.says(302);
        stage.wait(10 * SECOND).await;
        receiver.says(204);
        stage.wait(MINUTE).await;
        let view = stage.only().await;
        assert_eq!(view.delivery.state, DeliveryState::Delivered);
        let statuses: Vec<_> = view.attempts.iter().map(|a| (a.n, a.status)).collect();
        assert_eq!(statuses, [(1, Some(503)), (2, Some(302)), (3, Some(204))]);
        assert_eq!(view.delivery.last_error, None);
        let got = receiver.got();
        assert_eq!(got[0].headers["webhook-id"], got[2].headers["webhook-id"]);
        assert_ne!(got[0].headers["webhook-timestamp"], got[2].headers["webhook-timestamp"]);
        let endpoints = stage.deliveries.endpoints(&stage.buyer).await.unwrap();
        assert_eq!(endpoints[0].failing_since, None);
        stage.market.close().await;
    }

    async fn an_endpoint_that_fails_for_a_quarter_of_an_hour_pauses_with_its_offer(db: TestDb) {
        let (stage, receiver) = (Stage::set(&db).await, Receiver::open().await);
        let (endpoint, _) = stage.endpoint(&receiver.url).await;
        receiver.says(500);
        stage.sell(1).await;
        stage.work().await;
        for _ in 0..8 {
            stage.wait(3 * MINUTE).await;
        }
        let paused = stage.deliveries.endpoint(&stage.buyer, endpoint.id).await.unwrap();
        assert_eq!(paused.state, EndpointState::Paused);
        let offer = "SELECT COUNT(*) AS n FROM offers WHERE state = 'PAUSED' \
                     AND pause_reason = 'DELIVERY_FAILING'";
        assert_eq!(stage.market.number(offer, vec![]).await, 1);
        let refused = stage.market.send(&stage.source, crate::exchange::market::person(2)).await;
        assert!(refused.unwrap().verdict.awards.is_empty(), "nothing is bought any more");
        let audit = "SELECT COUNT(*) AS n FROM audit_log WHERE action IN ('endpoint.pause', 'offer.pause')";
        assert_eq!(stage.market.number(audit, vec![]).await, 2);

        let tries = receiver.got().len();
        receiver.says(200);
        stage.wait(2 * HOUR).await;
        assert_eq!(receiver.got().len(), tries, "a paused endpoint is not called");
        stage.deliveries.set_endpoint_paused(&stage.buyer, endpoint.id, false).await.unwrap();
        stage.work().await;
        assert_eq!(stage.only().await.delivery.state, DeliveryState::Delivered);
        let active = stage.deliveries.endpoint(&stage.buyer, endpoint.id).await.unwrap();
        assert_eq!((active.state, active.failing_since), (EndpointState::Active, None));
        stage.market.close().await;
    }

    async fn an_endpoint_that_is_gone_pauses_at_once(db: TestDb) {
        let (stage, receiver) = (Stage::set(&db).await, Receiver::open().await);
        let (endpoint, _) = stage.endpoint(&receiver.url).await;
        receiver.says(410);
        stage.sell(1).await;
        stage.work().await;
        let now = stage.deliveries.endpoint(&stage.buyer, endpoint.id).await.unwrap();
        assert_eq!(now.state, EndpointState::Paused);
        stage.market.close().await;
    }

    async fn a_delivery_dies_after_72_hours_and_can_be_replayed(db: TestDb) {
        let (stage, receiver) = (Stage::with(&db, stubborn()).await, Receiver::open().await);
        stage.endpoint(&receiver.url).await;
        receiver.says(500);
        stage.sell(1).await;
        stage.work().await;
        for _ in 0..150 {
            stage.wait(30 * MINUTE).await;
        }
        let view = stage.only().await;
        assert_eq!(view.delivery.state, DeliveryState::Dead);
        assert!((10..30).contains(&view.attempts.len()), "{} tries", view.attempts.len());
        let undelivered = "SELECT COUNT(*) AS n FROM awards WHERE state = 'UNDELIVERED'";
        assert_eq!(stage.market.number(undelivered, vec![]).await, 1);

        let id = view.delivery.id;
        let other = stage.market.buyer(0).await;
        let stranger = member(&stage.market, other, OrgKind::Buyer);
        let refused = stage.deliveries.replay(&stranger, id, None).await.unwrap_err();
        assert_eq!(refused.problem().unwrap().code, NOT_FOUND);
        let publisher = member(&stage.market, stage.source.publisher, OrgKind::Publisher);
        assert!(stage.deliveries.replay(&publisher, id, None).await.is_err());

        receiver.says(200);
        let again = stage.deliveries.replay(&stage.buyer, id, None).await.unwrap();
        assert_eq!(again.delivery.state, DeliveryState::Pending);
        stage.work().await;
        assert_eq!(stage.only().await.delivery.state, DeliveryState::Delivered);
        let delivered = "SELECT COUNT(*) AS n FROM awards WHERE state = 'DELIVERED'";
        assert_eq!(stage.market.number(delivered, vec![]).await, 1);
        // An operator may send again what arrived, too.
        stage.deliveries.replay(&stage.market.operator, id, Some("again")).await.unwrap();
        let before = receiver.got().len();
        stage.work().await;
        assert_eq!(receiver.got().len(), before + 1);
        // The same key asks for nothing new, whoever else used the same text.
        let same = stage.deliveries.replay(&stage.market.operator, id, Some("again")).await.unwrap();
        assert_eq!(same.delivery.state, DeliveryState::Delivered);
        stage.work().await;
        assert_eq!(receiver.got().len(), before + 1);
        stage.deliveries.replay(&stage.buyer, id, Some("again")).await.unwrap();
        stage.work().await;
        assert_eq!(receiver.got().len(), before + 2);
        stage.market.close().await;
    }

    async fn what_waits_for_a_paused_endpoint_is_given_up_in_time(db: TestDb) {
        let (stage, receiver) = (Stage::set(&db).await, Receiver::open().await);
        let (endpoint, _) = stage.endpoint(&receiver.url).await;
        stage.deliveries.set_endpoint_paused(&stage.buyer, endpoint.id, true).await.unwrap();
        stage.sell(1).await;
        stage.work().await;
        stage.wait(71 * HOUR).await;
        assert_eq!(stage.only().await.delivery.state, DeliveryState::Pending);
        stage.wait(2 * HOUR).await;
        let view = stage.only().await;
        assert_eq!(view.delivery.state, DeliveryState::Dead);
        assert_eq!(view.delivery.last_error.as_deref(), Some("not delivered in time"));
        assert!(receiver.got().is_empty());
        stage.market.close().await;
    }

    async fn deleting_an_endpoint_ends_what_waits_for_it(db: TestDb) {
        let (stage, receiver) = (Stage::set(&db).await, Receiver::open().await);
        let (endpoint, _) = stage.endpoint(&receiver.url).await;
        receiver.says(500);
        stage.sell(1).await;
        stage.work().await;
        stage.deliveries.delete_endpoint(&stage.buyer, endpoint.id).await.unwrap();
        let view = stage.only().await;
        assert_eq!(view.delivery.state, DeliveryState::Dead);
        let replay = stage.deliveries.replay(&stage.buyer, view.delivery.id, None).await.unwrap_err();
        assert_eq!(replay.problem().unwrap().code, INVALID_STATE);
        assert!(stage.deliveries.endpoints(&stage.buyer).await.unwrap().is_empty());
        stage.sell(2).await;
        stage.wait(HOUR).await;
        assert_eq!((receiver.got().len(), stage.all().await.len()), (1, 1));
        stage.market.close().await;
    }

    async fn silence_is_a_failure_that_names_no_address(db: TestDb) {
        let (stage, receiver) = (Stage::set(&db).await, Receiver::open().await);
        stage.endpoint(&receiver.url).await;
        receiver.says(0);
        stage.sell(1).await;
        stage.work().await;
        let view = stage.only().await;
        assert_eq!(view.attempts[0].status, None);
        assert_eq!(view.attempts[0].error.as_deref(), Some("no answer in time"));
        assert!(view.attempts[0].duration_us >= 900_000);
        stage.market.close().await;
    }
}
