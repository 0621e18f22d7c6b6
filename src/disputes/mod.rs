//! Returns and their arbitration.
