//! Allocation: which offers buy which leads.
