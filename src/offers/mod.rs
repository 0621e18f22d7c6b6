//! Offers, participations, sources.
