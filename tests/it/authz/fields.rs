//! How each field is asked. Mutations are asked for something that an allowed role is refused for
//! another reason, or that can be done again, so that the rows do not hang on their order.

use serde_json::{Value, json};

use super::cast::Things;

/// One call.
pub struct Field {
    pub name: &'static str,
    pub kind: Kind,
    pub document: String,
    pub variables: Value,
}

/// The root that a field is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Query,
    Mutation,
    Subscription,
}

fn query(name: &'static str, document: &str, variables: Value) -> Field {
    Field { name, kind: Kind::Query, document: document.to_owned(), variables }
}

/// Mutations that move money or decide about it: none goes without the sender's key.
const KEYED: &[&str] = &[
    "answerClaim",
    "claimConversion",
    "closeLedgerPeriod",
    "convertMoney",
    "withdrawClaim",
    "answerReturn",
    "approveStatement",
    "cancelOrder",
    "cancelStatement",
    "claimOrder",
    "decideDispute",
    "exportPayouts",
    "holdPayout",
    "openReturn",
    "placeOrder",
    "planSettlement",
    "recordTopUp",
    "chargeSavedCard",
    "createCheckout",
    "refundCredit",
    "refundSale",
    "releaseClaim",
    "resolveHeldTopUp",
    "setAutoRecharge",
    "writeOffChargeback",
    "repayStatement",
    "reportConversion",
    "issueInvoice",
    "resolvePayout",
    "setCreditLimit",
    "voidInvoice",
    "voidStatement",
    "withdrawReturn",
];

fn mutation(name: &'static str, mut input: Value) -> Field {
    if KEYED.contains(&name) {
        input["idempotencyKey"] = json!(format!("matrix/{name}"));
    }
    let mut letters = name.chars();
    let first = letters.next().unwrap().to_ascii_uppercase();
    let kind = format!("{first}{}Input", letters.as_str());
    // What each of several things came to is part of the answer.
    let more = match name {
        "submitLeads" => "results { userErrors { code } }",
        "importConversions" => "results { error { code } }",
        _ => "",
    };
    let document = format!(
        "mutation($input: {kind}!) {{ {name}(input: $input) {{ {more} userErrors {{ code }} }} }}"
    );
    Field { name, kind: Kind::Mutation, document, variables: json!({"input": input}) }
}

/// Every field, queries first.
pub fn table(things: &Things) -> Vec<Field> {
    let mut all = queries(things);
    all.extend(more_queries(things));
    all.push(Field {
        name: "leadAwarded",
        kind: Kind::Subscription,
        document: "subscription { leadAwarded { id } }".to_owned(),
        variables: json!({}),
    });
    all.extend(market(things));
    all.extend(settings(things));
    all.extend(money(things));
    all.extend(more_money(things));
    all.extend(orders(things));
    all.extend(cards(things));
    all.extend(notices(things));
    all.extend(documents(things));
    all
}

fn documents(things: &Things) -> Vec<Field> {
    vec![
        query("billingProfile", "{billingProfile{language}}", json!({})),
        query("document", "query($id:ID!){document(id:$id){id}}", json!({"id": things["invoice"]})),
        query("documents", "{documents(kind: INVOICE){nodes{id}}}", json!({})),
    ]
}

fn queries(things: &Things) -> Vec<Field> {
    let id = |name: &str| json!({"id": things[name]});
    let none = || json!({});
    vec![
        query("apiKeys", "{apiKeys{id}}", none()),
        query("auditLog", "{auditLog{nodes{id}}}", none()),
        query("award", "query($id:ID!){award(id:$id){id fields}}", id("award")),
        query("awards", "{awards{nodes{id}}}", none()),
        query("autoRecharges", "{autoRecharges{currency}}", none()),
        query("bankAnswer", "query($id:ID!){bankAnswer(id:$id){id}}", id("bankAnswer")),
        query("bankAnswers", "{bankAnswers{id}}", none()),
        query("call", "query($id:ID!){call(id:$id){id caller}}", id("call")),
        query("cardPayments", "{cardPayments}", none()),
        query("cardTopUp", "query($id:ID!){cardTopUp(id:$id){id}}", id("card-top-up")),
        query("cardTopUps", "{cardTopUps{nodes{id}}}", none()),
        query("chargebacks", "{chargebacks{nodes{id}}}", none()),
        query("creditRefunds", "{creditRefunds{nodes{id}}}", none()),
        query("providerEvents", "{providerEvents{nodes{id}}}", none()),
        query("savedCards", "{savedCards{id}}", none()),
        query("calls", "{calls{nodes{id}}}", none()),
        query("catalogue", "{catalogue{nodes{id}}}", none()),
        query("catalogueOffer", "query($id:ID!){catalogueOffer(id:$id){id}}", id("offer")),
        query(
            "clickStats",
            "{clickStats(from:\"2020-01-01T00:00:00Z\",to:\"2100-01-01T00:00:00Z\"){clicks}}",
            none(),
        ),
        query("clicks", "{clicks{nodes{id}}}", none()),
        query("conversion", "query($id:ID!){conversion(id:$id){id}}", id("conversion")),
        query("conversions", "{conversions{nodes{id}}}", none()),
        query("dashboard", "{dashboard{leadsToday}}", none()),
        query("deliveries", "{deliveries{nodes{id}}}", none()),
        query("dispute", "query($id:ID!){dispute(id:$id){id}}", id("dispute")),
        query("disputes", "{disputes{nodes{id}}}", none()),
        query("earnings", "{earnings{currency}}", none()),
        query("endpoints", "{endpoints{id}}", none()),
        query("lead", "query($id:ID!){lead(id:$id){id fields events{seq}}}", id("lead")),
        query("leads", "{leads{nodes{id}}}", none()),
        query("ledgerAccount", "query($id:ID!){ledgerAccount(id:$id){id}}", id("account")),
        query("ledgerAccounts", "{ledgerAccounts{nodes{id}}}", none()),
        query("ledgerSummary", "{ledgerSummary{currency}}", none()),
        query(
            "ledgerTransaction",
            "query($id:ID!){ledgerTransaction(id:$id){id}}",
            id("transaction"),
        ),
    ]
}

fn more_queries(things: &Things) -> Vec<Field> {
    let id = |name: &str| json!({"id": things[name]});
    let none = || json!({});
    vec![
        query("liveAwards", "{liveAwards{nodes{id}}}", none()),
        query("liveConnection", "query($id:ID!){liveConnection(offerId:$id){askUrl}}", id("offer")),
        query("niche", "query($id:ID!){niche(id:$id){id}}", id("niche")),
        query("nichePacks", "{nichePacks}", none()),
        query("niches", "{niches{id}}", none()),
        query("node", "query($id:ID!){node(id:$id){id}}", id("award")),
        query("offer", "query($id:ID!){offer(id:$id){id}}", id("offer")),
        query(
            "offerEstimate",
            "query($input:OfferEstimateInput!){offerEstimate(input:$input){since}}",
            json!({"input": {"nicheId": things["niche"], "terms": plain_terms()}}),
        ),
        query("offers", "{offers{nodes{id}}}", none()),
        query("offersInReview", "{offersInReview{nodes{id}}}", none()),
        query("organization", "query($id:ID!){organization(id:$id){id}}", id("buyer")),
        query("organizations", "{organizations(kind:BUYER){nodes{id}}}", none()),
        query("participations", "{participations{nodes{id}}}", none()),
        query("payoutProfiles", "{payoutProfiles{currency}}", none()),
        query(
            "payoutProof",
            "query($id:ID!){payoutProof(payoutId:$id){contentBase64}}",
            id("payout"),
        ),
        query("payouts", "{payouts{nodes{id}}}", none()),
        query("postbackTokens", "{postbackTokens{id}}", none()),
        query("postbacks", "{postbacks{nodes{id}}}", none()),
        query("reconciliation", "query($id:ID!){reconciliation(id:$id){id}}", id("reconciliation")),
        query("reconciliations", "{reconciliations{id}}", none()),
        query("ping", "query($id:ID!){ping(id:$id){id fields bids{price{minor}}}}", id("ping")),
        query("pingRatios", "{pingRatios{pings}}", none()),
        query("pings", "{pings{nodes{id}}}", none()),
        query("settlementRuns", "{settlementRuns{nodes{id}}}", none()),
        query("source", "query($id:ID!){source(id:$id){id}}", id("source")),
        query("sources", "{sources{nodes{id}}}", none()),
        query("statement", "query($id:ID!){statement(id:$id){id}}", id("statement")),
        query("statements", "{statements{nodes{id}}}", none()),
        query("testLeads", "{testLeads{nodes{id}}}", none()),
        query("topUps", "{topUps{nodes{id}}}", none()),
        query("creditChanges", "{creditChanges{nodes{id}}}", none()),
        query("fxConversions", "{fxConversions{nodes{id}}}", none()),
        query("ledgerCloses", "{ledgerCloses{id}}", none()),
        query("viewer", "{viewer{permissions}}", none()),
        query("wallets", "{wallets{currency}}", none()),
    ]
}

/// Terms that read, and that no niche takes.
fn plain_terms() -> Value {
    json!({
        "goals": [], "publisherCaps": [{"period": "DAY", "count": 1}],
        "caps": [],
        "schedule": {"timeZone": "UTC", "windows": [], "holidays": []},
        "conditions": [], "minScore": 0, "maxSales": 1, "dedupeWindowS": 0, "returnWindowS": 0,
        "holdS": 0, "lockS": 0, "maxReturnShareBps": 0, "visibility": "PUBLIC", "priority": 0,
        "description": "",
    })
}

fn market(things: &Things) -> Vec<Field> {
    let thing = |name: &str| things[name].clone();
    let document = |name: &str| -> Value { serde_json::from_str(&things[name]).unwrap() };
    let terms = plain_terms();
    vec![
        mutation("addMember", json!({"email": "no address", "name": "x", "role": "ANALYST"})),
        mutation("applyToOffer", json!({"offerId": thing("closed")})),
        mutation("closeOffer", json!({"offerId": thing("closed")})),
        mutation("createApiKey", json!({"name": "k", "role": "ANALYST", "scopes": []})),
        mutation("createEndpoint", json!({"url": "no address"})),
        mutation("createOffer", json!({"nicheId": thing("niche"), "name": "x", "terms": terms})),
        mutation(
            "createSource",
            json!({
                "nicheId": thing("niche"), "name": "", "kind": "API", "traffic": "t", "maxSales": 1,
            }),
        ),
        mutation("decideOrganization", json!({"id": thing("buyer"), "state": "PENDING"})),
        mutation("decideParticipation", json!({"id": thing("participation"), "state": "APPROVED"})),
        mutation("decideQuarantine", json!({"leadId": thing("lead"), "release": true})),
        mutation("decideSource", json!({"id": thing("source"), "approve": true})),
        mutation("deleteEndpoint", json!({"id": thing("endpoint")})),
        mutation("installNichePack", json!({"slug": "no such pack"})),
        mutation(
            "inviteToOffer",
            json!({"offerId": thing("offer"), "publisherId": thing("publisher")}),
        ),
        mutation("openAward", json!({"awardId": thing("award")})),
        mutation("createPostbackToken", json!({"name": ""})),
        mutation("pauseOffer", json!({"offerId": thing("offer")})),
        mutation(
            "publishNicheVersion",
            json!({
                "nicheId": thing("niche"), "schema": document("schema"),
                "policy": document("policy"),
            }),
        ),
        mutation("removeMember", json!({"membershipId": thing("membership")})),
        mutation("replayDelivery", json!({"id": thing("delivery")})),
        mutation(
            "reportCall",
            json!({
                "sourceId": thing("source"), "event": "ENDED", "externalId": "matrix",
                "at": "2000-01-01T00:00:00Z", "connectedSeconds": 1,
            }),
        ),
        mutation("resumeOffer", json!({"offerId": thing("offer")})),
        mutation("revealLead", json!({"leadId": thing("lead"), "reason": ""})),
        mutation("reviewOffer", json!({"versionId": thing("version"), "approve": true})),
        mutation("reviseOffer", json!({"offerId": thing("offer"), "name": "x", "terms": terms})),
        mutation("rotatePostbackToken", json!({"id": thing("postback")})),
        mutation("revokePostbackToken", json!({"id": thing("postback")})),
        mutation("revokeApiKey", json!({"id": thing("key")})),
        mutation("rotateApiKey", json!({"id": thing("key")})),
        mutation("rotatePostingKey", json!({"id": thing("source")})),
    ]
}

/// What is set, tried and sent.
fn settings(things: &Things) -> Vec<Field> {
    let thing = |name: &str| things[name].clone();
    let lead = json!({"sourceId": thing("source"), "fields": {}});
    vec![
        mutation("setOfferConnection", json!({"offerId": thing("offer"), "connectTo": "nowhere"})),
        mutation(
            "setLiveConnection",
            json!({
                "offerId": thing("offer"), "askUrl": "nowhere", "postUrl": "nowhere",
                "onSilence": "SOLD",
            }),
        ),
        mutation("setDisposition", json!({"awardId": thing("award"), "value": "CONTACTED"})),
        mutation("setEndpointPaused", json!({"id": thing("endpoint"), "paused": true})),
        mutation("setLocale", json!({"locale": "en"})),
        mutation("setMemberRole", json!({"membershipId": thing("membership"), "role": "OWNER"})),
        mutation("setSourceForm", json!({"sourceId": thing("source")})),
        mutation("setSourcePaused", json!({"id": thing("source"), "paused": false})),
        mutation("setSourceLink", json!({"sourceId": thing("source"), "url": "nowhere"})),
        mutation("simulateLead", json!({"sourceId": thing("source"), "fields": {}})),
        mutation("submitLead", lead.clone()),
        mutation("submitLeads", json!({"leads": [lead]})),
        mutation("submitOffer", json!({"offerId": thing("offer")})),
        mutation("submitPing", json!({"sourceId": thing("source"), "fields": {}})),
        mutation("testLiveConnection", json!({"offerId": thing("offer")})),
        mutation("updateOrganization", json!({})),
        mutation("updateSource", json!({"id": thing("source"), "name": "Site", "maxSales": 1})),
    ]
}

fn money(things: &Things) -> Vec<Field> {
    let thing = |name: &str| things[name].clone();
    vec![
        mutation("answerReturn", json!({"disputeId": thing("dispute"), "accept": false})),
        mutation("approveStatement", json!({"id": thing("statement")})),
        mutation("cancelStatement", json!({"id": thing("statement")})),
        mutation(
            "issueInvoice",
            json!({"buyerId": thing("buyer"), "currency": thing("currency"),
            "month": "2001-01"}),
        ),
        mutation("voidInvoice", json!({"id": thing("invoice")})),
        mutation("voidStatement", json!({"id": thing("statement")})),
        mutation("answerClaim", json!({"disputeId": thing("claim"), "accept": false})),
        mutation(
            "claimConversion",
            json!({
                "awardId": thing("award"), "goal": "SALE", "comment": "sold",
                "occurredAt": "2026-01-01T00:00:00Z",
            }),
        ),
        mutation("withdrawClaim", json!({"disputeId": thing("claim")})),
        mutation("checkReconciliation", json!({"csv": "nothing"})),
        mutation("checkBankAnswer", json!({"content": "nothing"})),
        mutation("applyBankAnswer", json!({"id": thing("bankAnswer")})),
        mutation("applyReconciliation", json!({"id": thing("reconciliation")})),
        mutation("commentDispute", json!({"disputeId": thing("dispute"), "comment": "x"})),
        mutation("decideDispute", json!({"disputeId": thing("dispute"), "outcome": "REFUSED"})),
        mutation("exportPayouts", json!({"runId": thing("run")})),
        mutation("holdPayout", json!({"payoutId": thing("payout")})),
        mutation(
            "importConversions",
            json!({"csv": format!("award_id,disposition\n{},CONTACTED\n", thing("award"))}),
        ),
        mutation("openReturn", json!({"conversionId": thing("conversion"), "reasonCode": "NONE"})),
        mutation("planSettlement", json!({"periodTo": "2100-01-01T00:00:00Z"})),
    ]
}

fn more_money(things: &Things) -> Vec<Field> {
    let thing = |name: &str| things[name].clone();
    vec![
        mutation("printPayouts", json!({"runId": thing("run")})),
        mutation(
            "recordTopUp",
            json!({
                "buyerId": thing("publisher"), "rail": "BANK", "reference": "r",
                "amount": {"minor": "1", "currency": thing("currency")},
            }),
        ),
        mutation("closeLedgerPeriod", json!({"until": "2100-01-01T00:00:00Z"})),
        mutation(
            "convertMoney",
            json!({
                "buyerId": thing("publisher"), "to": "XXX", "rate": "1",
                "amount": {"minor": "1", "currency": thing("currency")},
            }),
        ),
        mutation(
            "setCreditLimit",
            json!({
                "buyerId": thing("publisher"), "note": "x",
                "limit": {"minor": "1", "currency": thing("currency")},
            }),
        ),
        mutation("refundSale", json!({"conversionId": thing("conversion")})),
        mutation("repayStatement", json!({"id": thing("statement")})),
        mutation(
            "reportConversion",
            json!({
                "awardId": thing("award"), "goal": "SALE", "externalId": "s-1",
            }),
        ),
        mutation(
            "resolvePayout",
            json!({
                "payoutId": thing("payout"), "confirmed": true, "reference": "arrived",
            }),
        ),
        mutation("setBillingProfile", json!({"language": "en"})),
        mutation("setPayoutProfile", json!({"currency": thing("currency"), "rail": "MANUAL"})),
        mutation("withdrawReturn", json!({"disputeId": thing("dispute")})),
    ]
}

/// Orders: the sizes are none, so that who may do it is refused for that.
fn orders(things: &Things) -> Vec<Field> {
    let thing = |name: &str| things[name].clone();
    let id = |name: &str| json!({"id": things[name]});
    vec![
        query(
            "onTimeShare",
            "query($id:ID!){onTimeShare(publisherId:$id){claims}}",
            id("publisher"),
        ),
        query("order", "query($id:ID!){order(id:$id){id price{minor} claims{id}}}", id("order")),
        query("orders", "{orders{nodes{id}}}", json!({})),
        mutation(
            "placeOrder",
            json!({"offerId": thing("ordered"), "wanted": 0, "deadline": "2100-01-01T00:00:00Z"}),
        ),
        mutation("claimOrder", json!({"orderId": thing("order"), "wanted": 0})),
        mutation("cancelOrder", json!({"orderId": thing("order")})),
        mutation("releaseClaim", json!({"claimId": thing("orderClaim")})),
    ]
}

/// What publishers are told; what deletes comes last.
fn notices(things: &Things) -> Vec<Field> {
    let thing = |name: &str| things[name].clone();
    let none = || json!({});
    vec![
        query("notices", "{notices{nodes{id}}}", none()),
        query("postbackMacros", "{postbackMacros{name}}", none()),
        query("publisherPostbacks", "{publisherPostbacks{id}}", none()),
        mutation(
            "createPublisherPostback",
            json!({"name": "", "url": "nowhere", "events": ["SOLD"]}),
        ),
        mutation(
            "updatePublisherPostback",
            json!({
                "id": thing("publisherPostback"), "name": "tracker",
                "url": "https://tracker.example.com/", "events": ["SOLD"],
            }),
        ),
        mutation(
            "setPublisherPostbackPaused",
            json!({"id": thing("publisherPostback"), "paused": true}),
        ),
        mutation("testPostback", json!({"id": thing("publisherPostback")})),
        mutation("replayNotice", json!({"id": thing("notice")})),
        mutation("deletePublisherPostback", json!({"id": thing("publisherPostback")})),
    ]
}

/// Top-ups by card. Nobody answers where their provider should be; what needs its answers is asked
/// for things that are not there.
fn cards(things: &Things) -> Vec<Field> {
    let top_up = things["card-top-up"].clone();
    let sum = |minor: &str| json!({"minor": minor, "currency": things["currency"]});
    let card = "crd_00000000000000000000000000";
    vec![
        mutation("createCheckout", json!({"amount": sum("1")})),
        mutation("chargeSavedCard", json!({"amount": sum("100000"), "cardId": card})),
        mutation("removeSavedCard", json!({"cardId": card})),
        mutation(
            "setAutoRecharge",
            json!({
                "enabled": true, "threshold": sum("1"), "amount": sum("100000"),
                "monthlyMax": sum("100000"), "cardId": card,
            }),
        ),
        mutation("refundCredit", json!({"cardTopUpId": top_up})),
        mutation("resolveHeldTopUp", json!({"cardTopUpId": top_up, "credit": false})),
        mutation("dismissProviderEvent", json!({"id": "pev_00000000000000000000000000"})),
        mutation("writeOffChargeback", json!({"id": "cbk_00000000000000000000000000"})),
        mutation("noteChargeback", json!({"id": "cbk_00000000000000000000000000", "note": "sent"})),
    ]
}
