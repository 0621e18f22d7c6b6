use leadbourse::offers::{NewSource, SourceFilter, SourcePatch};
use leadbourse::platform::db::sql;
use leadbourse_core::access::{Actor, OrgKind, Role};
use leadbourse_core::ids::{NicheId, OfferId};
use leadbourse_core::offer::source::{Fallback, SourceInput, SourceKind, SourceState};
use serde_json::json;

use crate::each_engine;
use crate::harness::parties::{Parties, code, page, terms};

fn new(niche_id: NicheId, target: Option<OfferId>) -> NewSource {
    let input = SourceInput {
        name: "Site".to_owned(),
        traffic: "Search".to_owned(),
        max_sales: 3,
        min_earning: Some(50_000),
    };
    NewSource { niche_id, kind: SourceKind::Form, input, target, fallback: Fallback::None }
}

each_engine! {
    async fn a_source_is_moderated_and_its_key_is_shown_once(db: TestDb) {
        let parties = Parties::over(db).await;
        let offers = &parties.offers;
        let niche = parties.mortgage().await;
        let publisher = parties.owner(OrgKind::Publisher, "pub").await;
        let stranger = parties.owner(OrgKind::Publisher, "eve").await;
        let buyer = parties.owner(OrgKind::Buyer, "ann").await;
        let before = parties.epoch(&niche).await;
        assert_eq!(code(offers.create_source(&buyer, new(niche.id, None)).await.map(drop)), "NOT_FOUND");
        let (source, key) = offers.create_source(&publisher, new(niche.id, None)).await.unwrap();
        assert_eq!(source.state, SourceState::Pending);
        assert!(key.starts_with(&source.posting_key_prefix));
        let stored = async || {
            let tx = parties.db.db.begin_read().await.unwrap();
            let row = sql::one(&tx, "SELECT posting_key_hash FROM sources", []).await.unwrap();
            row.unwrap().try_get::<Vec<u8>>("", "posting_key_hash").unwrap()
        };
        assert_eq!(stored().await, leadbourse::offers::posting_key_hash(&key));

        let paused = offers.set_source_paused(&publisher, source.id, true).await;
        assert_eq!(code(paused), "INVALID_STATE");
        assert_eq!(code(offers.decide_source(&publisher, source.id, true, None, None).await), "NOT_FOUND");
        assert_eq!(code(offers.decide_source(&parties.admin, source.id, false, None, None).await), "NOTE_REQUIRED");
        assert_eq!(offers.count_pending(&parties.admin).await.unwrap(), (0, 1));
        let active = offers.decide_source(&parties.admin, source.id, true, None, None).await.unwrap();
        assert_eq!(active.state, SourceState::Active);
        let paused = offers.set_source_paused(&publisher, source.id, true).await.unwrap();
        assert_eq!(paused.state, SourceState::Paused);
        offers.set_source_paused(&parties.admin, source.id, false).await.unwrap();

        let (rotated, fresh) = offers.rotate_posting_key(&publisher, source.id).await.unwrap();
        assert!(fresh != key && fresh.starts_with(&rotated.posting_key_prefix));
        assert_eq!(stored().await, leadbourse::offers::posting_key_hash(&fresh));
        assert_eq!(parties.epoch(&niche).await, before + 5, "intake hears of each change");

        let analyst = Actor { role: Role::Analyst, ..publisher };
        assert_eq!(code(offers.source(&analyst, source.id).await), "OK");
        assert_eq!(code(offers.rotate_posting_key(&analyst, source.id).await.map(drop)), "NOT_FOUND");
        for other in [&stranger, &buyer] {
            assert_eq!(code(offers.source(other, source.id).await), "NOT_FOUND");
            assert_eq!(code(offers.set_source_paused(other, source.id, true).await), "NOT_FOUND");
            assert!(offers.sources_by_ids(other, &[source.id]).await.unwrap().is_empty());
        }
        let listed = async |actor| {
            offers.sources(actor, &SourceFilter::default(), &page()).await.unwrap().items.len()
        };
        assert_eq!((listed(&publisher).await, listed(&stranger).await), (1, 0));
        assert_eq!(listed(&parties.admin).await, 1);
        parties.audit_lines().await;
    }

    async fn settings_change_and_other_traffic_is_moderated_again(db: TestDb) {
        let parties = Parties::over(db).await;
        let offers = &parties.offers;
        let niche = parties.mortgage().await;
        let publisher = parties.owner(OrgKind::Publisher, "pub").await;
        let (source, _) = offers.create_source(&publisher, new(niche.id, None)).await.unwrap();
        offers.decide_source(&parties.admin, source.id, true, None, None).await.unwrap();
        let patch = SourcePatch {
            name: Some("Shop".to_owned()),
            max_sales: Some(1),
            min_earning: Some(None),
            ..SourcePatch::default()
        };
        let changed = offers.update_source(&publisher, source.id, patch).await.unwrap();
        assert_eq!(
            (changed.name.as_str(), changed.max_sales, changed.min_earning, changed.state),
            ("Shop", 1, None, SourceState::Active)
        );
        let traffic = SourcePatch { traffic: Some("Mail".to_owned()), ..SourcePatch::default() };
        let again = offers.update_source(&publisher, source.id, traffic).await.unwrap();
        assert_eq!(again.state, SourceState::Pending);
        let wrong = SourcePatch { max_sales: Some(99), ..SourcePatch::default() };
        assert_eq!(code(offers.update_source(&publisher, source.id, wrong).await), "OUT_OF_RANGE");
        offers.decide_source(&parties.admin, source.id, false, Some("Spam"), None).await.unwrap();
        let late = offers.update_source(&publisher, source.id, SourcePatch::default()).await;
        assert_eq!(code(late), "SOURCE_REFUSED");
        assert_eq!(code(offers.rotate_posting_key(&publisher, source.id).await.map(drop)), "SOURCE_REFUSED");
    }

    async fn a_target_is_an_offer_of_the_niche_that_the_publisher_sees(db: TestDb) {
        let parties = Parties::over(db).await;
        let offers = &parties.offers;
        let niche = parties.mortgage().await;
        let other = parties.niches.install(&parties.admin, "windows").await.unwrap();
        let buyer = parties.owner(OrgKind::Buyer, "ann").await;
        let publisher = parties.owner(OrgKind::Publisher, "pub").await;
        let open = parties.active_offer(&buyer, &niche, terms(|_| {})).await;
        let hidden = terms(|t| t["visibility"] = json!("PRIVATE"));
        let hidden = parties.active_offer(&buyer, &niche, hidden).await;
        let draft = offers.create(&buyer, niche.id, "Draft", terms(|_| {})).await.unwrap();
        for (niche, target) in [(niche.id, hidden.id), (niche.id, draft.id), (other.id, open.id)] {
            let refused = offers.create_source(&publisher, new(niche, Some(target))).await;
            assert_eq!(code(refused.map(drop)), "TARGET_NOT_VISIBLE");
        }
        let (source, _) = offers.create_source(&publisher, new(niche.id, Some(open.id))).await.unwrap();
        assert_eq!(source.target_offer_id, Some(open.id));
        let to = |target| SourcePatch { target: Some(target), ..SourcePatch::default() };
        let refused = offers.update_source(&publisher, source.id, to(Some(hidden.id))).await;
        assert_eq!(code(refused), "TARGET_NOT_VISIBLE");
        offers.invite(&buyer, hidden.id, publisher.org, None).await.unwrap();
        let moved = offers.update_source(&publisher, source.id, to(Some(hidden.id))).await.unwrap();
        assert_eq!(moved.target_offer_id, Some(hidden.id));
        let freed = offers.update_source(&publisher, source.id, to(None)).await.unwrap();
        assert_eq!(freed.target_offer_id, None);
    }
}
