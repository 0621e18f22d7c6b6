//! `verify`: the ledger against every table that explains it.

use std::collections::HashMap;

use leadbourse_core::ids::OrganizationId;
use leadbourse_core::ledger::{Account, AccountKind, Difference, Rail, Verifier};
use leadbourse_core::money::Currency;

use super::model::PayoutRail;
use super::papers;
use super::repo::books as repo_books;
use super::service::Settlements;
use crate::platform::db::Reader;
use crate::platform::error::Result;
use crate::{conversions, ledger, topups};

impl Settlements {
    /// Recomputes everything in one snapshot: balances from postings, and held, reserved, owed,
    /// payable, paid-out and external money from conversions, reservations, payouts and top-ups;
    /// statements from their lines, lines from their conversions; every document is printed again
    /// and its hashes compared. Names every difference; an empty answer is a proof.
    pub async fn verify(&self) -> Result<Vec<Difference>> {
        let tx = self.db.begin_read().await?;
        let mut verifier = ledger::collect(&tx).await?;
        let cards = topups::books(&tx).await?;
        let approved = conversions::check_books(&tx, &mut verifier, &cards.lost).await?;
        check_payouts(&tx, &mut verifier, approved, cards.kept).await?;
        for fault in papers::faults(&tx).await? {
            verifier.report(fault);
        }
        for fault in crate::papers::invoice_faults(&tx).await? {
            verifier.report(fault);
        }
        for (what, kept, computed) in repo_books::statement_faults(&tx).await? {
            verifier.report(Difference::Books { what, kept, computed });
        }
        for (what, kept, computed) in repo_books::counts(&tx).await? {
            if kept != computed {
                verifier.report(Difference::Books { what: what.to_owned(), kept, computed });
            }
        }
        Ok(verifier.finish())
    }
}

async fn check_payouts(
    tx: &impl Reader,
    verifier: &mut Verifier,
    approved: HashMap<(OrganizationId, Currency), i64>,
    mut kept: HashMap<Account, i64>,
) -> Result<()> {
    for ((publisher, currency), amount) in approved {
        *kept.entry(Account::payable(publisher, currency)).or_default() += amount;
    }
    for sum in repo_books::payout_sums(tx).await? {
        let (publisher, currency) = (sum.publisher, sum.currency);
        // What was sent left the payable account; what is under way is in between.
        *kept.entry(Account::payable(publisher, currency)).or_default() -=
            sum.under_way.saturating_add(sum.confirmed);
        *kept.entry(Account::in_payout(publisher, currency)).or_default() += sum.under_way;
        let rail = sum.rail.ledger();
        *kept.entry(Account::external(rail, currency)).or_default() += sum.confirmed;
    }
    for (rail, currency, amount) in repo_books::top_up_sums(tx).await? {
        if let Some(rail) = Rail::parse(&rail) {
            *kept.entry(Account::external(rail, currency)).or_default() -= amount;
        }
    }
    let compared = |kind: AccountKind| {
        matches!(
            kind,
            AccountKind::PublisherPayable
                | AccountKind::PublisherInPayout
                | AccountKind::BuyerInRefund
                | AccountKind::PlatformBadDebt
                | AccountKind::PlatformProviderFees
                | AccountKind::External(_)
        )
    };
    let computed: Vec<(Account, i64)> = verifier
        .balances()
        .filter(|(account, _)| compared(account.kind()))
        .map(|(account, sum)| (*account, sum))
        .collect();
    for (account, computed) in computed {
        let kept = kept.remove(&account).unwrap_or(0);
        if kept != computed {
            verifier.report(Difference::Books { what: account.code(), kept, computed });
        }
    }
    for (account, kept) in kept.into_iter().filter(|(_, kept)| *kept != 0) {
        verifier.report(Difference::Books { what: account.code(), kept, computed: 0 });
    }
    Ok(())
}

/// Sums of payouts by publisher, currency and rail.
pub(super) struct PayoutSum {
    pub(super) publisher: OrganizationId,
    pub(super) currency: Currency,
    pub(super) rail: PayoutRail,
    pub(super) under_way: i64,
    pub(super) confirmed: i64,
}
