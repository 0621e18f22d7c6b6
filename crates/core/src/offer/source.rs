//! A publisher's source of traffic: its life and its settings.

use super::validate::{MAX_PRICE, MAX_SALES};
use crate::account::input;
use crate::error::{INVALID_STATE, OUT_OF_RANGE, Problem};
use crate::ids::OfferId;

crate::text_enum! {
    /// How leads of a source arrive.
    pub enum SourceKind {
        /// A form on a site posts them.
        Form = "FORM",
        /// A machine posts them.
        Api = "API",
        /// Files are imported.
        Import = "IMPORT",
    }
}

crate::text_enum! {
    /// Where a source stands.
    pub enum SourceState {
        /// Waits for an operator.
        Pending = "PENDING",
        /// Its leads are taken.
        Active = "ACTIVE",
        /// An operator refused it.
        Refused = "REFUSED",
        /// Stopped for now.
        Paused = "PAUSED",
    }
}

crate::text_enum! {
    /// What moves a source.
    pub enum SourceCommand {
        /// An operator lets it in.
        Approve = "APPROVE",
        /// An operator refuses it.
        Refuse = "REFUSE",
        /// Stops it for now.
        Pause = "PAUSE",
        /// Goes on.
        Resume = "RESUME",
    }
}

impl SourceState {
    /// The next state, or `INVALID_STATE`.
    pub fn apply(self, command: SourceCommand) -> Result<SourceState, Problem> {
        use SourceCommand as C;
        use SourceState as S;
        match (self, command) {
            (S::Pending, C::Approve) | (S::Paused, C::Resume) => Ok(S::Active),
            (S::Pending | S::Active | S::Paused, C::Refuse) => Ok(S::Refused),
            (S::Active, C::Pause) => Ok(S::Paused),
            _ => Err(Problem::new(INVALID_STATE)
                .detail(format!("A source in state {self} does not take {command}."))),
        }
    }
}

crate::text_enum! {
    /// The kinds of a source's fallback.
    pub enum FallbackKind {
        /// Nobody else may buy.
        None = "NONE",
        /// One more offer may.
        Offer = "OFFER",
        /// Every offer that the publisher may sell to may.
        Market = "MARKET",
    }
}

/// Who may buy what a source's target does not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fallback {
    /// Nobody.
    #[default]
    None,
    /// One more offer.
    Offer(OfferId),
    /// Every offer that the publisher may sell to.
    Market,
}

impl Fallback {
    /// Its kind.
    pub fn kind(self) -> FallbackKind {
        match self {
            Self::None => FallbackKind::None,
            Self::Offer(_) => FallbackKind::Offer,
            Self::Market => FallbackKind::Market,
        }
    }

    /// The offer, if it is one.
    pub fn offer(self) -> Option<OfferId> {
        match self {
            Self::Offer(offer) => Some(offer),
            Self::None | Self::Market => None,
        }
    }

    /// From kind and offer; `None` if an offer is wanted and not given, or given and not wanted.
    pub fn of(kind: FallbackKind, offer: Option<OfferId>) -> Option<Self> {
        match (kind, offer) {
            (FallbackKind::None, None) => Some(Self::None),
            (FallbackKind::Market, None) => Some(Self::Market),
            (FallbackKind::Offer, Some(offer)) => Some(Self::Offer(offer)),
            _ => None,
        }
    }
}

/// What a publisher sets on a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceInput {
    /// Its name.
    pub name: String,
    /// What traffic it brings, in the publisher's words; moderated, never contact data.
    pub traffic: String,
    /// To how many buyers one of its leads may be sold.
    pub max_sales: i32,
    /// The least earning for which a lead may be sold, in minor units of the niche's currency.
    pub min_earning: Option<i64>,
}

impl SourceInput {
    /// The checked and trimmed settings, or every reason against them.
    pub fn checked(self) -> Result<SourceInput, Vec<Problem>> {
        let mut found = Vec::new();
        let name = input::name(&self.name, "name").unwrap_or_else(|problem| {
            found.push(problem);
            String::new()
        });
        let traffic = input::note(Some(&self.traffic), 1_000, "traffic")
            .unwrap_or_else(|problem| {
                found.push(problem);
                None
            })
            .unwrap_or_default();
        if !(1..=MAX_SALES).contains(&self.max_sales) {
            found.push(
                Problem::new(OUT_OF_RANGE)
                    .field("maxSales")
                    .detail(format!("The value must be from 1 to {MAX_SALES}.")),
            );
        }
        if self.min_earning.is_some_and(|least| !(0..=MAX_PRICE).contains(&least)) {
            found.push(Problem::new(OUT_OF_RANGE).field("minEarning"));
        }
        if found.is_empty() { Ok(SourceInput { name, traffic, ..self }) } else { Err(found) }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::state_table::proves;

    #[test]
    fn every_state_answers_every_command() {
        use SourceCommand as C;
        use SourceState as S;
        let steps = [
            (S::Pending, C::Approve, S::Active),
            (S::Pending, C::Refuse, S::Refused),
            (S::Active, C::Pause, S::Paused),
            (S::Active, C::Refuse, S::Refused),
            (S::Paused, C::Resume, S::Active),
            (S::Paused, C::Refuse, S::Refused),
        ];
        proves((S::ALL, C::ALL), S::apply, &steps);
    }

    #[test]
    fn settings_are_trimmed_and_bounded() {
        let good = SourceInput {
            name: " Site ".to_owned(),
            traffic: " search ".to_owned(),
            max_sales: 3,
            min_earning: Some(0),
        };
        let checked = good.clone().checked().unwrap();
        assert_eq!((checked.name.as_str(), checked.traffic.as_str()), ("Site", "search"));
        let bad = SourceInput { name: String::new(), max_sales: 11, min_earning: Some(-1), ..good };
        let fields: Vec<_> =
            bad.checked().unwrap_err().into_iter().map(|p| p.field.unwrap()).collect();
        assert_eq!(fields, ["name", "maxSales", "minEarning"]);
    }
}
