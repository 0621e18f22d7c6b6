//! Statements and payouts.
