//! Who may call which endpoint now: so many at once, and nobody while it only fails.

use leadbourse_core::ids::OfferId;
use leadbourse_core::live::breaker::{Admission, Breaker, Rules};
use leadbourse_core::time::Timestamp;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The gates of all endpoints, in this process.
#[derive(Debug)]
pub(super) struct Gates {
    rules: Rules,
    by_offer: Mutex<HashMap<OfferId, Gate>>,
}

#[derive(Debug)]
struct Gate {
    breaker: Breaker,
    places: Arc<Semaphore>,
    size: u32,
}

/// Why nobody is let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shut {
    /// It keeps failing.
    Broken,
    /// All places are taken.
    Full,
}

impl Gates {
    pub(super) fn new(rules: Rules) -> Self {
        Self { rules, by_offer: Mutex::default() }
    }

    fn open(&self) -> MutexGuard<'_, HashMap<OfferId, Gate>> {
        self.by_offer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The places of an endpoint. A connection that changed its number gets new ones: calls in
    /// flight go on in the old.
    fn with<T>(&self, offer: OfferId, size: u32, act: impl FnOnce(&mut Gate) -> T) -> T {
        let mut gates = self.open();
        let places = || Arc::new(Semaphore::new(usize::try_from(size).unwrap_or(1)));
        let gate = gates.entry(offer).or_insert_with(|| Gate {
            breaker: Breaker::default(),
            places: places(),
            size,
        });
        if gate.size != size {
            (gate.places, gate.size) = (places(), size);
        }
        act(gate)
    }

    /// A place for one ask, without waiting.
    pub(super) fn enter(
        &self,
        offer: OfferId,
        size: u32,
        now: Timestamp,
    ) -> Result<OwnedSemaphorePermit, Shut> {
        self.with(offer, size, |gate| {
            let admission = gate.breaker.admit(&self.rules, now);
            if admission == Admission::Refused {
                return Err(Shut::Broken);
            }
            Arc::clone(&gate.places).try_acquire_owned().map_err(|_| {
                gate.breaker.give_back(now);
                Shut::Full
            })
        })
    }

    /// The places, for who waits for one.
    pub(super) fn places(&self, offer: OfferId, size: u32) -> Arc<Semaphore> {
        self.with(offer, size, |gate| Arc::clone(&gate.places))
    }

    /// A call ended.
    pub(super) fn report(&self, offer: OfferId, worked: bool, now: Timestamp) {
        if let Some(gate) = self.open().get_mut(&offer) {
            gate.breaker.report(&self.rules, worked, now);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use leadbourse_core::time::SECOND;
    use uuid::Uuid;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * SECOND)
    }

    #[test]
    fn a_full_endpoint_is_not_asked_and_its_probe_is_not_lost() {
        let gates = Gates::new(Rules { failures: 1, pause: 10 * SECOND });
        let offer = OfferId(Uuid::from_u128(1));
        let held = gates.enter(offer, 1, at(0)).unwrap();
        assert_eq!(gates.enter(offer, 1, at(0)).unwrap_err(), Shut::Full);
        gates.report(offer, false, at(0));
        assert_eq!(gates.enter(offer, 1, at(5)).unwrap_err(), Shut::Broken);
        // The pause is over, but the place is taken: whoever comes next may still try.
        assert_eq!(gates.enter(offer, 1, at(10)).unwrap_err(), Shut::Full);
        drop(held);
        let probe = gates.enter(offer, 1, at(10)).unwrap();
        assert_eq!(gates.enter(offer, 1, at(10)).unwrap_err(), Shut::Broken);
        gates.report(offer, true, at(11));
        drop(probe);
        assert!(gates.enter(offer, 1, at(11)).is_ok());
        let other = OfferId(Uuid::from_u128(2));
        assert!(gates.enter(other, 1, at(5)).is_ok(), "each endpoint has its own gate");
    }
}
