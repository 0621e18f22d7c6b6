//! The committed schema is the one that the program serves.

use std::path::Path;

#[test]
fn schema_graphql_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema.graphql");
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    let printed = leadbourse::edge::graphql::schema::sdl();
    assert!(committed == printed, "schema.graphql is not current: run `make schema`");
}
