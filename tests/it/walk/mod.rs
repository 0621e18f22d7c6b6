//! Random walks over the operations that move money: top-ups, credit, conversions of currency,
//! leads, pings and posts, sales and their refunds, returns, claims, orders, settlements, payouts,
//! and time. After every step the eight laws of [`laws`] hold, and at the end of a walk everything
//! that was begun is brought to its end. A walk is named by its number, so a failure can be walked
//! again: `LB_WALK=7` walks that one alone.

mod laws;
mod moves;
mod world;

use crate::each_engine;

/// How many steps a walk has.
const STEPS: u32 = 150;

fn numbers() -> Vec<u64> {
    match std::env::var("LB_WALK") {
        Ok(one) => vec![one.parse().expect("LB_WALK is the number of a walk")],
        Err(_) => vec![1, 2],
    }
}

each_engine! {
    async fn whatever_is_done_the_books_keep_their_laws(kind: Kind) {
        for number in numbers() {
            let Some(mut world) = world::World::open(kind, number).await else { return };
            for step in 0..STEPS {
                world.step(step).await;
            }
            world.end().await;
        }
    }
}
