//! What can be done in a walk. Whom and what it is about is drawn: mostly something that fits, now
//! and then something that does not, because refusals have a law too.

use leadbourse::demo::client::Client;
use leadbourse_core::ids::{
    AwardId, ConversionId, DisputeId, OrderClaimId, OrderId, PayoutId, SettlementRunId, StatementId,
};
use leadbourse_core::time::HOUR;
use serde_json::{Value, json};
use uuid::Uuid;

use super::world::World;
use crate::harness::market::Lead;

/// A step.
pub enum Move {
    /// Time passes, in microseconds.
    Time(i64),
    /// A member's mutation.
    Wish(Box<Wish>),
    /// A publisher's request by REST.
    Post { path: &'static str, source: usize, body: Value, key: String },
}

/// A mutation with its input, and who wishes it.
pub struct Wish {
    pub who: Client,
    pub name: &'static str,
    pub input: Value,
}

impl Move {
    pub fn name(&self) -> &'static str {
        match self {
            Self::Time(_) => "time",
            Self::Wish(wish) => wish.name,
            Self::Post { path, .. } => path,
        }
    }
}

impl World {
    /// The next step.
    pub async fn choose(&mut self) -> Move {
        self.wishes += 1;
        match self.below(100) {
            0..=17 => Move::Time(self.a_while()),
            18..=37 => self.sell(),
            38..=42 => self.ping(),
            43..=46 => self.post_bid(),
            47..=56 => self.money_in(),
            57..=67 => self.outcome().await,
            68..=80 => self.argue().await,
            81..=87 => self.order().await,
            _ => self.settle().await,
        }
    }

    fn wish(&self, who: Client, name: &'static str, mut input: Value) -> Move {
        input["idempotencyKey"] = json!(format!("walk/{}", self.wishes));
        Move::Wish(Box::new(Wish { who, name, input }))
    }

    fn operator(&self) -> Client {
        self.market.operator.clone()
    }

    fn a_buyer(&mut self) -> usize {
        self.below(2) as usize
    }

    fn some_money(&mut self, most: u64) -> Value {
        let minor = 1 + self.below(most);
        self.market.money(minor as i64)
    }

    fn sent(&self, path: &'static str, source: usize, body: Value) -> Move {
        Move::Post { path, source, body, key: format!("walk/{}", self.wishes) }
    }

    /// A lead: of a new person mostly, or of one that was sent before.
    fn sell(&mut self) -> Move {
        let known = self.people > 0 && self.below(5) == 0;
        let person = if known { 1 + self.below(self.people) } else { self.people + 1 };
        self.people = self.people.max(person);
        let source = self.below(2) as usize;
        self.sent("/v1/leads", source, Lead::body(person))
    }

    fn ping(&mut self) -> Move {
        self.people += 1;
        let mut fields = Lead::fields(self.people);
        fields.retain(|name, _| !["name", "phone", "email"].contains(&name.as_str()));
        let source = self.below(2) as usize;
        self.sent("/v1/pings", source, json!({"fields": fields}))
    }

    /// The post of a ping, in time or late, first or once more.
    fn post_bid(&mut self) -> Move {
        if self.pings.is_empty() {
            return self.ping();
        }
        let at = self.below(self.pings.len() as u64) as usize;
        let (ping, person, source) = self.pings[at].clone();
        let mut body = Lead::body(person);
        body["ping_id"] = ping["ping_id"].clone();
        self.sent("/v1/leads", source, body)
    }

    fn money_in(&mut self) -> Move {
        let buyer = self.a_buyer();
        let buyer = self.buyers[buyer].organization.clone();
        match self.below(4) {
            0 | 1 => {
                let input = json!({"buyerId": buyer, "amount": self.some_money(6_000),
                    "rail": "BANK", "reference": format!("transfer {}", self.wishes)});
                self.wish(self.operator(), "recordTopUp", input)
            }
            2 => {
                let limit = self.some_money(4_000);
                let input = json!({"buyerId": buyer, "limit": limit, "note": "trusted"});
                self.wish(self.operator(), "setCreditLimit", input)
            }
            _ => {
                let amount = self.some_money(3_000);
                let input = json!({"buyerId": buyer, "amount": amount, "to": "USD",
                    "rate": "0.0125"});
                self.wish(self.operator(), "convertMoney", input)
            }
        }
    }

    /// A sale is reported, given back, or claimed by its publisher.
    async fn outcome(&mut self) -> Move {
        let award = self.pick("SELECT id FROM awards ORDER BY id").await.unwrap_or_default();
        let award = AwardId(award).to_string();
        let who = self.a_buyer();
        let buyer = self.buyers[who].client.clone();
        match self.below(6) {
            0..=2 => {
                let reference = format!("contract {}", self.below(6));
                let input = json!({"awardId": award, "externalId": reference, "goal": "SALE"});
                self.wish(buyer, "reportConversion", input)
            }
            3 => {
                let sale = "SELECT id FROM conversions WHERE goal = 'SALE' ORDER BY id";
                let sale = ConversionId(self.pick(sale).await.unwrap_or_default());
                let input = json!({"conversionId": sale.to_string()});
                self.wish(buyer, "refundSale", input)
            }
            4 => {
                let at = self.app.clock.now().plus(-HOUR).rfc3339();
                let input = json!({"awardId": award, "goal": "SALE", "occurredAt": at,
                    "comment": "They signed."});
                let publisher = self.below(2) as usize;
                self.wish(self.publishers[publisher].client.clone(), "claimConversion", input)
            }
            _ => {
                let dispute = self.dispute("kind = 'MISSING_CONVERSION'").await;
                let input = json!({"disputeId": dispute, "accept": self.either(),
                    "comment": "Looked up."});
                self.wish(buyer, "answerClaim", input)
            }
        }
    }

    async fn dispute(&mut self, which: &str) -> String {
        let open = format!(
            "SELECT id FROM disputes WHERE {which} AND state IN ('OPEN', 'CONTESTED') ORDER BY id"
        );
        DisputeId(self.pick(&open).await.unwrap_or_default()).to_string()
    }

    /// A return is opened, answered or decided.
    async fn argue(&mut self) -> Move {
        match self.below(3) {
            0 => {
                let which = "SELECT id FROM conversions WHERE state <> 'RETURNED' ORDER BY id";
                let id = ConversionId(self.pick(which).await.unwrap_or_default());
                let share = [10_000, 10_000, 3_333, 5_000][self.below(4) as usize];
                let input = json!({"conversionId": id.to_string(), "shareBps": share,
                    "reasonCode": "PHONE_NOT_WORKING", "comment": "Nobody there."});
                let buyer = self.a_buyer();
                self.wish(self.buyers[buyer].client.clone(), "openReturn", input)
            }
            1 => {
                let dispute = self.dispute("kind <> 'MISSING_CONVERSION'").await;
                let input = json!({"disputeId": dispute, "accept": self.either(),
                    "comment": "It rang."});
                let publisher = self.below(2) as usize;
                self.wish(self.publishers[publisher].client.clone(), "answerReturn", input)
            }
            _ => {
                let dispute = self.dispute("1 = 1").await;
                let outcome = ["UPHELD", "REFUSED", "PARTIAL"][self.below(3) as usize];
                let mut input = json!({"disputeId": dispute, "outcome": outcome,
                    "comment": "Heard both."});
                if outcome == "PARTIAL" {
                    input["shareBps"] = json!(1 + self.below(9_999));
                }
                self.wish(self.operator(), "decideDispute", input)
            }
        }
    }

    async fn order(&mut self) -> Move {
        let open = "SELECT id FROM orders WHERE state = 'OPEN' ORDER BY id";
        let order = OrderId(self.pick(open).await.unwrap_or_default()).to_string();
        match self.below(6) {
            0 | 1 => {
                let offer = self.offers[[0, 2][self.a_buyer()]].clone();
                let deadline = self.app.clock.now().plus(self.a_while() + HOUR).rfc3339();
                let input = json!({"offerId": offer, "wanted": 1 + self.below(4),
                    "price": self.some_money(900), "deadline": deadline});
                self.wish(self.buyers[0].client.clone(), "placeOrder", input)
            }
            2..=3 => {
                let input = json!({"orderId": order, "wanted": 1 + self.below(3)});
                let publisher = self.below(2) as usize;
                self.wish(self.publishers[publisher].client.clone(), "claimOrder", input)
            }
            4 => {
                let claim = "SELECT id FROM order_claims WHERE ended_at = 0 ORDER BY id";
                let claim = OrderClaimId(self.pick(claim).await.unwrap_or_default()).to_string();
                let publisher = self.below(2) as usize;
                let who = self.publishers[publisher].client.clone();
                self.wish(who, "releaseClaim", json!({"claimId": claim}))
            }
            _ => self.wish(self.buyers[0].client.clone(), "cancelOrder", json!({"orderId": order})),
        }
    }

    async fn one(&mut self, table: &str, states: &str) -> Uuid {
        let query = format!("SELECT id FROM {table} WHERE state IN ({states}) ORDER BY id");
        self.pick(&query).await.unwrap_or_default()
    }

    /// A settlement is planned, approved, exported, and what comes of it.
    async fn settle(&mut self) -> Move {
        let finance = self.operator();
        match self.below(12) {
            0..=2 => self.wish(finance, "planSettlement", json!({})),
            3..=5 => {
                let id = StatementId(self.one("statements", "'DRAFT', 'APPROVED'").await);
                self.wish(finance, "approveStatement", json!({"id": id.to_string()}))
            }
            6 => {
                let id = StatementId(self.one("statements", "'DRAFT', 'CARRIED'").await);
                self.wish(finance, "cancelStatement", json!({"id": id.to_string()}))
            }
            7 | 8 => {
                let run = "SELECT DISTINCT run_id AS id FROM statements ORDER BY run_id";
                let run = SettlementRunId(self.pick(run).await.unwrap_or_default());
                self.wish(finance, "exportPayouts", json!({"runId": run.to_string()}))
            }
            9 | 10 => {
                let states = "'PLANNED', 'EXPORTED', 'SENT', 'UNKNOWN'";
                let id = PayoutId(self.one("payouts", states).await);
                let input = json!({"payoutId": id.to_string(), "confirmed": self.below(3) > 0,
                    "reference": "bank/7"});
                self.wish(finance, "resolvePayout", input)
            }
            _ => {
                let id = StatementId(self.one("statements", "'APPROVED', 'EXPORTED'").await);
                self.wish(finance, "repayStatement", json!({"id": id.to_string()}))
            }
        }
    }
}
