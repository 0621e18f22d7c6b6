//! The committed schema is the one that the program serves.

use std::path::Path;

#[test]
fn schema_graphql_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema.graphql");
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    let printed = leadbourse::edge::graphql::schema::sdl();
    assert!(committed == printed, "schema.graphql is not current: run `make schema`");
}

/// Mutations that move money or decide about it.
const KEYED: [&str; 11] = [
    "AnswerReturnInput",
    "ApproveStatementInput",
    "CancelStatementInput",
    "DecideDisputeInput",
    "ExportPayoutsInput",
    "OpenReturnInput",
    "PlanSettlementInput",
    "RecordTopUpInput",
    "ReportConversionInput",
    "ResolvePayoutInput",
    "WithdrawReturnInput",
];

/// None of them may be sent without a key: a client that repeats after a time-out would do it
/// twice.
#[test]
fn what_moves_money_takes_an_idempotency_key() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schema.graphql");
    let sdl = std::fs::read_to_string(path).unwrap();
    for input in KEYED {
        let (_, body) = sdl.split_once(&format!("input {input} {{")).unwrap();
        let (body, _) = body.split_once("\n}").unwrap();
        assert!(body.contains("idempotencyKey: String!"), "{input}: {body}");
    }
}
