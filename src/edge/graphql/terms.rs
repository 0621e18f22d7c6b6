//! The terms of an offer, as they are read and written.

use async_graphql::{InputObject, Json, SimpleObject};
use leadbourse_core::error::{BAD_INPUT, OUT_OF_RANGE, Problem, REQUIRED};
use leadbourse_core::money::{Bps, Currency};
use leadbourse_core::offer::terms::{self as core, Terms};

use super::enums::{CapPeriod, GoalKind, OfferMode, OverCap, Pacing, Visibility};
use super::market::minor;
use super::scalars::{JsonValue, Money, MoneyInput, money};
use crate::platform::error::{Context as _, Result};

/// All terms of one offer version. Durations are in seconds, shares in basis points.
#[derive(SimpleObject)]
pub struct OfferTerms {
    /// How the offer buys.
    pub mode: OfferMode,
    /// What is paid for.
    pub goals: Vec<OfferGoal>,
    /// The most that is bought in a period.
    pub caps: Vec<OfferCap>,
    /// The most that is bought from one publisher in a period.
    pub publisher_caps: Vec<OfferCap>,
    /// What a full cap means for a lead that nobody else buys.
    pub over_cap: OverCap,
    /// How the caps of the day are spent.
    pub pacing: Pacing,
    /// When the offer buys, and in which time zone its caps count.
    pub schedule: OfferSchedule,
    /// What leads must satisfy: a list of typed conditions.
    pub conditions: JsonValue,
    /// The lowest score bought, 0-100.
    pub min_score: i32,
    /// To how many buyers a lead may be sold in all; 1 = exclusive.
    pub max_sales: i32,
    /// Prices of a lead that several buyers get, by number of copies.
    pub shared_prices: Vec<OfferSharedPrice>,
    /// How long the buyer does not want the same person again.
    pub dedupe_window_s: i64,
    /// How long after the award a return may be opened.
    pub return_window_s: i64,
    /// How long the earning is held.
    pub hold_s: i64,
    /// When the verdict becomes final.
    pub lock_s: i64,
    /// The largest share of awards that may be returned.
    pub max_return_share_bps: i64,
    /// Who may sell.
    pub visibility: Visibility,
    /// Ties go to the higher priority.
    pub priority: i32,
    /// What publishers should know.
    pub description: String,
}

/// One goal and its price.
#[derive(SimpleObject)]
pub struct OfferGoal {
    /// What is paid for.
    pub kind: GoalKind,
    /// What the buyer pays for one; the least of it where a share of the sale is paid.
    pub price: Money,
    /// The share of the sale that is paid; null where a sum is.
    pub percent: Option<OfferPercent>,
    /// SALE, REGISTRATION: how long after the award an event still counts.
    pub attribution_window_s: i64,
    /// SALE, REGISTRATION: share of the highest price that is reserved at the award.
    pub reserve_bps: i64,
    /// CALL: how many connected seconds make a call that is paid for.
    pub min_call_seconds: i64,
    /// CALL: how long a caller who was paid for is not paid for again, in seconds.
    pub repeat_caller_window_s: i64,
    /// CALL: how many calls may last at once; 0 without a limit.
    pub calls_at_once: i64,
    /// SALE: whether one award may bring several sales.
    pub several: bool,
}

/// A share of a sale, within bounds.
#[derive(SimpleObject)]
pub struct OfferPercent {
    /// The share of the sale, basis points.
    pub bps: i64,
    /// The least for one sale.
    pub min: Money,
    /// The most for one sale.
    pub max: Money,
}

/// The most that is bought in a period.
#[derive(SimpleObject)]
pub struct OfferCap {
    /// The period.
    pub period: CapPeriod,
    /// The most awards.
    pub count: Option<i64>,
    /// The most money.
    pub money: Option<Money>,
}

/// What one copy of a lead costs that several buyers get.
#[derive(SimpleObject)]
pub struct OfferSharedPrice {
    /// To how many buyers in all the lead is sold; holds until the next number that is named.
    pub copies: i32,
    /// What the buyer pays for its copy.
    pub price: Money,
}

/// When an offer buys.
#[derive(SimpleObject)]
pub struct OfferSchedule {
    /// IANA time zone.
    pub time_zone: String,
    /// Weekly windows; none means always.
    pub windows: Vec<ScheduleWindow>,
    /// Days without buying.
    pub holidays: Vec<String>,
}

/// A window on some days of the week.
#[derive(SimpleObject)]
pub struct ScheduleWindow {
    /// ISO days, Monday = 1.
    pub days: Vec<i32>,
    /// First minute of the day.
    pub from_minute: i32,
    /// First minute after the window; 1440 is midnight.
    pub to_minute: i32,
    /// The most awards in one occurrence of the window; for the buyer and operators.
    pub count: Option<i64>,
    /// The most money in one occurrence of the window; for the buyer and operators.
    pub money: Option<Money>,
}

/// All terms of an offer version.
#[derive(InputObject)]
pub struct OfferTermsInput {
    /// How the offer buys; INSTANT if not given.
    pub mode: Option<OfferMode>,
    /// What is paid for.
    pub goals: Vec<OfferGoalInput>,
    /// The most that is bought in a period.
    pub caps: Vec<OfferCapInput>,
    /// The most that is bought from one publisher in a period.
    pub publisher_caps: Option<Vec<OfferCapInput>>,
    /// What a full cap means for a lead that nobody else buys; NEXT if not given.
    pub over_cap: Option<OverCap>,
    /// How the caps of the day are spent; NONE if not given.
    pub pacing: Option<Pacing>,
    /// When the offer buys.
    pub schedule: OfferScheduleInput,
    /// What leads must satisfy: a list of typed conditions.
    pub conditions: JsonValue,
    /// The lowest score bought, 0-100.
    pub min_score: i32,
    /// To how many buyers a lead may be sold in all.
    pub max_sales: i32,
    /// Prices of a lead that several buyers get, by ascending number of copies.
    pub shared_prices: Option<Vec<OfferSharedPriceInput>>,
    /// How long the buyer does not want the same person again, in seconds.
    pub dedupe_window_s: i64,
    /// How long after the award a return may be opened, in seconds.
    pub return_window_s: i64,
    /// How long the earning is held, in seconds.
    pub hold_s: i64,
    /// When the verdict becomes final, in seconds.
    pub lock_s: i64,
    /// The largest share of awards that may be returned, in basis points.
    pub max_return_share_bps: i64,
    /// Who may sell.
    pub visibility: Visibility,
    /// Ties go to the higher priority.
    pub priority: i32,
    /// What publishers should know.
    pub description: String,
}

/// One goal and its price.
#[derive(InputObject)]
pub struct OfferGoalInput {
    /// What is paid for.
    pub kind: GoalKind,
    /// What the buyer pays for one, in the niche's currency. Either this or `percent`.
    pub price: Option<MoneyInput>,
    /// SALE: the share of the sale that is paid.
    pub percent: Option<OfferPercentInput>,
    /// SALE, REGISTRATION: how long after the award an event still counts, in seconds.
    pub attribution_window_s: Option<i64>,
    /// SALE, REGISTRATION: share of the highest price that is reserved at the award, in basis
    /// points.
    pub reserve_bps: Option<i64>,
    /// CALL: how many connected seconds make a call that is paid for; 0 if not given.
    pub min_call_seconds: Option<i64>,
    /// CALL: how long a caller who was paid for is not paid for again, in seconds; 0 if not given.
    pub repeat_caller_window_s: Option<i64>,
    /// CALL: how many calls may last at once; 0, which is no limit, if not given.
    pub calls_at_once: Option<i64>,
    /// SALE: whether one award may bring several sales; false if not given.
    pub several: Option<bool>,
}

/// A share of a sale, within bounds.
#[derive(InputObject)]
pub struct OfferPercentInput {
    /// The share of the sale, 1 to 10000 basis points.
    pub bps: i64,
    /// The least for one sale, in the niche's currency.
    pub min: MoneyInput,
    /// The most for one sale, in the niche's currency.
    pub max: MoneyInput,
}

/// The most that is bought in a period.
#[derive(InputObject)]
pub struct OfferCapInput {
    /// The period.
    pub period: CapPeriod,
    /// The most awards.
    pub count: Option<i64>,
    /// The most money, in the niche's currency.
    pub money: Option<MoneyInput>,
}

/// What one copy of a lead costs that several buyers get.
#[derive(InputObject)]
pub struct OfferSharedPriceInput {
    /// To how many buyers in all the lead is sold, 2 or more.
    pub copies: i32,
    /// What the buyer pays for its copy, in the niche's currency.
    pub price: MoneyInput,
}

/// When an offer buys.
#[derive(InputObject)]
pub struct OfferScheduleInput {
    /// IANA time zone.
    pub time_zone: String,
    /// Weekly windows; none means always.
    pub windows: Vec<ScheduleWindowInput>,
    /// Days without buying, as `YYYY-MM-DD`.
    pub holidays: Vec<String>,
}

/// A window on some days of the week.
#[derive(InputObject)]
pub struct ScheduleWindowInput {
    /// ISO days, Monday = 1.
    pub days: Vec<i32>,
    /// First minute of the day, 0-1439.
    pub from_minute: i32,
    /// First minute after the window, 1-1440.
    pub to_minute: i32,
    /// The most awards in one occurrence of the window.
    pub count: Option<i64>,
    /// The most money in one occurrence of the window, in the niche's currency.
    pub money: Option<MoneyInput>,
}

impl OfferSchedule {
    /// A schedule; the caps of its windows only where a currency is given.
    pub fn of(schedule: &core::Schedule, currency: Option<Currency>) -> Self {
        let window = |window: &core::Window| ScheduleWindow {
            days: window.days.iter().map(|day| i32::from(*day)).collect(),
            from_minute: window.from_minute.into(),
            to_minute: window.to_minute.into(),
            count: window.count.filter(|_| currency.is_some()),
            money: window.money.zip(currency).map(|(sum, currency)| money(sum, currency)),
        };
        Self {
            time_zone: schedule.time_zone.clone(),
            windows: schedule.windows.iter().map(window).collect(),
            holidays: schedule.holidays.clone(),
        }
    }
}

/// Conditions as JSON.
pub fn conditions(terms: &Terms) -> Result<JsonValue> {
    Ok(Json(serde_json::to_value(&terms.conditions).context("writing conditions")?))
}

impl OfferTerms {
    /// The terms with their sums in the niche's currency.
    pub fn of(terms: &Terms, currency: Currency) -> Result<Self> {
        let goal = |goal: &core::Goal| OfferGoal {
            kind: goal.kind.into(),
            price: money(goal.price.least(), currency),
            percent: goal.price.percent().map(|percent| OfferPercent {
                bps: percent.bps.0.into(),
                min: money(percent.min, currency),
                max: money(percent.max, currency),
            }),
            attribution_window_s: goal.attribution_window_s,
            reserve_bps: goal.reserve_bps.0.into(),
            min_call_seconds: goal.min_call_seconds,
            repeat_caller_window_s: goal.repeat_caller_window_s,
            calls_at_once: goal.calls_at_once,
            several: goal.several,
        };
        let cap = |cap: &core::Cap| OfferCap {
            period: cap.period.into(),
            count: cap.count,
            money: cap.money.map(|sum| money(sum, currency)),
        };
        Ok(Self {
            mode: terms.mode.into(),
            goals: terms.goals.iter().map(goal).collect(),
            caps: terms.caps.iter().map(cap).collect(),
            publisher_caps: terms.publisher_caps.iter().map(cap).collect(),
            over_cap: terms.over_cap.into(),
            pacing: terms.pacing.into(),
            schedule: OfferSchedule::of(&terms.schedule, Some(currency)),
            conditions: conditions(terms)?,
            min_score: terms.min_score,
            max_sales: terms.max_sales,
            shared_prices: terms
                .shared_prices
                .iter()
                .map(|shared| OfferSharedPrice {
                    copies: shared.copies,
                    price: money(shared.price, currency),
                })
                .collect(),
            dedupe_window_s: terms.dedupe_window_s,
            return_window_s: terms.return_window_s,
            hold_s: terms.hold_s,
            lock_s: terms.lock_s,
            max_return_share_bps: terms.max_return_share_bps.0.into(),
            visibility: terms.visibility.into(),
            priority: terms.priority,
            description: terms.description.clone(),
        })
    }
}

fn small<T: TryFrom<i32>>(value: i32, field: &str) -> Result<T, Problem> {
    T::try_from(value).map_err(|_| Problem::new(OUT_OF_RANGE).field(field.to_owned()))
}

fn bps(value: i64, field: String) -> Result<Bps, Problem> {
    u32::try_from(value).map(Bps).map_err(|_| Problem::new(OUT_OF_RANGE).field(field))
}

/// The price of a goal: a sum or a share, and not both.
fn price(
    sum: Option<MoneyInput>,
    percent: Option<OfferPercentInput>,
    currency: Currency,
    at: &dyn Fn(&str) -> String,
) -> Result<core::Price, Problem> {
    match (sum, percent) {
        (Some(sum), None) => Ok(core::Price::Fixed(minor(&sum, currency, &at("price"))?)),
        (None, Some(percent)) => Ok(core::Price::Percent(core::Percent {
            bps: bps(percent.bps, at("percent.bps"))?,
            min: minor(&percent.min, currency, &at("percent.min"))?,
            max: minor(&percent.max, currency, &at("percent.max"))?,
        })),
        (None, None) => Err(Problem::new(REQUIRED).field(at("price"))),
        (Some(_), Some(_)) => {
            let detail = "A goal has a price or a percentage, not both.";
            Err(Problem::new(BAD_INPUT).field(at("percent")).detail(detail))
        }
    }
}

fn parse_caps(
    path: &str,
    input: Vec<OfferCapInput>,
    currency: Currency,
) -> Result<Vec<core::Cap>, Problem> {
    let mut caps = Vec::with_capacity(input.len());
    for (index, cap) in input.into_iter().enumerate() {
        let field = format!("{path}[{index}].money");
        let sum = cap.money.map(|sum| minor(&sum, currency, &field)).transpose()?;
        caps.push(core::Cap { period: cap.period.into(), count: cap.count, money: sum });
    }
    Ok(caps)
}

impl OfferScheduleInput {
    fn parse(self, currency: Currency) -> Result<core::Schedule, Problem> {
        let mut windows = Vec::with_capacity(self.windows.len());
        for (index, window) in self.windows.into_iter().enumerate() {
            let field = format!("terms.schedule.windows[{index}]");
            let days: Result<Vec<u8>, _> =
                window.days.into_iter().map(|day| small(day, &field)).collect();
            let path = format!("{field}.money");
            let sum = window.money.map(|sum| minor(&sum, currency, &path)).transpose()?;
            windows.push(core::Window {
                days: days?,
                from_minute: small(window.from_minute, &field)?,
                to_minute: small(window.to_minute, &field)?,
                count: window.count,
                money: sum,
            });
        }
        Ok(core::Schedule { time_zone: self.time_zone, windows, holidays: self.holidays })
    }
}

impl OfferTermsInput {
    /// The terms in core's form: sums in minor units of the niche's currency. What they mean is
    /// checked by the service.
    pub fn parse(self, currency: Currency) -> Result<Terms, Problem> {
        let mut goals = Vec::with_capacity(self.goals.len());
        for (index, goal) in self.goals.into_iter().enumerate() {
            let at = |part: &str| format!("terms.goals[{index}].{part}");
            goals.push(core::Goal {
                kind: goal.kind.into(),
                price: price(goal.price, goal.percent, currency, &at)?,
                attribution_window_s: goal.attribution_window_s.unwrap_or(0),
                reserve_bps: bps(goal.reserve_bps.unwrap_or(0), at("reserveBps"))?,
                min_call_seconds: goal.min_call_seconds.unwrap_or(0),
                repeat_caller_window_s: goal.repeat_caller_window_s.unwrap_or(0),
                calls_at_once: goal.calls_at_once.unwrap_or(0),
                several: goal.several.unwrap_or(false),
            });
        }
        let caps = parse_caps("terms.caps", self.caps, currency)?;
        let publisher_caps =
            parse_caps("terms.publisherCaps", self.publisher_caps.unwrap_or_default(), currency)?;
        let mut shared_prices = Vec::new();
        for (index, shared) in self.shared_prices.unwrap_or_default().into_iter().enumerate() {
            let price =
                minor(&shared.price, currency, &format!("terms.sharedPrices[{index}].price"))?;
            shared_prices.push(core::SharedPrice { copies: shared.copies, price });
        }
        let conditions = serde_json::from_value(self.conditions.0).map_err(|error| {
            Problem::new(BAD_INPUT).field("terms.conditions").detail(error.to_string())
        })?;
        Ok(Terms {
            mode: self.mode.map_or(core::Mode::Instant, Into::into),
            goals,
            caps,
            publisher_caps,
            over_cap: self.over_cap.map_or(core::OverCap::Next, Into::into),
            pacing: self.pacing.map_or(core::Pacing::None, Into::into),
            schedule: self.schedule.parse(currency)?,
            conditions,
            min_score: self.min_score,
            max_sales: self.max_sales,
            shared_prices,
            dedupe_window_s: self.dedupe_window_s,
            return_window_s: self.return_window_s,
            hold_s: self.hold_s,
            lock_s: self.lock_s,
            max_return_share_bps: bps(
                self.max_return_share_bps,
                "terms.maxReturnShareBps".to_owned(),
            )?,
            visibility: self.visibility.into(),
            priority: self.priority,
            description: self.description,
        })
    }
}
