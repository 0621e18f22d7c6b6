//! The audit suite of the npm package `graphql-http`, all 61 checks, against the real transport.

use std::path::Path;
use tokio::process::Command;

use super::toy;

#[tokio::test]
async fn all_61_checks_of_the_graphql_over_http_audit_pass() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/graphql-http-audit");
    let installed = folder.join("node_modules/graphql-http").is_dir();
    assert!(installed, "run `npm ci` in tests/graphql-http-audit (scripts/prepare test does it)");
    let toy = toy::serve().await;
    let output = Command::new("node")
        .arg("audit.mjs")
        .arg(toy.url())
        .current_dir(folder)
        .output()
        .await
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let failed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{failed}");
    assert!(said.contains("61 of 61 checks pass"), "{said}");
}
