//! Accounts: what money can belong to, and where in the lock order each kind stands.

use std::fmt;

use crate::ids::{AccountId, OrganizationId};
use crate::money::Currency;

/// The ways in which money enters and leaves the exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rail {
    /// A bank transfer that FINANCE recorded, or a payout file for the bank.
    Bank,
    /// Anything that an operator does by hand and records.
    Manual,
    /// Card payments through Stripe. The balance, turned around, is what lies with Stripe.
    Stripe,
}

impl Rail {
    /// Every rail.
    pub const ALL: &'static [Rail] = &[Rail::Bank, Rail::Manual, Rail::Stripe];

    /// The stored name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Rail::Bank => "BANK",
            Rail::Manual => "MANUAL",
            Rail::Stripe => "STRIPE",
        }
    }

    /// Whether people record what comes in by it; the others tell it themselves.
    pub const fn by_hand(self) -> bool {
        matches!(self, Rail::Bank | Rail::Manual)
    }

    /// Reads the stored name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|rail| rail.as_str() == text)
    }

    const fn code(self) -> &'static str {
        match self {
            Rail::Bank => "bank",
            Rail::Manual => "manual",
            Rail::Stripe => "stripe",
        }
    }
}

/// What an account holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AccountKind {
    /// A buyer's money, free to be spent. Never negative.
    BuyerAvailable,
    /// A buyer's money that is promised to goals billed later. Never negative.
    BuyerReserved,
    /// What a buyer owes: zero or negative.
    BuyerOwed,
    /// A buyer's unused credit on its way back to a card. Never negative.
    BuyerInRefund,
    /// A publisher's earnings that are still on hold.
    PublisherHeld,
    /// A publisher's earnings that may be settled. Negative only after a proven fraud.
    PublisherPayable,
    /// A publisher's money that is on its way out. Never negative.
    PublisherInPayout,
    /// What the exchange lends a buyer: minus the credit limit. Its other side is in the buyer's free
    /// money, so that whoever locks that row sees funds and credit as one.
    BuyerCredit,
    /// The exchange's fees that are still on hold; one account per buyer.
    PlatformFeesHeld,
    /// The exchange's earned fees.
    PlatformFees,
    /// Debts that were written off: zero or negative.
    PlatformBadDebt,
    /// The exchange's position in a currency from conversions between buyers' wallets.
    PlatformFx,
    /// What payment providers kept for their service; negative, as an expense is.
    PlatformProviderFees,
    /// The world outside, seen through one rail. Negative while its money is with us.
    External(Rail),
}

/// How the balance of an account is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeping {
    /// One row that a writer locks before it decides: the balance is always exact.
    Locked,
    /// Summed deltas: writers only append, so a popular account is nobody's bottleneck.
    Summed,
}

/// The range that an account's balance has to stay in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// May not fall below zero.
    NotNegative,
    /// May not rise above zero.
    NotPositive,
    /// Any balance.
    Free,
}

impl AccountKind {
    /// Every kind, rails included.
    pub const ALL: &'static [AccountKind] = &[
        AccountKind::BuyerAvailable,
        AccountKind::BuyerReserved,
        AccountKind::BuyerOwed,
        AccountKind::BuyerCredit,
        AccountKind::BuyerInRefund,
        AccountKind::PublisherHeld,
        AccountKind::PublisherPayable,
        AccountKind::PublisherInPayout,
        AccountKind::PlatformFeesHeld,
        AccountKind::PlatformFees,
        AccountKind::PlatformBadDebt,
        AccountKind::PlatformFx,
        AccountKind::PlatformProviderFees,
        AccountKind::External(Rail::Bank),
        AccountKind::External(Rail::Manual),
        AccountKind::External(Rail::Stripe),
    ];

    /// The stored name; `external` kinds share one, their code tells the rail.
    pub const fn as_str(self) -> &'static str {
        match self {
            AccountKind::BuyerAvailable => "BUYER_AVAILABLE",
            AccountKind::BuyerReserved => "BUYER_RESERVED",
            AccountKind::BuyerOwed => "BUYER_OWED",
            AccountKind::BuyerCredit => "BUYER_CREDIT",
            AccountKind::BuyerInRefund => "BUYER_IN_REFUND",
            AccountKind::PublisherHeld => "PUBLISHER_HELD",
            AccountKind::PublisherPayable => "PUBLISHER_PAYABLE",
            AccountKind::PublisherInPayout => "PUBLISHER_IN_PAYOUT",
            AccountKind::PlatformFeesHeld => "PLATFORM_FEES_HELD",
            AccountKind::PlatformFees => "PLATFORM_FEES",
            AccountKind::PlatformBadDebt => "PLATFORM_BAD_DEBT",
            AccountKind::PlatformFx => "PLATFORM_FX",
            AccountKind::PlatformProviderFees => "PLATFORM_PROVIDER_FEES",
            AccountKind::External(_) => "EXTERNAL",
        }
    }

    const fn code(self) -> &'static str {
        match self {
            AccountKind::BuyerAvailable => "buyer:available",
            AccountKind::BuyerReserved => "buyer:reserved",
            AccountKind::BuyerOwed => "buyer:owed",
            AccountKind::BuyerCredit => "buyer:credit",
            AccountKind::BuyerInRefund => "buyer:in_refund",
            AccountKind::PublisherHeld => "publisher:held",
            AccountKind::PublisherPayable => "publisher:payable",
            AccountKind::PublisherInPayout => "publisher:in_payout",
            AccountKind::PlatformFeesHeld => "platform:fees_held",
            AccountKind::PlatformFees => "platform:fees",
            AccountKind::PlatformBadDebt => "platform:bad_debt",
            AccountKind::PlatformFx => "platform:fx",
            AccountKind::PlatformProviderFees => "platform:provider_fees",
            AccountKind::External(_) => "external",
        }
    }

    /// How the balance is kept. Everything that each award of a publisher credits is summed.
    pub const fn keeping(self) -> Keeping {
        match self {
            AccountKind::PublisherHeld | AccountKind::PlatformFeesHeld => Keeping::Summed,
            _ => Keeping::Locked,
        }
    }

    /// The range that the balance has to stay in.
    pub const fn guard(self) -> Guard {
        match self {
            AccountKind::BuyerAvailable
            | AccountKind::BuyerReserved
            | AccountKind::BuyerInRefund
            | AccountKind::PublisherInPayout => Guard::NotNegative,
            AccountKind::BuyerOwed | AccountKind::BuyerCredit | AccountKind::PlatformBadDebt => {
                Guard::NotPositive
            }
            _ => Guard::Free,
        }
    }
}

impl Guard {
    /// Whether a balance is within the range.
    pub const fn holds(self, balance: i64) -> bool {
        match self {
            Guard::NotNegative => balance >= 0,
            Guard::NotPositive => balance <= 0,
            Guard::Free => true,
        }
    }
}

/// One account: a kind, an owner for buyers' and publishers' kinds, a currency.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Account {
    kind: AccountKind,
    owner: Option<OrganizationId>,
    currency: Currency,
}

impl Account {
    /// A buyer's free money.
    pub const fn available(buyer: OrganizationId, currency: Currency) -> Self {
        Self { kind: AccountKind::BuyerAvailable, owner: Some(buyer), currency }
    }

    /// A buyer's promised money.
    pub const fn reserved(buyer: OrganizationId, currency: Currency) -> Self {
        Self { kind: AccountKind::BuyerReserved, owner: Some(buyer), currency }
    }

    /// A buyer's debt.
    pub const fn owed(buyer: OrganizationId, currency: Currency) -> Self {
        Self { kind: AccountKind::BuyerOwed, owner: Some(buyer), currency }
    }

    /// What the exchange lends a buyer.
    pub const fn credit(buyer: OrganizationId, currency: Currency) -> Self {
        Self { kind: AccountKind::BuyerCredit, owner: Some(buyer), currency }
    }

    /// A buyer's credit on its way back to a card.
    pub const fn in_refund(buyer: OrganizationId, currency: Currency) -> Self {
        Self { kind: AccountKind::BuyerInRefund, owner: Some(buyer), currency }
    }

    /// A publisher's earnings on hold.
    pub const fn held(publisher: OrganizationId, currency: Currency) -> Self {
        Self { kind: AccountKind::PublisherHeld, owner: Some(publisher), currency }
    }

    /// A publisher's earnings that may be settled.
    pub const fn payable(publisher: OrganizationId, currency: Currency) -> Self {
        Self { kind: AccountKind::PublisherPayable, owner: Some(publisher), currency }
    }

    /// A publisher's money on its way out.
    pub const fn in_payout(publisher: OrganizationId, currency: Currency) -> Self {
        Self { kind: AccountKind::PublisherInPayout, owner: Some(publisher), currency }
    }

    /// Fees on hold from one buyer's conversions.
    pub const fn fees_held(buyer: OrganizationId, currency: Currency) -> Self {
        Self { kind: AccountKind::PlatformFeesHeld, owner: Some(buyer), currency }
    }

    /// The exchange's earned fees.
    pub const fn fees(currency: Currency) -> Self {
        Self { kind: AccountKind::PlatformFees, owner: None, currency }
    }

    /// Written-off debts.
    pub const fn bad_debt(currency: Currency) -> Self {
        Self { kind: AccountKind::PlatformBadDebt, owner: None, currency }
    }

    /// The exchange's position in a currency.
    pub const fn fx(currency: Currency) -> Self {
        Self { kind: AccountKind::PlatformFx, owner: None, currency }
    }

    /// What payment providers kept.
    pub const fn provider_fees(currency: Currency) -> Self {
        Self { kind: AccountKind::PlatformProviderFees, owner: None, currency }
    }

    /// The world behind a rail.
    pub const fn external(rail: Rail, currency: Currency) -> Self {
        Self { kind: AccountKind::External(rail), owner: None, currency }
    }

    /// Every account that a buyer's awards and their consequences can touch.
    pub const fn of_buyer(buyer: OrganizationId, currency: Currency) -> [Account; 4] {
        [
            Self::available(buyer, currency),
            Self::reserved(buyer, currency),
            Self::owed(buyer, currency),
            Self::fees_held(buyer, currency),
        ]
    }

    /// Every account that a publisher's earnings can touch.
    pub const fn of_publisher(publisher: OrganizationId, currency: Currency) -> [Account; 3] {
        [
            Self::held(publisher, currency),
            Self::payable(publisher, currency),
            Self::in_payout(publisher, currency),
        ]
    }

    /// What the account holds.
    pub const fn kind(&self) -> AccountKind {
        self.kind
    }

    /// Whose it is; `None` for the exchange's own and external accounts.
    pub const fn owner(&self) -> Option<OrganizationId> {
        self.owner
    }

    /// Its currency.
    pub const fn currency(&self) -> Currency {
        self.currency
    }

    /// The readable name, like `buyer:available:org_…:RUB` or `external:bank:RUB`.
    pub fn code(&self) -> String {
        let kind = self.kind.code();
        let currency = self.currency;
        match (self.kind, self.owner) {
            (AccountKind::External(rail), _) => format!("{kind}:{}:{currency}", rail.code()),
            (_, Some(owner)) => format!("{kind}:{owner}:{currency}"),
            (_, None) => format!("{kind}:{currency}"),
        }
    }

    /// The id, derived from what the account is: nobody has to look it up.
    pub fn id(&self) -> AccountId {
        let rail = match self.kind {
            AccountKind::External(rail) => rail.code(),
            _ => "",
        };
        let owner = self.owner.map(|owner| owner.uuid().into_bytes());
        AccountId::derived(&[
            b"account",
            self.kind.code().as_bytes(),
            rail.as_bytes(),
            owner.as_ref().map_or(&[][..], |bytes| &bytes[..]),
            self.currency.code().as_bytes(),
        ])
    }

    /// Reads back what [`Account::code`] printed.
    pub fn parse(code: &str) -> Option<Self> {
        let mut parts: Vec<&str> = code.split(':').collect();
        let currency = parts.pop()?.parse().ok()?;
        let (kind_text, rest) = match parts.as_slice() {
            ["external", rail] => {
                let rail = Rail::ALL.iter().copied().find(|known| known.code() == *rail)?;
                return Some(Self::external(rail, currency));
            }
            [scope, name, rest @ ..] => (format!("{scope}:{name}"), rest),
            _ => return None,
        };
        let kind = AccountKind::ALL.iter().copied().find(|kind| kind.code() == kind_text)?;
        let owner = match rest {
            [] => None,
            [owner] => Some(owner.parse().ok()?),
            _ => return None,
        };
        let owned = !matches!(
            kind,
            AccountKind::PlatformFees
                | AccountKind::PlatformBadDebt
                | AccountKind::PlatformFx
                | AccountKind::PlatformProviderFees
        );
        (owned == owner.is_some()).then_some(Self { kind, owner, currency })
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.code())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::time::Timestamp;

    #[test]
    fn a_code_reads_back_and_ids_differ() {
        let org = OrganizationId::new(Timestamp::from_micros(1_700_000_000_000_000));
        let rub = Currency::RUB;
        let mut all = vec![Account::fees(rub), Account::bad_debt(rub), Account::fx(rub)];
        all.push(Account::credit(org, rub));
        all.extend([Account::provider_fees(rub), Account::in_refund(org, rub)]);
        all.extend(Account::of_buyer(org, rub));
        all.extend(Account::of_publisher(org, rub));
        all.extend(Rail::ALL.iter().map(|rail| Account::external(*rail, rub)));
        all.push(Account::fees(Currency::USD));
        let mut ids: Vec<_> = all.iter().map(Account::id).collect();
        for account in &all {
            assert_eq!(Account::parse(&account.code()), Some(*account));
        }
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), all.len());
        assert_eq!(Account::external(Rail::Bank, rub).code(), "external:bank:RUB");
        assert_eq!(Account::parse("platform:fees:org_bad:RUB"), None);
        assert_eq!(Account::parse("buyer:available:RUB"), None);
    }
}
