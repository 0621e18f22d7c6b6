//! Claims that an event was not reported: all endings, and what they bill.

use leadbourse::conversions::{Conversion, ReportConversion};
use leadbourse::disputes::{ClaimConversion, Dispute, NOT_REPORTED};
use leadbourse::platform::error::Result;
use leadbourse_core::dispute::{DisputeKind, DisputeState as S, Verdict};
use leadbourse_core::ids::AwardId;
use leadbourse_core::money::{Bps, Money};
use leadbourse_core::offer::terms::GoalKind;
use leadbourse_core::time::DAY;
use serde_json::{Value, json};

use super::scene::{RUB, Scene, code, page};
use crate::each_engine;
use crate::exchange::market::{policy, terms};

/// 10 % of a sale, from 100 to 5,000; 300 for a registration.
fn later() -> Value {
    let sale = json!({"kind": "SALE", "price": {"bps": 1_000, "min": 100, "max": 5_000},
        "attribution_window_s": 604_800, "reserve_bps": 1_000});
    let registration =
        json!({"kind": "REGISTRATION", "price": 300, "attribution_window_s": 604_800});
    terms(1_000, json!({"goals": [sale, registration]}))
}

async fn claim(scene: &Scene, award: AwardId, amount: Option<i64>) -> Result<Dispute> {
    let goal = if amount.is_some() { GoalKind::Sale } else { GoalKind::Registration };
    let input = ClaimConversion {
        award_id: award,
        goal,
        amount: amount.map(|minor| Money::new(minor, RUB)),
        occurred_at: scene.market.clock.now(),
        comment: "Anna says that she bought".to_owned(),
    };
    scene.disputes.claim(&scene.publisher, &input, None).await
}

async fn dispute(scene: &Scene, of: &Dispute) -> Dispute {
    scene.disputes.dispute(&scene.buyer, of.id).await.unwrap()
}

async fn billed(scene: &Scene, award: AwardId) -> Vec<Conversion> {
    scene.conversions.conversions_of_awards(&scene.buyer, &[award]).await.unwrap()
}

each_engine! {
    async fn what_the_buyer_accepts_is_billed(db: TestDb) {
        let scene = Scene::with(&db, 20_000, later(), policy()).await;
        let award = scene.sell(1).await;
        assert_eq!(scene.available().await, 19_500, "a tenth of the highest sale is promised");
        let opened = claim(&scene, award.id, Some(30_005)).await.unwrap();
        assert_eq!((opened.kind, opened.state), (DisputeKind::MissingConversion, S::Open));
        assert_eq!(opened.reason_code, NOT_REPORTED);
        // 10 % of 30,005 are 3,000.5: half to even.
        let claimed = opened.claim.as_ref().unwrap();
        assert_eq!((claimed.price, claimed.earning), (3_000, 2_550));
        assert_eq!(code(claim(&scene, award.id, Some(9)).await), "CLAIM_EXISTS");
        // Another goal of the same award is another claim.
        let other = claim(&scene, award.id, None).await.unwrap();
        let seen = scene.disputes.disputes(&scene.buyer, None, Some(true), &page()).await.unwrap();
        assert_eq!(seen.items.len(), 2, "it waits in the buyer's queue");

        // The publisher can't answer itself, the buyer can't withdraw.
        let (buyer, publisher) = (&scene.buyer, &scene.publisher);
        let by_claimant = scene.disputes.answer_claim(publisher, opened.id, true, None, None).await;
        assert_eq!(code(by_claimant), "NOT_FOUND");
        let as_return = scene.disputes.answer_return(publisher, opened.id, true, None, None).await;
        assert_eq!(code(as_return), "NOT_FOUND");
        let as_return = scene.disputes.withdraw_return(buyer, opened.id, None).await;
        assert_eq!(code(as_return), "NOT_FOUND");

        let key = Some("yes");
        let done = scene.disputes.answer_claim(buyer, opened.id, true, None, key).await.unwrap();
        let again = scene.disputes.answer_claim(buyer, opened.id, true, None, key).await.unwrap();
        assert_eq!((done.state, again.state, done.decided), (S::Accepted, S::Accepted, Some(Bps::WHOLE)));
        let found = billed(&scene, award.id).await;
        assert_eq!(found.len(), 1);
        assert_eq!(done.conversion_id, Some(found[0].id));
        assert_eq!((found[0].legs.price(), found[0].legs.earning()), (3_000, 2_550));
        assert_eq!((found[0].amount, scene.available().await), (Some(30_005), 17_000));

        let gone = scene.disputes.withdraw_claim(publisher, other.id, None).await.unwrap();
        assert_eq!((gone.state, gone.conversion_id), (S::Withdrawn, None));
        assert_eq!(scene.available().await, 17_000);
        let returns = "SELECT returns_count AS n FROM offer_meters";
        assert_eq!(scene.market.number(returns, vec![]).await, 0, "a claim is no return");
        scene.close().await;
    }

    async fn an_operator_decides_what_is_contested(db: TestDb) {
        let scene = Scene::with(&db, 20_000, later(), policy()).await;
        let operator = scene.operator();
        let contested = async |n: u64, amount: Option<i64>| {
            let award = scene.sell(n).await;
            let opened = claim(&scene, award.id, amount).await.unwrap();
            let answer =
                scene.disputes.answer_claim(&scene.buyer, opened.id, false, Some("no"), None);
            assert_eq!(answer.await.unwrap().state, S::Contested);
            (award, opened)
        };
        let (award, part) = contested(1, Some(20_000)).await;
        for wrong in [0, 20_000, 20_001] {
            let sum = Money::new(wrong, RUB);
            let refused = scene.disputes.decide_amount(&operator, part.id, sum, None, None).await;
            assert_eq!(code(refused), "CLAIM_PARTIAL");
        }
        let sum = Money::new(12_000, RUB);
        let done = scene.disputes.decide_amount(&operator, part.id, sum, None, None).await.unwrap();
        assert_eq!((done.state, done.decided), (S::Partial, Some(Bps(6_000))));
        assert_eq!(done.claim.unwrap().decided_amount, Some(12_000));
        assert_eq!(billed(&scene, award.id).await[0].legs.price(), 1_200);

        let (award, whole) = contested(2, None).await;
        let no_parts = scene.disputes.decide_amount(&operator, whole.id, sum, None, None).await;
        assert_eq!(code(no_parts), "CLAIM_PARTIAL");
        let done = scene.disputes.decide(&operator, whole.id, Verdict::Upheld, None, None).await;
        assert_eq!(done.unwrap().state, S::Upheld);
        assert_eq!(billed(&scene, award.id).await[0].legs.price(), 300);

        let (award, none) = contested(3, Some(20_000)).await;
        let done = scene.disputes.decide(&operator, none.id, Verdict::Refused, None, None).await;
        assert_eq!(done.unwrap().decided, Some(Bps(0)));
        assert_eq!(billed(&scene, award.id).await, []);
        // What was refused may be claimed again, with better proof.
        claim(&scene, award.id, Some(20_000)).await.unwrap();
        scene.close().await;
    }

    async fn silence_means_what_the_niche_says(db: TestDb) {
        let scene = Scene::with(&db, 20_000, later(), policy()).await;
        let award = scene.sell(1).await;
        let opened = claim(&scene, award.id, None).await.unwrap();
        scene.market.clock.advance(DAY - 1);
        assert_eq!(scene.disputes.tick().await.unwrap(), 0);
        scene.market.clock.advance(1);
        let (a, b) = tokio::join!(scene.disputes.tick(), scene.disputes.tick());
        assert_eq!(a.unwrap() + b.unwrap(), 1, "once");
        assert_eq!(dispute(&scene, &opened).await.state, S::Accepted);
        assert_eq!(billed(&scene, award.id).await[0].legs.price(), 300);

        // The buyer reports it itself while the claim is open: billed once.
        let award = scene.sell(2).await;
        let opened = claim(&scene, award.id, None).await.unwrap();
        let report = ReportConversion {
            place: award.id.into(), goal: GoalKind::Registration, external_id: "mine".into(),
            amount: None, occurred_at: None,
        };
        let own = scene.conversions.report_conversion(&scene.buyer, report, None).await.unwrap();
        scene.market.clock.advance(DAY);
        assert_eq!(scene.disputes.tick().await.unwrap(), 1);
        assert_eq!(dispute(&scene, &opened).await.conversion_id, Some(own.id));
        assert_eq!(billed(&scene, award.id).await.len(), 1);
        scene.close().await;
    }

    async fn what_can_not_be_paid_is_owed(db: TestDb) {
        let scene = Scene::with(&db, 600, later(), policy()).await;
        let award = scene.sell(1).await;
        let opened = claim(&scene, award.id, Some(50_000)).await.unwrap();
        let done = scene.disputes.answer_claim(&scene.buyer, opened.id, true, None, None).await;
        assert_eq!(done.unwrap().state, S::Accepted);
        let found = billed(&scene, award.id).await.remove(0);
        assert_eq!((found.legs.price(), found.unfunded), (5_000, 4_400));
        let paused = "SELECT COUNT(*) AS n FROM offers WHERE pause_reason = 'UNFUNDED'";
        assert_eq!(scene.market.number(paused, vec![]).await, 1);
        scene.close().await;
    }

    async fn a_claim_is_checked(db: TestDb) {
        let scene = Scene::with(&db, 20_000, later(), policy()).await;
        let award = scene.sell(1).await;
        let input = ClaimConversion {
            award_id: award.id, goal: GoalKind::Sale, amount: None,
            occurred_at: scene.market.clock.now(), comment: "x".into(),
        };
        let ask = async |input: ClaimConversion| {
            code(scene.disputes.claim(&scene.publisher, &input, None).await)
        };
        assert_eq!(ask(input.clone()).await, "AMOUNT_NEEDED");
        let with = |change: fn(&mut ClaimConversion)| {
            let mut input = input.clone();
            change(&mut input);
            input
        };
        assert_eq!(ask(with(|c| c.goal = GoalKind::Lead)).await, "NO_SUCH_GOAL");
        assert_eq!(ask(with(|c| c.comment = " ".into())).await, "COMMENT_REQUIRED");
        assert_eq!(ask(with(|c| c.occurred_at = c.occurred_at.plus(1))).await, "OUTSIDE_WINDOW");
        let stranger = scene.disputes.claim(&scene.buyer, &input, None).await;
        assert_eq!(code(stranger), "NOT_FOUND");
        // A week to happen, three days until what it brings would be final.
        scene.market.clock.advance(10 * DAY + 1);
        let late = with(|c| c.amount = Some(Money::new(1, RUB)));
        assert_eq!(ask(late).await, "CLAIM_TOO_LATE");
        scene.close().await;
    }
}
