//! A publisher's own price, from the buyer's yes to the books.

use leadbourse::demo::client::{Client, Refusal, text};
use leadbourse::offers::Answer;
use leadbourse_core::access::OrgKind;
use leadbourse_core::offer::participation::ParticipationState as S;
use serde_json::{Value, json};

use crate::each_engine;
use crate::harness::market::{Offer, Seat};
use crate::harness::parties::{Parties, code, terms};
use crate::harness::{Kind, Market, TestApp};

each_engine! {
    async fn an_own_price_is_checked_and_every_change_of_it_is_heard(db: TestDb) {
        let parties = Parties::over(db).await;
        let offers = &parties.offers;
        let niche = parties.mortgage().await;
        let buyer = parties.owner(OrgKind::Buyer, "ann").await;
        let publisher = parties.owner(OrgKind::Publisher, "pub").await;
        let asked = terms(|t| {
            t["visibility"] = json!("BY_APPLICATION");
            t["caps"] = json!([{"period": "DAY", "money": 150_000}]);
        });
        let offer = parties.active_offer(&buyer, &niche, asked).await;
        let place = offers.apply(&publisher, offer.id, None).await.unwrap();
        let answer = async |to, price| {
            let answer = Answer { to, note: None, price };
            offers.decide_participation(&buyer, place.id, &answer, None).await
        };
        // The floor of the niche is 300 roubles; a day's cap is 1 500.
        assert_eq!(code(answer(S::Approved, Some(Some(29_999))).await), "TERMS_PRICE_FLOOR");
        assert_eq!(code(answer(S::Approved, Some(Some(150_001))).await), "TERMS_CAP");
        assert_eq!(code(answer(S::Declined, Some(Some(60_000))).await), "BAD_INPUT");
        let before = parties.epoch(&niche).await;
        let approved = answer(S::Approved, Some(Some(30_000))).await.unwrap();
        assert_eq!((approved.state, approved.price_override), (S::Approved, Some(30_000)));
        assert_eq!(parties.epoch(&niche).await, before + 1);

        assert_eq!(code(answer(S::Approved, None).await), "INVALID_STATE", "nothing is asked");
        let dearer = answer(S::Approved, Some(Some(150_000))).await.unwrap();
        assert_eq!(dearer.price_override, Some(150_000));
        assert_eq!(parties.epoch(&niche).await, before + 2);
        let seen = offers.participation(&publisher, place.id).await.unwrap();
        assert_eq!(seen, dearer);
        let entry = offers.catalogue_entry(&publisher, offer.id).await.unwrap();
        assert_eq!(entry.goals[0].earning, 127_500);
        let same = offers.invite(&buyer, offer.id, publisher.org, None).await.unwrap();
        assert_eq!(same.price_override, Some(150_000), "an invitation without a price asks nothing");
        let other = offers.invite(&buyer, offer.id, publisher.org, Some(40_000)).await.unwrap();
        assert_eq!((other.id, other.price_override), (place.id, Some(40_000)));
        let low = offers.invite(&buyer, offer.id, publisher.org, Some(1)).await;
        assert_eq!(code(low), "TERMS_PRICE_FLOOR");
        assert_eq!(answer(S::Approved, Some(None)).await.unwrap().price_override, None);
        assert_eq!(parties.epoch(&niche).await, before + 4);
        parties.audit_lines().await;
    }
}

async fn refused(client: &Client, name: &str, input: Value) -> (String, Option<String>) {
    let outcome = client.try_mutate(name, input, "participation { id }").await.unwrap();
    let Refusal { code, field, .. } = outcome.expect_err("a refusal").remove(0);
    (code, field)
}

/// An offer at 1 000 roubles; one publisher gets 1 200, the other the offer's price.
async fn run(kind: Kind) {
    let Some(app) = TestApp::new(kind).await else { return };
    let market = Market::open(&app).await;
    let buyer = market.buyer("Ann", 1_000_000).await;
    let mut terms = market.terms(100_000);
    terms["visibility"] = json!("BY_APPLICATION");
    let offer = market.offer(&buyer, "Loans", terms).await;
    let first = market.publisher("First").await;
    let second = market.publisher("Second").await;
    let place = approve_at_an_own_price(&market, &buyer, &first, &offer).await;
    let input = json!({"offerId": offer.id, "publisherId": second.organization});
    let shown = "participation { state price { minor } }";
    let invited = buyer.client.mutate("inviteToOffer", input, shown).await.unwrap();
    assert_eq!(invited["participation"], json!({"state": "APPROVED", "price": null}));

    each_side_sees_its_own(&market, &buyer, &first, &second).await;
    let (own, plain) =
        (market.source(&first, "Own", 1).await, market.source(&second, "Plain", 1).await);
    let earned = |verdict: Value| (text(&verdict["verdict"]), text(&verdict["earning"]["minor"]));
    let sold = |minor: &str| ("SOLD".to_owned(), minor.to_owned());
    assert_eq!(earned(market.send(&own, 1).await), sold("102000"));
    assert_eq!(earned(market.send(&plain, 2).await), sold("85000"));
    // The price goes; the next lead is bought at the offer's.
    let input = json!({"id": place, "state": "APPROVED", "price": null});
    let cleared = buyer.client.mutate("decideParticipation", input, shown).await.unwrap();
    assert_eq!(cleared["participation"], json!({"state": "APPROVED", "price": null}));
    assert_eq!(earned(market.send(&own, 3).await), sold("85000"));
    the_books_are_exact(&buyer, &first, &second).await;
    app.finish().await;
}

async fn approve_at_an_own_price(
    market: &Market,
    buyer: &Seat,
    publisher: &Seat,
    offer: &Offer,
) -> String {
    let input = json!({"offerId": offer.id});
    let asked = publisher.client.mutate("applyToOffer", input, "participation { id }").await;
    let place = text(&asked.unwrap()["participation"]["id"]);
    let input = |price: Value| json!({"id": place, "state": "APPROVED", "price": price});
    let price = json!({"minor": "120000", "currency": "USD"});
    assert_eq!(
        refused(&buyer.client, "decideParticipation", input(price)).await,
        ("CURRENCY_MISMATCH".to_owned(), Some("price.currency".to_owned()))
    );
    assert_eq!(
        refused(&buyer.client, "decideParticipation", input(market.money(29_999))).await,
        ("TERMS_PRICE_FLOOR".to_owned(), Some("price".to_owned()))
    );
    let strange = refused(&publisher.client, "decideParticipation", input(market.money(1))).await;
    assert_eq!(strange.0, "NOT_FOUND");
    let shown = "participation { state price { minor currency } earning { minor } }";
    let done =
        buyer.client.mutate("decideParticipation", input(market.money(120_000)), shown).await;
    let price = json!({"minor": "120000", "currency": market.currency});
    assert_eq!(
        done.unwrap()["participation"],
        json!({"state": "APPROVED", "price": price, "earning": null})
    );
    place
}

/// The clock stands still: what came first is chance.
fn sorted(mut found: Vec<Value>) -> Vec<Value> {
    found.sort_by_key(|each| each["price"]["minor"].to_string());
    found
}

async fn each_side_sees_its_own(market: &Market, buyer: &Seat, first: &Seat, second: &Seat) {
    let shown = "price { minor } earning { minor }";
    let seen = async |client: &Client| sorted(client.all("participations", shown).await.unwrap());
    let (none, price, earning) =
        (json!(null), json!({"minor": "120000"}), json!({"minor": "102000"}));
    let both = [json!({"price": none, "earning": none}), json!({"price": price, "earning": none})];
    assert_eq!(seen(&buyer.client).await, sorted(both.to_vec()));
    assert_eq!(seen(&first.client).await, [json!({"price": none, "earning": earning})]);
    assert_eq!(seen(&second.client).await, [json!({"price": none, "earning": none})]);
    let all = seen(&market.operator).await;
    assert!(all.contains(&json!({"price": price, "earning": earning})), "{all:?}");
    let shown = "goals { earning { minor } }";
    for (publisher, minor) in [(first, "102000"), (second, "85000")] {
        let found = publisher.client.all("catalogue", shown).await.unwrap();
        assert_eq!(found, [json!({"goals": [{"earning": {"minor": minor}}]})]);
    }
}

async fn the_books_are_exact(buyer: &Seat, first: &Seat, second: &Seat) {
    let awards = sorted(buyer.client.all("awards", "price { minor }").await.unwrap());
    let priced = |minor: &str| json!({"price": {"minor": minor}});
    assert_eq!(awards, [priced("100000"), priced("100000"), priced("120000")]);
    let conversions = buyer.client.all("conversions", "price { minor }").await.unwrap();
    assert_eq!(sorted(conversions), awards, "each is billed as it was bought");
    let wallet = "{ wallets { available { minor } heldFees { minor } } }";
    let wallet = buyer.client.query(wallet, json!({})).await.unwrap();
    // 3 200 roubles spent; the exchange holds 15 % of each.
    assert_eq!(
        wallet["wallets"],
        json!([{"available": {"minor": "680000"}, "heldFees": {"minor": "48000"}}])
    );
    for (publisher, minor) in [(first, "187000"), (second, "85000")] {
        let held = "{ earnings { held { minor } } }";
        let held = publisher.client.query(held, json!({})).await.unwrap();
        assert_eq!(held["earnings"], json!([{"held": {"minor": minor}}]));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_award_is_bought_at_the_publishers_own_price_on_sqlite() {
    run(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_award_is_bought_at_the_publishers_own_price_on_postgres() {
    run(Kind::Postgres).await;
}
