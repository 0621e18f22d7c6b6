//! Delivery of awards to buyers.
