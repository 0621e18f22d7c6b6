//! Hints over a real Redis, and without it.

use crate::harness::OwnRedis;
use bytes::Bytes;
use futures::StreamExt as _;
use leadbourse::platform::bell::Bell;
use leadbourse::platform::config::RedisConfig;
use leadbourse::platform::hints::{self, Hints};
use leadbourse::platform::shutdown::Shutdown;
use std::sync::Arc;
use std::time::Duration;

async fn connected(hints: &Arc<dyn Hints>, wanted: bool) {
    for _ in 0..500 {
        if hints.connected() == wanted {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("Redis connected: {wanted} did not come");
}

async fn hears(stream: &mut futures::stream::BoxStream<'static, Bytes>) -> Option<Bytes> {
    tokio::time::timeout(Duration::from_millis(500), stream.next()).await.ok().flatten()
}

#[tokio::test]
async fn two_instances_hear_each_other_until_redis_dies() {
    let mut redis = OwnRedis::start();
    let shutdown = Shutdown::new();
    let config = RedisConfig { url: Some(redis.url()) };
    let a = hints::open(&config, &shutdown).unwrap();
    let b = hints::open(&config, &shutdown).unwrap();
    connected(&a, true).await;
    connected(&b, true).await;
    let (mut at_a, mut at_b) = (a.subscribe("awards"), b.subscribe("awards"));
    a.publish("awards", Bytes::from_static(b"one")).await;
    assert_eq!(hears(&mut at_b).await.unwrap(), "one");
    assert_eq!(hears(&mut at_a).await.unwrap(), "one");
    assert_eq!(hears(&mut at_a).await, None, "its own message comes once");
    assert!(a.rate_limit("k", 2, 60).await && b.rate_limit("k", 2, 60).await);
    assert!(!a.rate_limit("k", 2, 60).await, "the count is shared");

    redis.kill();
    connected(&a, false).await;
    a.publish("awards", Bytes::from_static(b"two")).await;
    assert_eq!(hears(&mut at_a).await.unwrap(), "two", "hints stay local");
    assert_eq!(hears(&mut at_b).await, None);
    assert!(a.rate_limit("k", 1, 60).await);
    assert!(!a.rate_limit("k", 1, 60).await, "limits stay, per instance");
    assert!(shutdown.finish(Duration::from_secs(2)).await);
}

#[tokio::test]
async fn a_bell_that_rings_on_one_instance_wakes_the_other() {
    let redis = OwnRedis::start();
    let shutdown = Shutdown::new();
    let config = RedisConfig { url: Some(redis.url()) };
    let a = hints::open(&config, &shutdown).unwrap();
    let b = hints::open(&config, &shutdown).unwrap();
    connected(&a, true).await;
    connected(&b, true).await;
    let (near, far, other) = (Bell::default(), Bell::default(), Bell::default());
    for (name, bell, hints) in [("jobs", &near, &a), ("jobs", &far, &b), ("outbox", &other, &b)] {
        let carrying = bell.clone().carry(name, Arc::clone(hints), shutdown.clone());
        drop(shutdown.spawn("bell", carrying));
    }
    let heard = async |bell: &Bell| {
        tokio::time::timeout(Duration::from_millis(700), bell.rung()).await.is_ok()
    };
    // The carriers subscribe in their first moment.
    tokio::time::sleep(Duration::from_millis(100)).await;
    near.ring();
    assert!(heard(&far).await && heard(&near).await);
    assert!(!heard(&near).await, "a ring does not come back");
    assert!(!heard(&other).await, "another bell stays silent");
    far.ring_here();
    assert!(heard(&far).await && !heard(&near).await, "a ring for this instance stays here");
    assert!(shutdown.finish(Duration::from_secs(2)).await);
}

#[tokio::test]
async fn a_redis_that_is_away_at_the_start_does_not_hold_us_up() {
    let shutdown = Shutdown::new();
    let config = RedisConfig { url: Some("redis://127.0.0.1:1/".to_owned()) };
    let hints = hints::open(&config, &shutdown).unwrap();
    assert!(!hints.connected());
    let mut stream = hints.subscribe("x");
    hints.publish("x", Bytes::from_static(b"1")).await;
    assert_eq!(hears(&mut stream).await.unwrap(), "1");
    assert!(hints::open(&RedisConfig { url: Some("nonsense".to_owned()) }, &shutdown).is_err());
}
