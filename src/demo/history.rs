//! Sixty days of business, lived through by the real exchange under a moved clock: leads come in,
//! buyers call, sales are reported, bad leads go back, publishers are paid.

use indicatif::ProgressBar;
use leadbourse_core::niche::annotations::Fields;
use leadbourse_core::time::{DAY, HOUR, MINUTE, Timestamp};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

use super::client::{at, text};
use super::market::{BuyerSeat, Market};
use super::people::People;
use crate::boot::App;
use crate::platform::error::{Error, Result};

/// How long the market has existed when the demo opens.
pub const DAYS: i64 = 60;

/// Moscow's offset, so that the days of the story are days there.
const ZONE: i64 = 3 * HOUR;

/// The text that people agree to in the story.
const CONSENT: &str = "I agree to be called about my request.";

/// Hours of the day in which people ask, from quiet to busy and back.
const HOURS: &[i64] = &[9, 10, 11, 11, 12, 13, 14, 15, 16, 17, 18, 19, 19, 20, 20, 21];

/// The story so far.
pub struct History<'a> {
    app: &'a Arc<App>,
    market: &'a Market,
    people: People,
    forms: BTreeMap<String, Fields>,
    /// Former answers by niche, for those who ask twice.
    past: BTreeMap<&'static str, Vec<Map<String, Value>>>,
    /// Sales that a buyer will report, by day.
    sales: BTreeMap<i64, Vec<(usize, String)>>,
    /// Payouts of the last run, confirmed a day later.
    in_bank: Vec<String>,
    sent: u64,
}

/// Counts for the closing line.
#[derive(Clone, Copy, Debug, Default)]
pub struct Told {
    /// Leads sent.
    pub leads: u64,
}

impl<'a> History<'a> {
    /// Gets ready.
    ///
    /// # Errors
    /// When a niche's schema cannot be read.
    pub fn new(app: &'a Arc<App>, market: &'a Market) -> Result<Self> {
        let mut forms = BTreeMap::new();
        for (slug, niche) in &market.niches {
            let fields = Fields::parse(&niche.schema)
                .map_err(|_| Error::broken(format!("the schema of {slug} does not parse")))?;
            forms.insert(slug.clone(), fields);
        }
        Ok(Self {
            app,
            market,
            people: People::new(20_260_301),
            forms,
            past: BTreeMap::new(),
            sales: BTreeMap::new(),
            in_bank: Vec::new(),
            sent: 0,
        })
    }

    /// Lives through all days up to `end`.
    ///
    /// # Errors
    /// When the exchange refuses what a member may do.
    pub async fn live(mut self, end: Timestamp, progress: &ProgressBar) -> Result<Told> {
        let today = (end.micros() + ZONE).div_euclid(DAY);
        for n in 0..DAYS {
            let day = today - DAYS + n;
            self.pay_out(day, n).await?;
            self.morning(day, n).await?;
            self.traffic(day, n).await?;
            self.evening(day, n).await?;
            progress.inc(1);
        }
        self.at(end.micros()).await?;
        Ok(Told { leads: self.sent })
    }

    /// Moves the clock and lets everything that is due happen.
    async fn at(&self, micros: i64) -> Result<()> {
        if micros > self.app.clock.now().micros() {
            self.app.clock.set(Timestamp::from_micros(micros));
        }
        self.app.drain().await
    }

    /// An instant of a day in Moscow.
    fn instant(day: i64, hour: i64, minute: i64) -> i64 {
        day * DAY - ZONE + hour * HOUR + minute * MINUTE
    }

    /// Sources send what the day brings.
    async fn traffic(&mut self, day: i64, n: i64) -> Result<()> {
        let weekend = matches!((day + 3).rem_euclid(7), 5 | 6);
        let mut slots: BTreeMap<(i64, usize, usize), u32> = BTreeMap::new();
        for (p, publisher) in self.market.publishers.iter().enumerate() {
            for (s, source) in publisher.sources.iter().enumerate() {
                let usual = source.script.per_day;
                let base = if weekend { usual * 2 / 3 } else { usual };
                let count = base * 7 / 10 + self.people.below(base * 6 / 10 + 1);
                for _ in 0..count {
                    let pick = usize::try_from(self.people.below(16)).unwrap_or_default();
                    let hour = HOURS.get(pick).copied().unwrap_or(12);
                    *slots.entry((hour, p, s)).or_default() += 1;
                }
            }
        }
        for ((hour, p, s), count) in slots {
            let minute = i64::try_from(p * 11 + s * 5).unwrap_or_default();
            self.at(Self::instant(day, hour, minute)).await?;
            self.send(p, s, count, n).await?;
        }
        Ok(())
    }

    /// One source sends some leads in one request.
    async fn send(&mut self, p: usize, s: usize, count: u32, n: i64) -> Result<()> {
        let market = self.market;
        let Some(publisher) = market.publishers.get(p) else { return Ok(()) };
        let Some(source) = publisher.sources.get(s) else { return Ok(()) };
        let now = self.app.clock.now();
        let mut leads = Vec::new();
        for _ in 0..count {
            let fields = self.answers(source.niche, source.script.junk)?;
            self.sent += 1;
            let ip = format!("203.0.113.{}", self.people.below(250) + 1);
            leads.push(json!({
                "sourceId": source.id,
                "fields": fields,
                "consent": {"text": CONSENT, "givenAt": now.rfc3339()},
                "meta": {
                    "ip": ip,
                    "user_agent": super::people::USER_AGENT,
                    "sub_ids": {"campaign": format!("spring-{}", self.people.below(4) + 1)},
                },
                "externalId": format!("d{n}-{}", self.sent),
            }));
        }
        let selection = "results { verdict { leadId state } userErrors { code message } }";
        let payload =
            publisher.client.mutate("submitLeads", json!({"leads": leads}), selection).await?;
        for result in at(&payload, "/results").as_array().into_iter().flatten() {
            if at(result, "/verdict").is_null() {
                return Err(Error::broken(format!("a lead of the demo was refused: {result}")));
            }
        }
        Ok(())
    }

    /// What somebody fills in: a new person, one who asked before, or nonsense.
    fn answers(&mut self, niche: &'static str, junk: u32) -> Result<Map<String, Value>> {
        let form =
            self.forms.get(niche).ok_or_else(|| Error::broken(format!("no niche {niche}")))?;
        let past = self.past.entry(niche).or_default();
        if self.people.chance(junk) && !past.is_empty() {
            let most = u32::try_from(past.len()).unwrap_or(1);
            let at = usize::try_from(self.people.below(most)).unwrap_or_default();
            let mut again = past.get(at).cloned().unwrap_or_default();
            if self.people.chance(40) {
                again.insert("phone".to_owned(), json!("12345"));
            }
            return Ok(again);
        }
        let person = self.people.next(form);
        past.push(person.fields.clone());
        Ok(person.fields)
    }

    /// Publishers answer returns, the operator decides, buyers report sales.
    async fn morning(&mut self, day: i64, n: i64) -> Result<()> {
        self.at(Self::instant(day, 8, 30)).await?;
        for publisher in &self.market.publishers {
            for dispute in publisher.client.all("disputes(state: OPEN)", "id").await? {
                // Some are left to the silence rule.
                let dice = self.people.below(100);
                if dice >= 85 {
                    continue;
                }
                let accept = dice < 50;
                let comment = if accept { "Agreed." } else { "The person confirmed the request." };
                let input = json!({
                    "disputeId": at(&dispute, "/id"), "accept": accept, "comment": comment,
                    "idempotencyKey": format!("answer/{}", text(at(&dispute, "/id"))),
                });
                let _ =
                    publisher.client.try_mutate("answerReturn", input, "dispute { id }").await?;
            }
        }
        // The last two days leave the operator something to decide.
        if n < DAYS - 2 {
            self.decide().await?;
        }
        for (buyer, award) in self.sales.remove(&n).unwrap_or_default() {
            let Some(buyer) = self.market.buyers.get(buyer) else { continue };
            let input = json!({
                "awardId": award, "goal": "SALE", "externalId": format!("contract-{award}"),
                "idempotencyKey": format!("sale/{award}"),
            });
            let _ = buyer.client.try_mutate("reportConversion", input, "conversion { id }").await?;
        }
        Ok(())
    }

    async fn decide(&mut self) -> Result<()> {
        for dispute in self.market.operator.all("disputes(state: CONTESTED)", "id").await? {
            let (outcome, share) = match self.people.below(100) {
                0..45 => ("UPHELD", Value::Null),
                45..65 => ("PARTIAL", json!(5_000)),
                _ => ("REFUSED", Value::Null),
            };
            let input = json!({
                "disputeId": at(&dispute, "/id"), "outcome": outcome, "shareBps": share,
                "comment": "Heard the recording of the call.",
                "idempotencyKey": format!("decide/{}", text(at(&dispute, "/id"))),
            });
            let _ =
                self.market.operator.try_mutate("decideDispute", input, "dispute { id }").await?;
        }
        Ok(())
    }

    /// Buyers work through their inbox.
    async fn evening(&mut self, day: i64, n: i64) -> Result<()> {
        self.at(Self::instant(day, 21, 55)).await?;
        let market = self.market;
        for (b, buyer) in market.buyers.iter().enumerate() {
            let selection = "id offer { current { terms { goals { kind } } } } \
                             niche { slug } conversions { id goal state }";
            for award in buyer.client.all("awards(disposition: NEW)", selection).await? {
                // On the last day some leads are still waiting for their call.
                if n == DAYS - 1 && self.people.chance(60) {
                    continue;
                }
                self.work(b, buyer, &award, n).await?;
            }
            self.refill(buyer, n).await?;
        }
        Ok(())
    }

    /// One lead is called, and what comes of it.
    async fn work(&mut self, b: usize, buyer: &BuyerSeat, award: &Value, n: i64) -> Result<()> {
        let id = text(at(award, "/id"));
        buyer.client.mutate("openAward", json!({"awardId": id}), "award { id }").await?;
        let outcome = match self.people.below(100) {
            0..16 => "NO_ANSWER",
            16..23 => "BAD_CONTACT",
            23..50 => "CONTACTED",
            50..76 => "QUALIFIED",
            76..90 => "LOST",
            _ => "WON",
        };
        let input = json!({"awardId": id, "value": outcome});
        buyer.client.mutate("setDisposition", input, "award { id }").await?;
        let sells = at(award, "/offer/current/terms/goals")
            .as_array()
            .into_iter()
            .flatten()
            .any(|goal| *at(goal, "/kind") == "SALE");
        if sells && matches!(outcome, "WON" | "QUALIFIED") {
            let later = n + 1 + i64::from(self.people.below(6));
            self.sales.entry(later).or_default().push((b, id.clone()));
        }
        let reason = match outcome {
            "BAD_CONTACT" if self.people.chance(85) => "PHONE_NOT_WORKING",
            "LOST" if self.people.chance(12) => "NOT_TARGET",
            _ => return Ok(()),
        };
        let held = at(award, "/conversions").as_array().into_iter().flatten();
        for conversion in held.filter(|conversion| *at(conversion, "/state") == "HELD") {
            let input = json!({
                "conversionId": at(conversion, "/id"), "reasonCode": reason,
                "comment": "Three calls on two days, the recordings are with us.",
                "idempotencyKey": format!("return/{}", text(at(conversion, "/id"))),
            });
            let _ = buyer.client.try_mutate("openReturn", input, "dispute { id }").await?;
        }
        Ok(())
    }

    /// A buyer whose money runs low pays in again, except in the last week.
    async fn refill(&mut self, buyer: &BuyerSeat, n: i64) -> Result<()> {
        if n % 3 != 0 || n > DAYS - 7 {
            return Ok(());
        }
        let query = "{ wallets { currency available { minor } } }";
        let data = buyer.client.query(query, json!({})).await?;
        for wallet in at(&data, "/wallets").as_array().into_iter().flatten() {
            let currency = text(at(wallet, "/currency"));
            let low = if currency == "USD" { 200_000 } else { 20_000_000 };
            let available: i64 = text(at(wallet, "/available/minor")).parse().unwrap_or(0);
            if buyer.currencies.contains(&currency) && available < low {
                let note = format!("payment order {n}");
                let amount = low * 3;
                self.market.top_up(&buyer.login.organization_id, amount, &currency, &note).await?;
            }
        }
        Ok(())
    }

    /// Settles every Monday night; the bank confirms a day later. The last run stays exported.
    async fn pay_out(&mut self, day: i64, n: i64) -> Result<()> {
        self.at(Self::instant(day, 2, 0)).await?;
        let operator = &self.market.operator;
        for payout in std::mem::take(&mut self.in_bank) {
            let input = json!({
                "payoutId": payout, "confirmed": true, "reference": format!("bank/{n}"),
                "idempotencyKey": format!("confirm/{payout}"),
            });
            operator.mutate("resolvePayout", input, "payout { state }").await?;
        }
        let monday = (day + 3).rem_euclid(7) == 0;
        if !monday || n < 7 {
            return Ok(());
        }
        let now = self.app.clock.now().rfc3339();
        let input = json!({"periodTo": now, "idempotencyKey": format!("plan/{n}")});
        let selection = "run { id statements(first: 100) { nodes { id state } } }";
        let payload = operator.mutate("planSettlement", input, selection).await?;
        let run = at(&payload, "/run");
        for statement in at(run, "/statements/nodes").as_array().into_iter().flatten() {
            if *at(statement, "/state") != "DRAFT" {
                continue;
            }
            let id = text(at(statement, "/id"));
            let input = json!({"id": id, "idempotencyKey": format!("approve/{id}")});
            operator.mutate("approveStatement", input, "statement { state }").await?;
        }
        let input = json!({"runId": at(run, "/id"), "idempotencyKey": format!("export/{n}")});
        let selection = "run { statements(first: 100) { nodes { payouts { id state } } } }";
        let payload = operator.mutate("exportPayouts", input, selection).await?;
        if n + 7 >= DAYS {
            return Ok(());
        }
        let statements = at(&payload, "/run/statements/nodes").as_array();
        for statement in statements.into_iter().flatten() {
            for payout in at(statement, "/payouts").as_array().into_iter().flatten() {
                if *at(payout, "/state") == "EXPORTED" {
                    self.in_bank.push(text(at(payout, "/id")));
                }
            }
        }
        Ok(())
    }
}
