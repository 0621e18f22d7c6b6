//! What is shown of many leads is read at once, not lead by lead.
//!
//! Each test is one thread, so that it hears its own statements only.

use leadbourse::demo::client::Client;
use leadbourse::platform::db::STATEMENTS;
use serde_json::json;
use std::fmt;
use std::sync::{Arc, Mutex};
use tracing::field::{Field, Visit};
use tracing::{Event, Metadata, Subscriber, span};

use crate::harness::{Kind, Market, TestApp};

/// Hears the text of every statement.
#[derive(Clone, Default)]
struct Ear(Arc<Mutex<Vec<String>>>);

struct Text<'a>(&'a mut Vec<String>);

impl Visit for Text<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "statement" {
            self.0.push(value.to_owned());
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}

impl Subscriber for Ear {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == STATEMENTS
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Text(&mut self.0.lock().unwrap()));
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

/// Tables that only these fields read.
const TABLES: &[&str] = &["lead_events", "lead_contacts", "lead_evidence"];

/// How many statements read each table while somebody looks at the chains of `first` leads.
async fn statements(ear: &Ear, client: &Client, first: usize) -> Vec<usize> {
    ear.0.lock().unwrap().clear();
    let document = "query($first: Int) { leads(first: $first) { nodes { id chainValid \
                    events { seq code evidence } trace { offerName } } } }";
    let answer = client.query(document, json!({"first": first})).await.unwrap();
    let leads = answer["leads"]["nodes"].as_array().unwrap();
    assert_eq!(leads.len(), first);
    for lead in leads {
        assert_eq!(lead["chainValid"], true);
        assert_eq!(lead["events"][0]["code"], "RECEIVED");
        assert_eq!(lead["events"][1]["code"], "SOLD");
    }
    let heard = ear.0.lock().unwrap();
    let reads = |table: &str| {
        let from = format!("FROM {table} ");
        heard.iter().filter(|sql| sql.contains(&from)).count()
    };
    TABLES.iter().map(|table| reads(table)).collect()
}

async fn compare(kind: Kind) {
    let app = TestApp::new(kind).await.unwrap();
    let market = Market::open(&app).await;
    let buyer = market.buyer("Bea Buyer", 100_000_000).await;
    let publisher = market.publisher("Pam Publisher").await;
    market.offer(&buyer, "Offer", market.terms(50_000)).await;
    let source = market.source(&publisher, "Site", 1).await;
    for n in 0..12 {
        market.send(&source, n).await;
    }
    app.drain().await;
    let ear = Ear::default();
    // For this thread, on which everything of this test runs.
    let listening = tracing::subscriber::set_default(ear.clone());
    for first in [1, 12] {
        assert_eq!(statements(&ear, &market.operator, first).await, [1, 1, 1], "{first}");
        // Only operators are shown evidence, so nobody else's question reads it.
        assert_eq!(statements(&ear, &publisher.client, first).await, [1, 0, 0], "{first}");
    }
    drop(listening);
    app.finish().await;
}

mod the_chains_of_a_page_take_as_many_statements_as_one {
    use super::*;

    #[tokio::test]
    async fn sqlite() {
        compare(Kind::Sqlite).await;
    }

    #[tokio::test]
    async fn postgres() {
        compare(Kind::Postgres).await;
    }
}
