//! Settlement: what is paid, what is carried over.
