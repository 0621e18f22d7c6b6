//! A market with every money service over it.

use leadbourse::conversions::{Award, Conversion, Conversions, ReportConversion};
use leadbourse::disputes::{Dispute, Disputes, OpenReturn};
use leadbourse::ledger::{Ledger, RecordTopUp, TopUp};
use leadbourse::platform::error::Result;
use leadbourse::platform::paging::Page;
use leadbourse::settlements::Settlements;
use leadbourse_core::access::{Actor, OrgKind, Role};
use leadbourse_core::ids::*;
use leadbourse_core::ledger::{Account, Difference};
use leadbourse_core::money::{Bps, Currency, Money};
use leadbourse_core::offer::terms::GoalKind;
use leadbourse_core::time::SECOND;
use serde_json::{Value, json};

use crate::exchange::market::{Market, Src, person, policy, terms};
use crate::harness::TestDb;

pub const RUB: Currency = Currency::RUB;

/// The market, one buyer with one offer, one publisher with one source.
pub struct Scene {
    pub market: Market,
    pub ledger: Ledger,
    pub conversions: Conversions,
    pub disputes: Disputes,
    pub settlements: Settlements,
    pub buyer: Actor,
    pub publisher: Actor,
    pub source: Src,
    /// The buyer's offer.
    pub offer_id: OfferId,
}

impl Scene {
    /// A LEAD goal at 1,000 with nothing special, and `funds` topped up through the service.
    pub async fn open(test: &TestDb, funds: i64) -> Self {
        Self::with(test, funds, terms(1_000, json!({})), policy()).await
    }

    pub async fn with(test: &TestDb, funds: i64, terms: Value, policy: Value) -> Self {
        let market = Market::with(test, policy).await;
        let (db, clock) = (market.db.clone(), market.clock.clone());
        let mut money = market.config.money.clone();
        money.min_payout = 500;
        let ledger = Ledger::new(db.clone(), clock.clone());
        let conversions = Conversions::new(db.clone(), clock.clone(), money.clone());
        let disputes = Disputes::new(
            db.clone(),
            clock.clone(),
            market.vault.clone(),
            Bps(money.take_rate_bps),
        );
        let settlements = Settlements::new(db, clock, market.vault.clone(), money);
        let org = market.buyer(0).await;
        let offer_id = market.offer(org, terms).await;
        let source = market.source(1, None).await;
        let buyer = member(&market, org, OrgKind::Buyer);
        let publisher = member(&market, source.publisher, OrgKind::Publisher);
        let scene = Self {
            market,
            ledger,
            conversions,
            disputes,
            settlements,
            buyer,
            publisher,
            source,
            offer_id,
        };
        if funds > 0 {
            scene.top_up(funds, "start").await.unwrap();
        }
        scene
    }

    pub fn operator(&self) -> Actor {
        self.market.operator
    }

    pub async fn top_up(&self, amount: i64, key: &str) -> Result<TopUp> {
        let input = RecordTopUp {
            buyer_id: self.buyer.org,
            amount: Money::new(amount, RUB),
            rail: "BANK".to_owned(),
            reference: format!("transfer {key}"),
            note: None,
        };
        let done = self.ledger.record_top_up(&self.operator(), input, Some(key)).await?;
        self.conversions.buyer_credited(self.buyer.org, RUB).await?;
        Ok(done)
    }

    /// Sells one person to the offer; gives the award.
    pub async fn sell(&self, n: u64) -> Award {
        let sold = self.market.send(&self.source, person(n)).await.unwrap().verdict;
        assert_eq!(sold.awards.len(), 1, "not sold: {:?}", sold.reasons);
        let id: AwardId = sold.awards[0].award_id;
        self.conversions.award(&self.buyer, id).await.unwrap()
    }

    /// The one conversion of a sold lead.
    pub async fn sold(&self, n: u64) -> Conversion {
        let award = self.sell(n).await;
        let mut found =
            self.conversions.conversions_of_awards(&self.buyer, &[award.id]).await.unwrap();
        assert_eq!(found.len(), 1);
        found.pop().unwrap()
    }

    pub async fn conversion(&self, id: ConversionId) -> Conversion {
        self.conversions.conversion(&self.buyer, id).await.unwrap()
    }

    pub async fn report(&self, award: AwardId, reference: &str) -> Result<Conversion> {
        let input = ReportConversion {
            place: award.into(),
            goal: GoalKind::Sale,
            external_id: reference.to_owned(),
            amount: None,
            occurred_at: None,
        };
        self.conversions.report_conversion(&self.buyer, input, None).await
    }

    pub async fn open_return(&self, id: ConversionId, share: Option<u32>) -> Result<Dispute> {
        let input = OpenReturn {
            conversion_id: id,
            reason_code: "BAD_PHONE".to_owned(),
            comment: Some("Anna says it is not her number".to_owned()),
            share: share.map(Bps),
        };
        self.disputes.open_return(&self.buyer, input, None).await
    }

    /// Moves the clock.
    pub fn later(&self, seconds: i64) {
        self.market.clock.advance(seconds * SECOND);
    }

    pub async fn balance(&self, account: Account) -> i64 {
        let tx = self.market.db.begin_read().await.unwrap();
        let found = leadbourse::ledger::balances(&tx, &[account]).await.unwrap();
        found.get(&account.id()).copied().unwrap_or(0)
    }

    pub async fn available(&self) -> i64 {
        self.balance(Account::available(self.buyer.org, RUB)).await
    }

    pub async fn held(&self) -> i64 {
        self.balance(Account::held(self.publisher.org, RUB)).await
    }

    pub async fn payable(&self) -> i64 {
        self.balance(Account::payable(self.publisher.org, RUB)).await
    }

    pub async fn differences(&self) -> Vec<Difference> {
        self.settlements.verify().await.unwrap()
    }

    /// Nothing differs, before folding and after.
    pub async fn check(&self) {
        assert_eq!(self.differences().await, Vec::new());
        self.ledger.fold().await.unwrap();
        assert_eq!(self.differences().await, Vec::new());
        self.market.check().await;
    }

    /// As [`Scene::check`], then ends the workers.
    pub async fn close(self) {
        self.check().await;
        self.market.close().await;
    }
}

pub fn member(market: &Market, org: OrganizationId, kind: OrgKind) -> Actor {
    Actor::member(UserId::new(market.clock.now()), org, kind, Role::Owner)
}

/// A LEAD goal of 1,000 and a SALE goal of 4,000 with a quarter reserved for 30 days.
pub fn hybrid() -> Value {
    terms(
        1_000,
        json!({"goals": [
            {"kind": "LEAD", "price": 1_000},
            {"kind": "SALE", "price": 4_000, "attribution_window_s": 2_592_000, "reserve_bps": 2_500,
                "several": true}
        ]}),
    )
}

pub fn page() -> Page {
    Page::new(Some(100), None).unwrap()
}

pub fn code<T: std::fmt::Debug>(result: Result<T>) -> &'static str {
    result.expect_err("it should have been refused").problem().expect("a refusal").code.name
}
