//! Disputes: a state machine with deadlines and defaults.
