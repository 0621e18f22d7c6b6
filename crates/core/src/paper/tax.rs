//! The tax line. Prices include tax, so the line says how much of a sum is tax; it moves nothing.

use super::{Head, PaperKind, SettlementModel, Totals};
use crate::money::div_half_even;

/// Tax within a document's sums, minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tax {
    /// The sum that includes it.
    pub base: i64,
    /// The tax within.
    pub amount: i64,
}

impl Tax {
    /// The tax of a document. To a buyer the exchange sells its service (`AGENT`: tax within the
    /// fee) or the leads (`PRINCIPAL`: within the price). From a publisher it buys leads only as
    /// `PRINCIPAL`; as an agent it passes money on, and the publisher's tax is no concern of it.
    pub fn of(head: &Head, totals: &Totals) -> Self {
        let base = match (head.kind, head.model) {
            (PaperKind::Statement, SettlementModel::Agent) => 0,
            (PaperKind::Statement, SettlementModel::Principal) => {
                totals.gross.saturating_sub(totals.given_back)
            }
            (_, SettlementModel::Agent) => totals.fee,
            (_, SettlementModel::Principal) => totals.gross.saturating_sub(totals.given_back),
        };
        Self { base, amount: included_tax(base, head.tax_rate_bps) }
    }
}

/// The tax within a sum: `sum × rate / (1 + rate)`, rounded half to even.
pub fn included_tax(sum: i64, rate_bps: u32) -> i64 {
    div_half_even(i128::from(sum) * i128::from(rate_bps), 10_000 + i128::from(rate_bps))
}

#[cfg(test)]
mod tests {
    use super::super::tests::head;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn tax_is_within_the_sum() {
        assert_eq!(included_tax(12_000, 2_000), 2_000);
        assert_eq!(included_tax(100, 2_000), 17);
        assert_eq!(included_tax(-12_000, 2_000), -2_000);
        assert_eq!(included_tax(12_000, 0), 0);
    }

    #[test]
    fn the_model_says_what_is_taxed() {
        let totals = Totals {
            gross: 12_000,
            given_back: 2_400,
            fee: 1_440,
            total: 9_600,
            ..Totals::default()
        };
        let of =
            |kind, model| Tax::of(&Head { kind, model, tax_rate_bps: 2_000, ..head() }, &totals);
        use PaperKind::{Invoice, Statement};
        use SettlementModel::{Agent, Principal};
        assert_eq!(of(Invoice, Agent), Tax { base: 1_440, amount: 240 });
        assert_eq!(of(Invoice, Principal), Tax { base: 9_600, amount: 1_600 });
        assert_eq!(of(Statement, Agent), Tax::default());
        assert_eq!(of(Statement, Principal), Tax { base: 9_600, amount: 1_600 });
    }

    proptest! {
        #[test]
        fn tax_and_net_are_the_sum(sum in -1_000_000_000i64..1_000_000_000, rate in 0u32..=10_000) {
            let tax = included_tax(sum, rate);
            // The net sum taxed at the rate is the tax again, give or take the rounding.
            let again = i128::from(sum - tax) * i128::from(rate);
            prop_assert!((again - i128::from(tax) * 10_000).abs() <= 10_000 + i128::from(rate));
            prop_assert!(tax.abs() <= sum.abs());
        }
    }
}
