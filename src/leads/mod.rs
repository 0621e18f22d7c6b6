//! Leads, their contact data and their event chains.
