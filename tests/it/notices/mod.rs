//! Publishers' postbacks, from outside: what happens is told to a real receiver.

mod failing;
mod log;
mod settings;
mod stage;
mod telling;
