//! What publishers see of an offer's past: what changed for them, and nothing of the buyer's.

use leadbourse::offers::{Answer, CatalogueVersion};
use leadbourse_core::access::{Actor, OrgKind};
use leadbourse_core::ids::OfferId;
use leadbourse_core::offer::participation::ParticipationState as S;
use leadbourse_core::time::HOUR;
use serde_json::{Value, json};

use crate::each_engine;
use crate::harness::parties::{Parties, code, terms};

async fn history(parties: &Parties, actor: &Actor, offer: OfferId) -> Vec<CatalogueVersion> {
    let mut found = parties.offers.catalogue_versions(actor, &[offer]).await.unwrap();
    found.remove(&offer).unwrap_or_default()
}

fn numbers(history: &[CatalogueVersion]) -> Vec<i32> {
    history.iter().map(|shown| shown.version).collect()
}

fn changes(shown: &CatalogueVersion) -> Value {
    serde_json::to_value(&shown.changes).unwrap()
}

each_engine! {
    async fn prices_are_earnings_and_what_is_the_buyers_is_left_out(db: TestDb) {
        let parties = Parties::over(db).await;
        let offers = &parties.offers;
        let niche = parties.mortgage().await;
        let buyer = parties.owner(OrgKind::Buyer, "ann").await;
        let publisher = parties.owner(OrgKind::Publisher, "pub").await;
        let offer = parties.active_offer(&buyer, &niche, terms(|_| {})).await;
        let revise = async |change: fn(&mut Value)| {
            parties.db.clock.advance(HOUR);
            let revised = offers.revise(&buyer, offer.id, None, terms(change)).await.unwrap();
            parties.approve(&buyer, &revised, None).await;
        };
        // Prices, caps, reserves and budgets of digits that are nowhere else.
        revise(|t| {
            t["goals"] = json!([
                {"kind": "LEAD", "price": 313_370},
                {"kind": "SALE", "price": 717_170, "attribution_window_s": 7_200, "reserve_bps": 4_321},
            ]);
            t["caps"] = json!([{"period": "WEEK", "count": 919_191, "money": 818_181_818}]);
            t["max_return_share_bps"] = json!(6_543);
            t["schedule"]["windows"] = json!([
                {"days": [1], "from_minute": 0, "to_minute": 1440, "count": 929_292, "money": 838_383_838},
            ]);
            t["publisher_caps"] = json!([{"period": "DAY", "count": 949_494}]);
            t["priority"] = json!(77);
            t["dedupe_window_s"] = json!(565_656);
            t["hold_s"] = json!(1_000_000);
        }).await;
        let seen = history(&parties, &publisher, offer.id).await;
        assert_eq!(numbers(&seen), [2, 1]);
        assert_eq!(changes(&seen[1]), json!([]));
        // 15 % of 313 370 are 47 005.50: half to even is 47 006.
        let sale = json!({"kind": "SALE", "earning": 609_594, "attribution_window_s": 7_200});
        assert_eq!(
            changes(&seen[0]),
            json!([
                {"path": "goals[LEAD].earning", "before": 85_000, "after": 266_364},
                {"path": "goals[SALE]", "before": null, "after": sale},
                {"path": "schedule.windows", "before": [], "after": [
                    {"days": [1], "from_minute": 0, "to_minute": 1_440}]},
                {"path": "hold_s", "before": 604_800, "after": 1_000_000},
            ])
        );
        let text = format!("{seen:?}");
        let secrets = [
            "313370", "717170", "4321", "919191", "818181818", "6543", "565656", "caps", "929292",
            "838383838", "949494",
        ];
        for secret in secrets {
            assert!(!text.contains(secret), "{secret} leaks: {text}");
        }
        let code = code(offers.catalogue_versions(&buyer, &[offer.id]).await);
        assert_eq!(code, "NOT_FOUND");

        // Nothing but the buyer's own changed: a version, and no changes.
        revise(|t| {
            t["goals"] = json!([
                {"kind": "LEAD", "price": 313_370},
                {"kind": "SALE", "price": 717_170, "attribution_window_s": 7_200, "reserve_bps": 1},
            ]);
            t["caps"] = json!([]);
            t["schedule"]["windows"] = json!([{"days": [1], "from_minute": 0, "to_minute": 1440}]);
            t["hold_s"] = json!(1_000_000);
        }).await;
        let seen = history(&parties, &publisher, offer.id).await;
        assert_eq!((numbers(&seen), changes(&seen[0])), (vec![3, 2, 1], json!([])));
        // To the publisher with an own price, the price of leads did not change at all.
        let place = offers.invite(&buyer, offer.id, publisher.org, Some(60_000)).await.unwrap();
        let own = changes(&history(&parties, &publisher, offer.id).await[1]);
        assert!(!own.to_string().contains("goals[LEAD]"), "{own}");
        let answer = Answer { to: S::Revoked, note: None, price: None };
        offers.decide_participation(&buyer, place.id, &answer, None).await.unwrap();
        let plain = changes(&history(&parties, &publisher, offer.id).await[1]);
        assert!(plain.to_string().contains("goals[LEAD]"), "{plain}");
    }

    async fn a_private_past_and_versions_that_never_ruled_are_left_out(db: TestDb) {
        let parties = Parties::over(db).await;
        let offers = &parties.offers;
        let niche = parties.mortgage().await;
        let buyer = parties.owner(OrgKind::Buyer, "ann").await;
        let publisher = parties.owner(OrgKind::Publisher, "pub").await;
        let invited = parties.owner(OrgKind::Publisher, "friend").await;
        let hidden = terms(|t| t["visibility"] = json!("PRIVATE"));
        let offer = parties.active_offer(&buyer, &niche, hidden).await;
        offers.invite(&buyer, offer.id, invited.org, None).await.unwrap();
        assert!(history(&parties, &publisher, offer.id).await.is_empty());
        let revise = async |price: i64, after: Option<i64>| {
            parties.db.clock.advance(HOUR);
            let changed = terms(|t| t["goals"][0]["price"] = json!(price));
            let revised = offers.revise(&buyer, offer.id, None, changed).await.unwrap();
            let at = after.map(|wait| parties.db.clock.now().plus(wait));
            parties.approve(&buyer, &revised, at).await
        };
        revise(200_000, None).await;
        let open = history(&parties, &publisher, offer.id).await;
        assert_eq!((numbers(&open), changes(&open[0])), (vec![2], json!([])));
        let all = history(&parties, &invited, offer.id).await;
        assert_eq!(numbers(&all), [2, 1]);
        assert_eq!(changes(&all[0])[0]["before"], json!(85_000));

        // Version 3 is to come, until version 4 overtakes it; a draft is nobody's business.
        let coming = revise(300_000, Some(5 * HOUR)).await;
        assert_eq!(coming.state.as_str(), "ACTIVE");
        assert_eq!(numbers(&history(&parties, &publisher, offer.id).await), [3, 2]);
        revise(400_000, None).await;
        let draft = terms(|t| t["goals"][0]["price"] = json!(500_000));
        offers.revise(&buyer, offer.id, None, draft).await.unwrap();
        let seen = history(&parties, &publisher, offer.id).await;
        assert_eq!(numbers(&seen), [4, 2]);
        assert_eq!(
            changes(&seen[0]),
            json!([{"path": "goals[LEAD].earning", "before": 170_000, "after": 340_000}])
        );
        assert_eq!(numbers(&history(&parties, &parties.admin, offer.id).await), [4, 2, 1]);
    }
}
