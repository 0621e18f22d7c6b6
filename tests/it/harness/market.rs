//! A small market to test in: an operator, a buyer with an offer, a publisher with a source; more
//! of each where a test wants them. Everything is done by members, through GraphQL.

use leadbourse::accounts::NewOperator;
use leadbourse::demo::client::{Client, text};
use serde_json::{Map, Value, json};

use super::TestApp;

/// A password that passes the rules.
pub const PASSWORD: &str = "correct horse battery";

/// Who is there.
pub struct Market {
    pub operator: Client,
    pub niche_id: String,
    pub currency: String,
    pub base: String,
}

/// A member with its organization's id.
pub struct Seat {
    pub client: Client,
    pub organization: String,
}

/// A source that may send.
pub struct Source {
    pub id: String,
    pub key: String,
}

/// An offer that buys.
pub struct Offer {
    pub id: String,
    pub version: String,
}

/// A lead to be sent, of a person who is named by a number.
pub struct Lead;

impl Lead {
    /// Mortgage fields of the n-th person.
    pub fn fields(n: u64) -> Map<String, Value> {
        json!({
            "name": format!("Person {n}"),
            "phone": format!("+7916{:07}", n % 10_000_000),
            "email": format!("person{n}@mail.example.com"),
            "region": "RU-MOW",
            "purpose": "NEW_BUILDING",
            "loan_amount": 5_000_000,
            "down_payment_percent": 30,
            "employment": "EMPLOYED",
        })
        .as_object()
        .unwrap()
        .clone()
    }

    /// A whole body for `POST /v1/leads`.
    pub fn body(n: u64) -> Value {
        json!({"fields": Self::fields(n), "consent": {"given": true}})
    }
}

impl Market {
    /// An operator and the mortgage niche.
    pub async fn open(app: &TestApp) -> Self {
        Self::open_niche(app, "mortgage").await
    }

    /// An operator and a ready-made niche.
    pub async fn open_niche(app: &TestApp, slug: &str) -> Self {
        app.app
            .accounts
            .create_operator(NewOperator {
                email: "operator@mail.example.com".to_owned(),
                name: "Olga Operator".to_owned(),
                password: PASSWORD.to_owned(),
                organization_name: "The Exchange".to_owned(),
                time_zone: "Europe/Moscow".to_owned(),
            })
            .await
            .unwrap();
        let mut operator = app.visitor();
        operator.sign_in("operator@mail.example.com", PASSWORD).await.unwrap();
        let input = json!({"slug": slug});
        let payload =
            operator.mutate("installNichePack", input, "niche { id currency }").await.unwrap();
        Self {
            niche_id: text(&payload["niche"]["id"]),
            currency: text(&payload["niche"]["currency"]),
            base: app.url(),
            operator,
        }
    }

    /// Signs an organization up and lets the operator approve it.
    pub async fn seat(&self, kind: &str, name: &str) -> Seat {
        let mut client = Client::new(&self.base).unwrap();
        let viewer = client
            .sign_up(json!({
                "email": format!("{}@mail.example.com", name.to_lowercase().replace(' ', "-")),
                "password": PASSWORD, "name": name, "organizationName": name, "kind": kind,
                "country": "RU", "timeZone": "Europe/Moscow", "locale": "en",
            }))
            .await
            .unwrap();
        let organization = text(&viewer["viewer"]["organization"]["id"]);
        let input = json!({"id": organization, "state": "ACTIVE"});
        self.operator.mutate("decideOrganization", input, "organization { id }").await.unwrap();
        Seat { client, organization }
    }

    /// A buyer with money, in minor units.
    pub async fn buyer(&self, name: &str, minor: i64) -> Seat {
        let seat = self.seat("BUYER", name).await;
        if minor > 0 {
            self.top_up(&seat, minor, "first").await;
        }
        seat
    }

    /// Money arrives.
    pub async fn top_up(&self, buyer: &Seat, minor: i64, reference: &str) {
        let input = json!({
            "buyerId": buyer.organization,
            "amount": {"minor": minor.to_string(), "currency": self.currency},
            "rail": "BANK", "reference": reference,
            "idempotencyKey": format!("{}/{reference}", buyer.organization),
        });
        self.operator.mutate("recordTopUp", input, "topUp { id }").await.unwrap();
    }

    /// Exclusive terms: one LEAD goal at this price, public, no caps; days for return, hold, lock.
    pub fn terms(&self, price: i64) -> Value {
        const DAY_S: i64 = 86_400;
        json!({
            "goals": [{"kind": "LEAD", "price": self.money(price)}],
            "caps": [],
            "schedule": {"timeZone": "Europe/Moscow", "windows": [], "holidays": []},
            "conditions": [],
            "minScore": 0, "maxSales": 1, "dedupeWindowS": 0,
            "returnWindowS": 3 * DAY_S, "holdS": 5 * DAY_S, "lockS": 14 * DAY_S,
            "maxReturnShareBps": 10_000, "visibility": "PUBLIC", "priority": 0,
            "description": "",
        })
    }

    /// A sum in the niche's currency.
    pub fn money(&self, minor: i64) -> Value {
        json!({"minor": minor.to_string(), "currency": self.currency})
    }

    /// Drafts, submits and approves an offer.
    pub async fn offer(&self, buyer: &Seat, name: &str, terms: Value) -> Offer {
        let input = json!({"nicheId": self.niche_id, "name": name, "terms": terms});
        let selection = "offer { id draft { id } }";
        let payload = buyer.client.mutate("createOffer", input, selection).await.unwrap();
        let id = text(&payload["offer"]["id"]);
        let version = text(&payload["offer"]["draft"]["id"]);
        let input = json!({"offerId": id});
        buyer.client.mutate("submitOffer", input, "offer { id }").await.unwrap();
        let input = json!({"versionId": version, "approve": true});
        self.operator.mutate("reviewOffer", input, "offer { id }").await.unwrap();
        Offer { id, version }
    }

    /// A publisher.
    pub async fn publisher(&self, name: &str) -> Seat {
        self.seat("PUBLISHER", name).await
    }

    /// An approved source that sells to the whole market.
    pub async fn source(&self, publisher: &Seat, name: &str, max_sales: i32) -> Source {
        let input = json!({
            "nicheId": self.niche_id, "name": name, "kind": "API", "traffic": "test",
            "maxSales": max_sales,
        });
        let selection = "source { id } postingKey";
        let payload = publisher.client.mutate("createSource", input, selection).await.unwrap();
        let id = text(&payload["source"]["id"]);
        let input = json!({"id": id, "approve": true});
        self.operator.mutate("decideSource", input, "source { id }").await.unwrap();
        Source { id, key: text(&payload["postingKey"]) }
    }

    /// Sends the n-th person; the verdict.
    pub async fn send(&self, source: &Source, n: u64) -> Value {
        let visitor = Client::new(&self.base).unwrap();
        let (status, verdict) = visitor.post_lead(&source.key, &Lead::body(n)).await.unwrap();
        assert_eq!(status, 200, "{verdict}");
        verdict
    }
}
