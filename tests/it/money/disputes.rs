//! Returns: who may, when, what it gives back; deadlines and defaults.

use leadbourse_core::conversion::ConversionState;
use leadbourse_core::dispute::{DisputeState, Verdict};
use leadbourse_core::error::Kind;
use leadbourse_core::ledger::Account;
use leadbourse_core::money::Bps;
use serde_json::{Value, json};

use super::scene::{RUB, Scene, code, hybrid, page};
use crate::each_engine;
use crate::exchange::market::{person, policy, terms};

fn contesting() -> Value {
    let mut policy = policy();
    policy["on_silence"] = json!("CONTEST");
    policy
}

each_engine! {
    async fn an_accepted_return_gives_everything_back_and_frees_the_person(db: TestDb) {
        let scene = Scene::open(&db, 5_000).await;
        let sold = scene.sold(1).await;
        assert!(scene.market.count("claims").await > 0);
        let dispute = scene.open_return(sold.id, None).await.unwrap();
        assert_eq!(dispute.state, DisputeState::Open);
        assert_eq!(code(scene.open_return(sold.id, None).await), "RETURN_EXISTS");
        let done = scene.disputes
            .answer_return(&scene.publisher, dispute.id, true, Some("sorry"), Some("k"))
            .await.unwrap();
        assert_eq!((done.state, done.decided), (DisputeState::Accepted, Some(Bps::WHOLE)));
        // The same key again answers the same.
        let again = scene.disputes
            .answer_return(&scene.publisher, dispute.id, true, Some("sorry"), Some("k"))
            .await.unwrap();
        assert_eq!(again.state, DisputeState::Accepted);
        assert_eq!((scene.available().await, scene.held().await), (5_000, 0));
        assert_eq!(scene.balance(Account::fees_held(scene.buyer.org, RUB)).await, 0);
        let after = scene.conversion(sold.id).await;
        assert_eq!((after.state, after.given.bps), (ConversionState::Returned, Bps::WHOLE));
        assert_eq!(scene.market.count("claims").await, 0);
        assert_eq!(code(scene.open_return(sold.id, None).await), "NOT_RETURNABLE");
        // Freed: the same person sells again.
        let again = scene.market.send(&scene.source, person(1)).await.unwrap().verdict;
        assert_eq!(again.awards.len(), 1);
        scene.close().await;
    }

    async fn all_three_sides_read_the_history_and_the_comments_are_sealed(db: TestDb) {
        let scene = Scene::with(&db, 5_000, terms(1_000, json!({})), contesting()).await;
        let sold = scene.sold(1).await;
        let dispute = scene.open_return(sold.id, None).await.unwrap();
        scene.disputes
            .answer_return(&scene.publisher, dispute.id, false, Some("the number rings"), None)
            .await.unwrap();
        scene.disputes.comment(&scene.buyer, dispute.id, "called twice").await.unwrap();
        scene.disputes
            .decide(&scene.operator(), dispute.id, Verdict::Refused, Some("it rings"), None)
            .await.unwrap();
        for side in [scene.buyer, scene.publisher, scene.operator()] {
            let seen = scene.disputes.dispute(&side, dispute.id).await.unwrap();
            assert_eq!(seen.state, DisputeState::Refused);
            let events = scene.disputes.events(&side, &[seen]).await.unwrap();
            let codes: Vec<&str> = events.iter().map(|event| event.code.as_str()).collect();
            assert_eq!(codes, ["OPENED", "CONTESTED", "COMMENT", "REFUSED"]);
            assert_eq!(events[1].comment.as_deref(), Some("the number rings"));
        }
        let stranger = crate::money::scene::member(
            &scene.market, scene.market.buyer(0).await, leadbourse_core::access::OrgKind::Buyer,
        );
        assert_eq!(code(scene.disputes.dispute(&stranger, dispute.id).await), "NOT_FOUND");
        assert_eq!(code(scene.disputes.comment(&scene.buyer, dispute.id, "more").await), "INVALID_STATE");
        // Erasing the lead's key erases what was said.
        scene.market.run("UPDATE lead_contacts SET wrapped_key = NULL, ciphertext = NULL", vec![]).await;
        let seen = scene.disputes.dispute(&scene.buyer, dispute.id).await.unwrap();
        let events = scene.disputes.events(&scene.buyer, &[seen]).await.unwrap();
        assert!(events.iter().all(|event| event.comment.is_none()));
        assert_eq!((scene.available().await, scene.held().await), (4_000, 850));
        assert_eq!(scene.differences().await, Vec::new());
        scene.market.close().await;
    }

    async fn a_partial_decision_gives_back_its_share_and_the_rest_is_paid(db: TestDb) {
        // 999: fee 149.85 -> 150, earning 849; 30 % of them: 254.7 -> 255 and 45.
        let scene = Scene::with(&db, 5_000, terms(999, json!({})), contesting()).await;
        let sold = scene.sold(1).await;
        assert_eq!((sold.legs.earning(), sold.legs.fee()), (849, 150));
        let dispute = scene.open_return(sold.id, Some(8_000)).await.unwrap();
        scene.disputes.answer_return(&scene.publisher, dispute.id, false, None, None).await.unwrap();
        let decide = |verdict| scene.disputes.decide(&scene.market.operator, dispute.id, verdict, None, None);
        assert_eq!(code(decide(Verdict::Partial(Bps(8_000))).await), "BAD_SHARE");
        let done = decide(Verdict::Partial(Bps(3_000))).await.unwrap();
        assert_eq!((done.state, done.decided), (DisputeState::Partial, Some(Bps(3_000))));
        assert_eq!(scene.available().await, 5_000 - 999 + 255 + 45);
        assert_eq!(scene.held().await, 849 - 255);
        // A second return, in the window, takes what is left exactly.
        assert_eq!(code(scene.open_return(sold.id, Some(3_000)).await), "BAD_SHARE");
        let rest = scene.open_return(sold.id, None).await.unwrap();
        scene.disputes.answer_return(&scene.publisher, rest.id, true, None, None).await.unwrap();
        assert_eq!((scene.available().await, scene.held().await), (5_000, 0));
        scene.close().await;
    }

    async fn silence_and_the_lock_decide_by_the_niche(db: TestDb) {
        let scene = Scene::with(&db, 5_000, terms(1_000, json!({})), contesting()).await;
        let (a, b) = (scene.sold(1).await, scene.sold(2).await);
        let open = scene.open_return(a.id, None).await.unwrap();
        scene.later(86_399);
        assert_eq!(scene.disputes.tick().await.unwrap(), 0);
        scene.later(1);
        // The window is over now, but a return that is open goes on.
        let late = scene.disputes.answer_return(&scene.publisher, open.id, true, None, None).await;
        assert_eq!(code(late), "ANSWER_TOO_LATE");
        assert_eq!(scene.disputes.tick().await.unwrap(), 1);
        let now = scene.disputes.dispute(&scene.buyer, open.id).await.unwrap();
        assert_eq!(now.state, DisputeState::Contested);
        scene.later(1);
        assert_eq!(code(scene.open_return(b.id, None).await), "RETURN_WINDOW_OVER");
        // The hold of the disputed one goes on, the other's ends.
        scene.later(86_400);
        assert_eq!(scene.settlements.hold_end().await.unwrap(), 1);
        assert_eq!(scene.conversion(a.id).await.state, ConversionState::Held);
        assert_eq!(scene.payable().await, 850);
        scene.later(86_400);
        assert_eq!(scene.disputes.tick().await.unwrap(), 1);
        let now = scene.disputes.dispute(&scene.buyer, open.id).await.unwrap();
        assert_eq!((now.state, now.resolved_by.as_deref()), (DisputeState::Refused, Some("system")));
        assert_eq!(scene.settlements.hold_end().await.unwrap(), 1);
        assert_eq!((scene.payable().await, scene.held().await), (1_700, 0));
        scene.close().await;
    }

    async fn where_silence_accepts_the_buyer_gets_it_back(db: TestDb) {
        let scene = Scene::open(&db, 5_000).await;
        let sold = scene.sold(1).await;
        let dispute = scene.open_return(sold.id, None).await.unwrap();
        scene.later(86_400);
        assert_eq!(scene.disputes.tick().await.unwrap(), 1);
        let now = scene.disputes.dispute(&scene.publisher, dispute.id).await.unwrap();
        assert_eq!(now.state, DisputeState::Accepted);
        assert_eq!(scene.available().await, 5_000);
        scene.close().await;
    }

    async fn the_share_of_returns_is_bounded_and_a_withdrawn_one_does_not_count(db: TestDb) {
        let bounded = terms(1_000, json!({"max_return_share_bps": 5_000}));
        let scene = Scene::with(&db, 9_000, bounded, policy()).await;
        let (a, b) = (scene.sold(1).await, scene.sold(2).await);
        let first = scene.open_return(a.id, None).await.unwrap();
        let refused = scene.open_return(b.id, None).await.unwrap_err();
        let refused = refused.problem().unwrap().code;
        // A buyer is told at the form: it is no overload, which would fail the whole request.
        assert_eq!((refused.name, refused.kind), ("RETURN_SHARE_EXCEEDED", Kind::Conflict));
        let gone = scene.disputes.withdraw_return(&scene.buyer, first.id, None).await.unwrap();
        assert_eq!(gone.state, DisputeState::Withdrawn);
        scene.open_return(b.id, None).await.unwrap();
        let open = scene.disputes.disputes(&scene.buyer, None, Some(true), &page()).await.unwrap();
        assert_eq!(open.items.len(), 1);
        scene.close().await;
    }

    async fn a_returned_debt_is_forgiven_first(db: TestDb) {
        let scene = Scene::with(&db, 2_500, hybrid(), policy()).await;
        let award = scene.sell(1).await;
        let sale = scene.report(award.id, "c").await.unwrap();
        assert_eq!(sale.unfunded, 2_500);
        let dispute = scene.open_return(sale.id, None).await.unwrap();
        scene.disputes.answer_return(&scene.publisher, dispute.id, true, None, None).await.unwrap();
        let after = scene.conversion(sale.id).await;
        assert_eq!((after.unfunded, after.state), (0, ConversionState::Returned));
        assert_eq!(scene.balance(Account::owed(scene.buyer.org, RUB)).await, 0);
        assert_eq!(scene.available().await, 1_500);
        scene.close().await;
    }

    async fn two_answers_at_once_give_back_once(db: TestDb) {
        let scene = Scene::with(&db, 5_000, terms(1_000, json!({})), contesting()).await;
        let sold = scene.sold(1).await;
        let dispute = scene.open_return(sold.id, None).await.unwrap();
        scene.disputes.answer_return(&scene.publisher, dispute.id, false, None, None).await.unwrap();
        let operator = scene.operator();
        let one = |verdict| scene.disputes.decide(&operator, dispute.id, verdict, None, None);
        let accept = scene.disputes.answer_return(&scene.publisher, dispute.id, true, None, None);
        let (a, b, c) = tokio::join!(one(Verdict::Upheld), one(Verdict::Upheld), accept);
        let won = [a.is_ok(), b.is_ok(), c.is_ok()].iter().filter(|ok| **ok).count();
        assert_eq!(won, 1);
        assert_eq!((scene.available().await, scene.held().await), (5_000, 0));
        scene.close().await;
    }

    async fn a_person_whom_another_buyer_still_has_stays_taken(db: TestDb) {
        let two = json!({"max_sales": 2});
        let scene = Scene::with(&db, 50_000, terms(500, two), policy()).await;
        let other = scene.market.buyer(50_000).await;
        let sale = json!({"max_sales": 2, "goals": [
            {"kind": "SALE", "price": 20_000, "attribution_window_s": 2_592_000, "reserve_bps": 1_000}
        ]});
        scene.market.offer(other, terms(500, sale)).await;
        let source = scene.market.source(2, None).await;
        let sold = scene.market.send(&source, person(1)).await.unwrap().verdict;
        assert_eq!(sold.awards.len(), 2, "{:?}", sold.reasons);
        let publisher = crate::money::scene::member(
            &scene.market, source.publisher, leadbourse_core::access::OrgKind::Publisher,
        );
        let awards = scene.conversions.awards_of_leads(&scene.buyer, &[sold.lead_id]).await.unwrap();
        let first = scene.conversions
            .conversions_of_awards(&scene.buyer, &[awards[0].id]).await.unwrap().remove(0);
        let dispute = scene.open_return(first.id, None).await.unwrap();
        scene.disputes.answer_return(&publisher, dispute.id, true, None, None).await.unwrap();
        // The other buyer has reported nothing yet, but has the lead, and money waits for it.
        assert!(scene.market.count("claims").await > 0);
        let again = scene.market.send(&source, person(1)).await.unwrap().verdict;
        assert_eq!(again.awards.len(), 0);
        assert_eq!(scene.market.count("reservations").await, 1);
        // Once its sale was returned as well, the person is free.
        let buyer = crate::money::scene::member(
            &scene.market, other, leadbourse_core::access::OrgKind::Buyer,
        );
        let award = scene.conversions.awards_of_leads(&buyer, &[sold.lead_id]).await.unwrap().remove(0);
        let input = leadbourse::conversions::ReportConversion {
            place: award.id.into(), goal: leadbourse_core::offer::terms::GoalKind::Sale,
            external_id: "x".into(), amount: None, occurred_at: None,
        };
        let sale = scene.conversions.report_conversion(&buyer, input, None).await.unwrap();
        let claim = leadbourse::disputes::OpenReturn {
            conversion_id: sale.id, reason_code: "BAD_PHONE".to_owned(), comment: None, share: None,
        };
        let dispute = scene.disputes.open_return(&buyer, claim, None).await.unwrap();
        scene.disputes.answer_return(&publisher, dispute.id, true, None, None).await.unwrap();
        let own = "SELECT COUNT(*) AS n FROM claims WHERE lead_id = $1";
        let left = scene.market.number(own, vec![sold.lead_id.uuid().into()]).await;
        assert_eq!(left, 0);
        scene.market.close().await;
    }
}
