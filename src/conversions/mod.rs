//! Awards and conversions.
