//! The scalars and little value types that every noun uses.

use async_graphql::{
    ID, InputObject, InputValueError, InputValueResult, Json, Scalar, ScalarType, SimpleObject,
    Value,
};
use leadbourse_core::error::{self, Problem};
use leadbourse_core::ids::BadId;
use leadbourse_core::money::{Currency, Money as CoreMoney};
use leadbourse_core::time::Timestamp;
use std::borrow::Cow;
use std::fmt::Display;
use std::str::FromStr;

/// Any JSON value, as the scalar `JSON`.
pub type JsonValue = Json<serde_json::Value>;

/// An instant: RFC 3339, answered in UTC, accepted with any offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateTime(pub Timestamp);

#[Scalar(name = "DateTime", specified_by_url = "https://datatracker.ietf.org/doc/html/rfc3339")]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) => Timestamp::parse_rfc3339(text)
                .map(DateTime)
                .ok_or_else(|| InputValueError::custom("not an RFC 3339 date and time")),
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn is_valid(value: &Value) -> bool {
        matches!(value, Value::String(_))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.rfc3339())
    }
}

impl From<Timestamp> for DateTime {
    fn from(at: Timestamp) -> Self {
        Self(at)
    }
}

impl From<DateTime> for Timestamp {
    fn from(at: DateTime) -> Self {
        at.0
    }
}

/// A sum of money. `minor` is exact; `decimal` is for reading.
#[derive(Clone, Debug, PartialEq, Eq, SimpleObject)]
pub struct Money {
    /// Minor units (kopecks, cents) as a decimal integer.
    pub minor: String,
    /// ISO 4217 code.
    pub currency: String,
    /// Major units with the currency's digits, like `12.50`.
    pub decimal: String,
}

impl From<CoreMoney> for Money {
    fn from(sum: CoreMoney) -> Self {
        Self {
            minor: sum.minor.to_string(),
            currency: sum.currency.code().to_owned(),
            decimal: sum.decimal(),
        }
    }
}

/// `minor` units of `currency`.
pub fn money(minor: i64, currency: Currency) -> Money {
    CoreMoney::new(minor, currency).into()
}

/// A sum of money as input.
#[derive(Clone, Debug, InputObject)]
pub struct MoneyInput {
    /// Minor units as a decimal integer.
    pub minor: String,
    /// ISO 4217 code.
    pub currency: String,
}

impl MoneyInput {
    /// The sum; a refusal that names `field` when it is none.
    pub fn parse(&self, field: &str) -> Result<CoreMoney, Problem> {
        let bad = |part: &str| Problem::new(error::BAD_INPUT).field(format!("{field}.{part}"));
        let minor = self.minor.parse::<i64>().map_err(|_| bad("minor"))?;
        let currency = self.currency.parse::<Currency>().map_err(|_| bad("currency"))?;
        Ok(CoreMoney::new(minor, currency))
    }
}

/// A text in every language of the exchange.
#[derive(Clone, Debug, PartialEq, Eq, SimpleObject)]
pub struct LocalizedText {
    /// English.
    pub en: String,
    /// Russian.
    pub ru: String,
}

/// The printed form of an id.
pub fn id(id: impl Display) -> ID {
    ID(id.to_string())
}

/// Reads an id of the wanted kind; the refusal names `field`.
pub fn parse_id<T>(id: &ID, field: impl Into<Cow<'static, str>>) -> Result<T, Problem>
where
    T: FromStr<Err = BadId>,
{
    id.parse::<T>().map_err(|bad| Problem::new(error::BAD_ID).field(field).detail(bad.to_string()))
}

/// As [`parse_id`] for an optional id.
pub fn parse_opt_id<T>(
    id: Option<&ID>,
    field: impl Into<Cow<'static, str>>,
) -> Result<Option<T>, Problem>
where
    T: FromStr<Err = BadId>,
{
    id.map(|id| parse_id(id, field)).transpose()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
    use super::*;
    use leadbourse_core::ids::{LeadId, OfferId};

    #[test]
    fn money_goes_both_ways() {
        let sum = money(1_250, Currency::RUB);
        assert_eq!((sum.minor.as_str(), sum.decimal.as_str()), ("1250", "12.50"));
        let input = MoneyInput { minor: "1250".into(), currency: "RUB".into() };
        assert_eq!(input.parse("price"), Ok(CoreMoney::new(1_250, Currency::RUB)));
        let bad = MoneyInput { minor: "12.5".into(), currency: "RUB".into() }.parse("price");
        assert_eq!(bad.unwrap_err().field.as_deref(), Some("price.minor"));
    }

    #[test]
    fn an_id_of_another_kind_is_refused_with_its_field() {
        let lead = LeadId::new(Timestamp::from_micros(1));
        assert_eq!(parse_id::<LeadId>(&id(lead), "id"), Ok(lead));
        let bad = parse_id::<OfferId>(&id(lead), "offerId").unwrap_err();
        assert_eq!((bad.code.name, bad.field.as_deref()), ("BAD_ID", Some("offerId")));
    }
}
