//! Live buyers, through HTTP on both sides: publishers send leads, stub servers of buyers answer.

mod auction;
mod buyers;
mod contract;
mod paused;
mod restart;
mod silence;
mod stage;
