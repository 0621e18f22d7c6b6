//! Who may have which endpoints.

use leadbourse::delivery::Deliveries;
use leadbourse_core::access::{Actor, OrgKind, Role};
use leadbourse_core::delivery::DeliveryState;
use leadbourse_core::error::NOT_FOUND;
use leadbourse_core::ids::UserId;

use super::stage::{Stage, egress, member};
use crate::each_engine;

each_engine! {
    async fn an_endpoint_belongs_to_its_buyer(db: TestDb) {
        let stage = Stage::set(&db).await;
        let (endpoint, secret) = stage.endpoint("https://example.com/hook").await;
        assert!(secret.starts_with("whsec_"));
        let stored = "SELECT COUNT(*) AS n FROM endpoints WHERE url LIKE '%whsec%'";
        assert_eq!(stage.market.number(stored, vec![]).await, 0);

        let other = stage.market.buyer(0).await;
        let stranger = member(&stage.market, other, OrgKind::Buyer);
        let publisher = member(&stage.market, stage.source.publisher, OrgKind::Publisher);
        for outsider in [stranger, publisher] {
            assert!(stage.deliveries.endpoints(&outsider).await.unwrap().is_empty());
            let read = stage.deliveries.endpoint(&outsider, endpoint.id).await.unwrap_err();
            assert_eq!(read.problem().unwrap().code, NOT_FOUND);
            assert!(stage.deliveries.set_endpoint_paused(&outsider, endpoint.id, true).await.is_err());
            assert!(stage.deliveries.delete_endpoint(&outsider, endpoint.id).await.is_err());
        }
        // Somebody else's offer can't be tied to one's own address.
        let url = "https://example.com/hook";
        let made = stage.deliveries.create_endpoint(&stranger, url, Some(stage.offer)).await;
        assert_eq!(made.unwrap_err().problem().unwrap().code, NOT_FOUND);
        let (user, org) = (UserId::new(stage.market.clock.now()), stage.buyer.org);
        let analyst = Actor::member(user, org, OrgKind::Buyer, Role::Analyst);
        assert!(stage.deliveries.create_endpoint(&analyst, url, None).await.is_err());
        assert_eq!(stage.deliveries.endpoints(&analyst).await.unwrap().len(), 1);
        assert_eq!(stage.deliveries.endpoints(&stage.market.operator).await.unwrap().len(), 1);
        stage.market.close().await;
    }

    async fn private_addresses_are_refused_when_entered_and_when_called(db: TestDb) {
        let stage = Stage::set(&db).await;
        let (clock, vault) = (stage.market.clock.clone(), stage.market.vault.clone());
        let strict = Deliveries::new(stage.market.db.clone(), clock, vault, egress(false));
        for url in [
            "http://127.0.0.1:9/", "https://10.0.0.1/", "https://[::1]/", "https://192.168.0.1/x",
            "https://169.254.169.254/", "ftp://example.com/", "http://example.com/", "nonsense",
            "https://user:word@example.com/",
        ] {
            let refused = strict.create_endpoint(&stage.buyer, url, None).await.unwrap_err();
            let problem = refused.problem().unwrap();
            assert_eq!(problem.code.name, "ENDPOINT_ADDRESS", "{url}");
            assert_eq!(problem.field.as_deref(), Some("url"));
        }
        // A name can be entered; where it leads is seen only when it is called.
        strict.create_endpoint(&stage.buyer, "https://localhost:9/", None).await.unwrap();
        stage.sell(1).await;
        stage.outbox.drain().await.unwrap();
        let worker = leadbourse::delivery::Worker::new(strict, &stage.config);
        assert_eq!(worker.drain().await.unwrap(), 1);
        let view = stage.only().await;
        assert_eq!(view.delivery.state, DeliveryState::Pending);
        assert!(view.attempts[0].error.as_deref().unwrap().contains("private"), "{view:?}");
        stage.market.close().await;
    }
}
