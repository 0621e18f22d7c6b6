//! Parties over a bare database: services without a server, and actors to call them with.

use leadbourse::accounts::{Accounts, Known, NewAccount, NewOperator};
use leadbourse::niches::{Niche, Niches};
use leadbourse::offers::{Offer, Offers, Review};
use leadbourse::platform::audit;
use leadbourse::platform::config::Auth;
use leadbourse::platform::db::epoch;
use leadbourse::platform::error::{Error, Result};
use leadbourse::platform::hints::LocalHints;
use leadbourse::platform::paging::Page;
use leadbourse::platform::shutdown::Shutdown;
use leadbourse_core::access::{Actor, OrgKind, Role};
use leadbourse_core::account::state::OrgState;
use leadbourse_core::money::Bps;
use leadbourse_core::offer::terms::Terms;
use serde_json::{Value, json};
use std::sync::Arc;

use super::TestDb;
use super::market::PASSWORD;

/// One millisecond in microseconds: what is made later than another thing sorts after it.
pub const MILLISECOND: i64 = 1_000;

/// The services of the parties, and the operator's administrator.
pub struct Parties {
    pub db: TestDb,
    pub accounts: Accounts,
    pub niches: Niches,
    pub offers: Offers,
    pub admin: Actor,
}

/// The code of a refusal.
pub fn code<T>(result: Result<T>) -> &'static str {
    match result {
        Ok(_) => "OK",
        Err(Error::Problem(problem)) => problem.code.name,
        Err(other) => panic!("a fault: {other}"),
    }
}

/// The first page.
pub fn page() -> Page {
    Page::new(Some(100), None).unwrap()
}

/// Terms for the ready-made mortgage niche.
pub fn terms(change: impl FnOnce(&mut Value)) -> Terms {
    let mut value = json!({
        "goals": [{"kind": "LEAD", "price": 100_000}],
        "caps": [{"period": "DAY", "count": 20}],
        "schedule": {"time_zone": "Europe/Moscow"},
        "conditions": [{"op": "EQ", "field": "region", "value": "RU-MOW"}],
        "max_sales": 1, "return_window_s": 259_200, "hold_s": 604_800, "lock_s": 1_209_600,
        "visibility": "PUBLIC"
    });
    change(&mut value);
    serde_json::from_value(value).unwrap()
}

impl Parties {
    /// Services over the database, with an administrator.
    pub async fn over(db: TestDb) -> Self {
        Self::with(db, Auth { sign_ups_per_hour: 10_000, ..Auth::default() }).await
    }

    /// The same with other settings of the sign-in.
    pub async fn with(db: TestDb, auth: Auth) -> Self {
        let hints = Arc::new(LocalHints::new());
        let (base, clock) = (db.db.clone(), db.clock.clone());
        let accounts = Accounts::new(base, clock.clone(), hints, Shutdown::new(), auth);
        let niches = Niches::new(db.db.clone(), clock.clone());
        let offers = Offers::new(db.db.clone(), clock, niches.clone(), Bps(1_500));
        let new = NewOperator {
            email: "Admin@Exchange.example.com".to_owned(),
            name: "Ada".to_owned(),
            password: PASSWORD.to_owned(),
            organization_name: "The Exchange".to_owned(),
            time_zone: "Europe/Moscow".to_owned(),
        };
        let (user, organization) = accounts.create_operator(new).await.unwrap();
        let admin = Actor::member(user.id, organization, OrgKind::Operator, Role::Admin);
        Self { db, accounts, niches, offers, admin }
    }

    /// Somebody signs up.
    pub async fn sign_up(&self, kind: OrgKind, name: &str) -> Known {
        let new = NewAccount {
            email: format!("{name}@mail.example.com"),
            password: PASSWORD.to_owned(),
            name: name.to_owned(),
            organization_name: format!("{name} Ltd"),
            kind,
            country: Some("RU".to_owned()),
            time_zone: Some("Europe/Moscow".to_owned()),
            locale: None,
        };
        self.db.clock.advance(MILLISECOND);
        self.accounts.sign_up(new, None).await.unwrap().known
    }

    /// The owner of an approved organization.
    pub async fn owner(&self, kind: OrgKind, name: &str) -> Actor {
        let actor = self.sign_up(kind, name).await.actor;
        self.decide(actor, OrgState::Active).await;
        actor
    }

    /// The administrator decides on somebody's organization.
    pub async fn decide(&self, whose: Actor, to: OrgState) {
        self.accounts.decide_organization(&self.admin, whose.org, to, None, None).await.unwrap();
    }

    /// The mortgage niche.
    pub async fn mortgage(&self) -> Niche {
        self.niches.install(&self.admin, "mortgage").await.unwrap()
    }

    /// An offer that buys.
    pub async fn active_offer(&self, buyer: &Actor, niche: &Niche, terms: Terms) -> Offer {
        self.db.clock.advance(MILLISECOND);
        let offer = self.offers.create(buyer, niche.id, "Moscow mortgages", terms).await.unwrap();
        self.approve(buyer, &offer, None).await
    }

    /// Submits the draft and approves it.
    pub async fn approve(
        &self,
        buyer: &Actor,
        offer: &Offer,
        effective_at: Option<leadbourse_core::time::Timestamp>,
    ) -> Offer {
        self.offers.submit(buyer, offer.id).await.unwrap();
        let history = self.offers.history(buyer, &[offer.id]).await.unwrap();
        let version = history[&offer.id][0].id;
        let review = Review { approve: true, note: None, effective_at };
        self.offers.review(&self.admin, version, &review, None).await.unwrap()
    }

    /// The market epoch of a niche.
    pub async fn epoch(&self, niche: &Niche) -> i64 {
        let tx = self.db.db.begin_read().await.unwrap();
        epoch::read_all(&tx).await.unwrap().get(&niche.id.uuid()).copied().unwrap_or(0)
    }

    /// Proves the audit chains and gives the number of their lines.
    pub async fn audit_lines(&self) -> u64 {
        let tx = self.db.db.begin_read().await.unwrap();
        let (lines, breaks) = audit::verify(&tx).await.unwrap();
        assert!(breaks.is_empty(), "the audit log is broken: {breaks:?}");
        lines
    }
}
