//! The order as a machine. Times are handed in; sums are minor units.

use super::{
    ORDER_CLAIM_CLOSED, ORDER_CLAIMED, ORDER_CLOSED, ORDER_DEADLINE, ORDER_SIZE, ORDER_TAKEN,
    OrderClaimState, OrderState,
};
use crate::error::{NOT_FOUND, Problem};
use crate::ids::{OrderClaimId, OrganizationId};
use crate::money::Bps;
use crate::time::Timestamp;

/// The most leads of one order.
const MOST: i64 = 100_000;

/// A publisher's part of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Its id.
    pub id: OrderClaimId,
    /// Whose.
    pub publisher: OrganizationId,
    /// How many leads.
    pub wanted: i64,
    /// How many were sold to it.
    pub delivered: i64,
    /// Until when.
    pub deadline: Timestamp,
    /// Where it stands.
    pub state: OrderClaimState,
}

impl Claim {
    /// Leads that are still awaited.
    pub fn rest(&self) -> i64 {
        if self.state == OrderClaimState::Open { self.wanted - self.delivered } else { 0 }
    }

    /// What it counts for: how many leads came in time, of how many. A claim that is over counts
    /// whole; one that is open, or whose buyer had stopped buying, with what it has brought.
    pub fn counts(&self) -> OnTime {
        let partly = matches!(self.state, OrderClaimState::Open | OrderClaimState::Lapsed);
        let promised = if partly { self.delivered } else { self.wanted };
        OnTime { came: self.delivered, promised }
    }
}

/// How a publisher keeps its promises.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OnTime {
    /// Leads that came in time.
    pub came: i64,
    /// Leads that were promised, as far as that can be judged.
    pub promised: i64,
}

impl OnTime {
    /// The share of promised leads that came in time, rounded down; `None` before the first counts.
    pub fn share(self) -> Option<Bps> {
        let share = || i128::from(self.came) * 10_000 / i128::from(self.promised);
        (self.promised > 0).then(|| Bps(u32::try_from(share()).unwrap_or(0)))
    }
}

impl<'c> FromIterator<&'c Claim> for OnTime {
    fn from_iter<I: IntoIterator<Item = &'c Claim>>(claims: I) -> Self {
        claims.into_iter().map(Claim::counts).fold(Self::default(), |sum, one| Self {
            came: sum.came.saturating_add(one.came),
            promised: sum.promised.saturating_add(one.promised),
        })
    }
}

/// What an order becomes when nothing of it is awaited any more; `None` while something is.
pub fn state_when_done(wanted: i64, delivered: i64, released: i64) -> Option<OrderState> {
    let done = if released == 0 { OrderState::Delivered } else { OrderState::Ended };
    (wanted - delivered - released <= 0).then_some(done)
}

/// An order with its claims.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// How many leads.
    pub wanted: i64,
    /// What each costs.
    pub price: i64,
    /// Until when.
    pub deadline: Timestamp,
    /// Where it stands.
    pub state: OrderState,
    /// Leads whose money went back.
    pub released: i64,
    /// Every claim there ever was.
    pub claims: Vec<Claim>,
}

impl Order {
    /// A new order; [`Order::reserved`] is what has to be reserved for it.
    ///
    /// # Errors
    /// `ORDER_SIZE`, `ORDER_DEADLINE`.
    pub fn place(
        wanted: i64,
        price: i64,
        deadline: Timestamp,
        now: Timestamp,
    ) -> Result<Self, Problem> {
        let sum = wanted.checked_mul(price);
        if !(1..=MOST).contains(&wanted) || price <= 0 || sum.is_none() {
            return Err(Problem::new(ORDER_SIZE).field("wanted"));
        }
        if deadline <= now {
            return Err(Problem::new(ORDER_DEADLINE).field("deadline"));
        }
        let (state, claims) = (OrderState::Open, Vec::new());
        Ok(Self { wanted, price, deadline, state, released: 0, claims })
    }

    /// Whether nothing of it is awaited any more.
    pub fn is_over(&self) -> bool {
        matches!(self.state, OrderState::Delivered | OrderState::Ended)
    }

    /// Leads that were delivered.
    pub fn delivered(&self) -> i64 {
        self.claims.iter().map(|claim| claim.delivered).sum()
    }

    /// Leads that nobody has claimed.
    pub fn unclaimed(&self) -> i64 {
        let awaited: i64 = self.claims.iter().map(Claim::rest).sum();
        self.wanted - self.delivered() - awaited - self.released
    }

    /// The money that conversions took.
    pub fn spent(&self) -> i64 {
        self.delivered() * self.price
    }

    /// The money that is reserved.
    pub fn reserved(&self) -> i64 {
        (self.wanted - self.delivered() - self.released) * self.price
    }

    /// Claims a part. A publisher has one open claim at a time.
    ///
    /// # Errors
    /// `ORDER_CLOSED`, `ORDER_SIZE`, `ORDER_DEADLINE`, `ORDER_CLAIMED`, `ORDER_TAKEN`.
    pub fn claim(
        &mut self,
        id: OrderClaimId,
        publisher: OrganizationId,
        (wanted, deadline): (i64, Timestamp),
        now: Timestamp,
    ) -> Result<(), Problem> {
        if self.state != OrderState::Open || now >= self.deadline {
            return Err(ORDER_CLOSED.into());
        }
        if wanted < 1 {
            return Err(Problem::new(ORDER_SIZE).field("wanted"));
        }
        if deadline <= now || deadline > self.deadline {
            return Err(Problem::new(ORDER_DEADLINE).field("deadline"));
        }
        let own = |claim: &Claim| claim.publisher == publisher && claim.rest() > 0;
        if self.claims.iter().any(own) {
            return Err(ORDER_CLAIMED.into());
        }
        if wanted > self.unclaimed() {
            return Err(Problem::new(ORDER_TAKEN).field("wanted"));
        }
        let state = OrderClaimState::Open;
        self.claims.push(Claim { id, publisher, wanted, delivered: 0, deadline, state });
        Ok(())
    }

    /// A lead was sold to a claim; gives what is taken from the reserved money.
    ///
    /// # Errors
    /// `NOT_FOUND`, `ORDER_CLAIM_CLOSED`.
    pub fn deliver(&mut self, id: OrderClaimId, now: Timestamp) -> Result<i64, Problem> {
        let claim = self.claims.iter_mut().find(|claim| claim.id == id).ok_or(NOT_FOUND)?;
        if claim.rest() == 0 || now >= claim.deadline {
            return Err(ORDER_CLAIM_CLOSED.into());
        }
        claim.delivered += 1;
        if claim.delivered == claim.wanted {
            claim.state = OrderClaimState::Delivered;
        }
        self.settle();
        Ok(self.price)
    }

    /// The buyer wants no more than what is claimed; gives the money that goes back now.
    ///
    /// # Errors
    /// `ORDER_CLOSED`.
    pub fn cancel(&mut self) -> Result<i64, Problem> {
        if self.state != OrderState::Open {
            return Err(ORDER_CLOSED.into());
        }
        self.state = OrderState::Cancelled;
        Ok(self.settle())
    }

    /// The publisher gives its claim up: what it has not brought is open to others. Gives the money
    /// that goes back now.
    ///
    /// # Errors
    /// `NOT_FOUND` for a claim that is not the publisher's, `ORDER_CLAIM_CLOSED`.
    pub fn give_up(
        &mut self,
        id: OrderClaimId,
        publisher: OrganizationId,
        now: Timestamp,
    ) -> Result<i64, Problem> {
        let own = |claim: &&mut Claim| claim.id == id && claim.publisher == publisher;
        let claim = self.claims.iter_mut().find(own).ok_or(NOT_FOUND)?;
        if claim.rest() == 0 || now >= claim.deadline {
            return Err(ORDER_CLAIM_CLOSED.into());
        }
        claim.state = OrderClaimState::GivenUp;
        Ok(self.settle())
    }

    /// Ends what is over at `now`; gives the money that goes back. Doing it twice gives nothing
    /// more. `buys` says whether the buyer takes a claim's leads at this moment; where it does not,
    /// the publisher is not to blame.
    pub fn expire(&mut self, now: Timestamp, buys: impl Fn(&Claim) -> bool) -> i64 {
        for claim in self.claims.iter_mut().filter(|claim| claim.deadline <= now) {
            if claim.rest() > 0 {
                let state =
                    if buys(claim) { OrderClaimState::Expired } else { OrderClaimState::Lapsed };
                claim.state = state;
            }
        }
        if self.state == OrderState::Open && self.deadline <= now {
            self.state = OrderState::Ended;
        }
        self.settle()
    }

    /// Gives back what nobody can bring any more, and finds whether anything is awaited at all.
    fn settle(&mut self) -> i64 {
        let mut back = 0;
        if self.state != OrderState::Open {
            back = self.unclaimed();
            self.released += back;
        }
        let done = state_when_done(self.wanted, self.delivered(), self.released);
        if let Some(done) = done.filter(|_| self.state != OrderState::Ended) {
            self.state = done;
        }
        back * self.price
    }
}
