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

/// How an id of nothing ends.
const NOTHING: &str = "_00000000000000000000000000";

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
            0..=13 => Move::Time(self.a_while()),
            14..=33 => self.sell(),
            34..=39 => self.ping(),
            40..=45 => self.post_bid(),
            46..=55 => self.money_in(),
            56..=66 => self.outcome().await,
            67..=79 => self.argue().await,
            80..=87 => self.order().await,
            _ => self.settle().await,
        }
    }

    /// A wish; about something that is not there only now and then.
    fn wish(&mut self, who: Client, name: &'static str, mut input: Value) -> Move {
        let nothing = |value: &Value| value.as_str().is_some_and(|text| text.ends_with(NOTHING));
        let about_nothing = input.as_object().unwrap().values().any(nothing);
        if about_nothing && self.below(8) > 0 {
            return self.sell();
        }
        input["idempotencyKey"] = json!(format!("walk/{}", self.wishes));
        Move::Wish(Box::new(Wish { who, name, input }))
    }

    fn operator(&self) -> Client {
        self.market.operator.clone()
    }

    fn a_buyer(&mut self) -> usize {
        self.below(2) as usize
    }

    fn some_money(&mut self, most: i64) -> Value {
        let minor = self.minor(1, most);
        self.market.money(minor)
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
                let input = json!({"buyerId": buyer, "amount": self.some_money(300_000),
                    "rail": "BANK", "reference": format!("transfer {}", self.wishes)});
                self.wish(self.operator(), "recordTopUp", input)
            }
            2 => {
                let limit = self.some_money(200_000);
                let input = json!({"buyerId": buyer, "limit": limit, "note": "trusted"});
                self.wish(self.operator(), "setCreditLimit", input)
            }
            _ => {
                let amount = self.some_money(150_000);
                let input = json!({"buyerId": buyer, "amount": amount, "to": "USD",
                    "rate": "0.0125"});
                self.wish(self.operator(), "convertMoney", input)
            }
        }
    }

    /// A sale is reported, given back, or claimed by its publisher.
    async fn outcome(&mut self) -> Move {
        let sales =
            "offer_id IN (SELECT offer_id FROM offer_versions WHERE terms LIKE '%\"SALE\"%')";
        match self.below(6) {
            0..=2 => {
                let of =
                    format!("SELECT id, buyer_id AS who FROM awards WHERE {sales} ORDER BY id");
                let (award, who) = self.pick_of(&of, true).await;
                let reference = format!("contract {}", self.below(40));
                let input = json!({"awardId": AwardId(award).to_string(),
                    "externalId": reference, "goal": "SALE"});
                self.wish(who, "reportConversion", input)
            }
            3 => {
                let sale = "SELECT id, buyer_id AS who FROM conversions WHERE goal = 'SALE' \
                    ORDER BY id";
                let (sale, who) = self.pick_of(sale, true).await;
                let input = json!({"conversionId": ConversionId(sale).to_string()});
                self.wish(who, "refundSale", input)
            }
            4 => {
                let of =
                    format!("SELECT id, publisher_id AS who FROM awards WHERE {sales} ORDER BY id");
                let (award, who) = self.pick_of(&of, false).await;
                let at = self.app.clock.now().rfc3339();
                let input = json!({"awardId": AwardId(award).to_string(), "goal": "SALE",
                    "occurredAt": at, "comment": "They signed."});
                self.wish(who, "claimConversion", input)
            }
            _ => {
                let (id, who) = self.dispute("kind = 'MISSING_CONVERSION'", true).await;
                let input = json!({"disputeId": id, "accept": self.either(),
                    "comment": "Looked up."});
                self.wish(who, "answerClaim", input)
            }
        }
    }

    async fn dispute(&mut self, which: &str, buyers: bool) -> (String, Client) {
        let whose = if buyers { "buyer_id" } else { "publisher_id" };
        let open = format!(
            "SELECT id, {whose} AS who FROM disputes \
             WHERE {which} AND state IN ('OPEN', 'CONTESTED') ORDER BY id"
        );
        let (id, who) = self.pick_of(&open, buyers).await;
        (DisputeId(id).to_string(), who)
    }

    /// A return is opened, answered or decided.
    async fn argue(&mut self) -> Move {
        match self.below(4) {
            0 | 1 => {
                let which = "SELECT id, buyer_id AS who FROM conversions \
                    WHERE state <> 'RETURNED' ORDER BY id DESC LIMIT 6";
                let (id, who) = self.pick_of(which, true).await;
                let share = [10_000, 10_000, 3_333, 5_000][self.below(4) as usize];
                let input = json!({"conversionId": ConversionId(id).to_string(),
                    "shareBps": share, "reasonCode": "PHONE_NOT_WORKING",
                    "comment": "Nobody there."});
                self.wish(who, "openReturn", input)
            }
            2 => {
                let (id, who) = self.dispute("kind <> 'MISSING_CONVERSION'", false).await;
                let input =
                    json!({"disputeId": id, "accept": self.either(), "comment": "It rang."});
                self.wish(who, "answerReturn", input)
            }
            _ => {
                let (id, _) = self.dispute("state = 'CONTESTED'", true).await;
                let outcome = ["UPHELD", "REFUSED", "PARTIAL"][self.below(3) as usize];
                let mut input =
                    json!({"disputeId": id, "outcome": outcome, "comment": "Heard both."});
                if outcome == "PARTIAL" {
                    input["shareBps"] = json!(1 + self.below(5_000));
                }
                self.wish(self.operator(), "decideDispute", input)
            }
        }
    }

    async fn order(&mut self) -> Move {
        let open = "SELECT id FROM orders WHERE state = 'OPEN' ORDER BY id";
        let order = OrderId(self.pick(open).await.unwrap_or_default()).to_string();
        match self.below(7) {
            0 | 1 => {
                let which = [0, 2][self.a_buyer()];
                let offer = self.offers[which].clone();
                let deadline = self.app.clock.now().plus(self.a_while() + HOUR).rfc3339();
                let price = self.minor(30_000, 50_000);
                let price = self.market.money(price);
                let input = json!({"offerId": offer, "wanted": 1 + self.below(4),
                    "price": price, "deadline": deadline});
                self.wish(self.buyers[0].client.clone(), "placeOrder", input)
            }
            2..=4 => {
                let input = json!({"orderId": order, "wanted": 1 + self.below(3)});
                let publisher = self.below(2) as usize;
                self.wish(self.publishers[publisher].client.clone(), "claimOrder", input)
            }
            5 => {
                let claim = "SELECT id, publisher_id AS who FROM order_claims \
                    WHERE ended_at = 0 ORDER BY id";
                let (claim, who) = self.pick_of(claim, false).await;
                let claim = OrderClaimId(claim).to_string();
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
                let run = "SELECT DISTINCT run_id AS id FROM statements \
                    WHERE state = 'APPROVED' ORDER BY run_id";
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
