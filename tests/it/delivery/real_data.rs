//! Standard Webhooks vectors from `LB_TEST_SHARED`; run by `make test-data`.

use leadbourse::delivery::sign;
use leadbourse_core::time::Timestamp;
use serde_json::Value;

#[test]
#[ignore = "needs LB_TEST_SHARED; make test-data runs it"]
fn signatures_agree_with_the_published_vectors() {
    let shared = std::env::var("LB_TEST_SHARED").expect("LB_TEST_SHARED names the folder");
    let path = std::path::Path::new(&shared).join("vectors/webhook_signatures.jsonl");
    let text = std::fs::read_to_string(path).unwrap();
    let mut seen = 0;
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let vector: Value = serde_json::from_str(line).unwrap();
        let word = |name: &str| vector[name].as_str().unwrap().to_owned();
        let at = Timestamp::from_micros(vector["timestamp"].as_i64().unwrap() * 1_000_000);
        let made = sign(&word("secret"), &word("msg_id"), at, &word("body")).unwrap();
        assert_eq!(made, word("signature"), "vector {}", vector["id"]);
        seen += 1;
    }
    assert!(seen >= 5, "only {seen} vectors");
}
