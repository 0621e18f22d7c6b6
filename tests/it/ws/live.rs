//! `leadAwarded` on the whole exchange: who is told, and what happens when a session ends.

use serde_json::json;

use super::{hear, open, say, subscribe};
use crate::authz::member::Member;
use crate::harness::market::{Market, PASSWORD};
use crate::harness::{Kind, TestApp};

const AWARDED: &str = "subscription { leadAwarded { id price { minor } lead { state } } }";

#[tokio::test]
async fn a_buyer_hears_of_its_own_awards_until_it_signs_out() {
    let app = TestApp::new(Kind::Sqlite).await.unwrap();
    let market = Market::open(&app).await;
    let buyer = market.buyer("Bea Buyer", 1_000_000).await;
    market.buyer("Otto Other", 0).await;
    let publisher = market.publisher("Pam Publisher").await;
    market.offer(&buyer, "Offer", market.terms(50_000)).await;
    let source = market.source(&publisher, "Site", 1).await;
    let address = app.url().trim_start_matches("http://").parse().unwrap();

    let connect = async |name: &str| {
        let email = format!("{name}@mail.example.com");
        let member = Member::sign_in(&app.url(), &email, PASSWORD).await;
        let cookie = member.cookie.clone().unwrap();
        let headers = [("cookie", cookie.as_str()), ("origin", &app.url())];
        let mut socket = open(address, Some("graphql-transport-ws"), &headers).await;
        say(&mut socket, json!({"type": "connection_init", "payload": {}})).await;
        assert_eq!(hear(&mut socket).await["type"], "connection_ack");
        say(&mut socket, subscribe("s", AWARDED)).await;
        (member, socket)
    };
    let (owner, mut own) = connect("bea-buyer").await;
    let (_, mut other) = connect("otto-other").await;
    let (_, mut seller) = connect("pam-publisher").await;

    // A publisher is no buyer: denied, not silent.
    let denied = hear(&mut seller).await;
    let code = |message: &serde_json::Value| {
        let errors = if message["type"] == "error" {
            &message["payload"]
        } else {
            &message["payload"]["errors"]
        };
        errors[0]["extensions"]["code"].clone()
    };
    assert_eq!(code(&denied), "NOT_FOUND", "{denied}");

    // The subscription stands once a later message was answered.
    say(&mut own, json!({"type": "ping"})).await;
    assert_eq!(hear(&mut own).await["type"], "pong");
    let verdict = market.send(&source, 1).await;
    assert_eq!(verdict["verdict"], "SOLD");
    let told = hear(&mut own).await;
    let award = &told["payload"]["data"]["leadAwarded"];
    assert_eq!(award["id"], verdict["awards"][0]["award_id"], "{told}");
    assert_eq!(award["price"]["minor"], "50000");
    assert_eq!(award["lead"]["state"], "SOLD");

    // The other buyer hears nothing of it.
    say(&mut other, json!({"type": "ping"})).await;
    assert_eq!(hear(&mut other).await["type"], "pong");

    let answer = owner.ask("mutation { signOut(input: {all: false}) { ok } }", json!({})).await;
    assert_eq!(answer["data"]["signOut"]["ok"], true, "{answer}");
    assert_eq!(hear(&mut own).await["close"], 4403);
    // Others stay connected: only their own rights count.
    say(&mut other, json!({"type": "ping"})).await;
    assert_eq!(hear(&mut other).await["type"], "pong");
    drop((own, other, seller));
    app.finish().await;
}
