//! The `leadbourse` program.

fn main() {}
