//! Settle, approve, download: a statement's three forms over HTTP.

use leadbourse::demo::client::{Client, text};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::stage::Stage;
use crate::each_engine;

/// Status, one header, and the body.
async fn got(client: &Client, path: &str, header: &str) -> (u16, String, Vec<u8>) {
    let answer = client.get(path).await.unwrap();
    let status = answer.status().as_u16();
    let value = answer.headers().get(header).map(|v| v.to_str().unwrap().to_owned());
    (status, value.unwrap_or_default(), answer.bytes().await.unwrap().to_vec())
}

async fn document(client: &Client) -> Value {
    let query = "{ statements(first: 5) { nodes { id number state document { number kind isVoid \
         language lineCount total { minor } jsonSha256 csvSha256 pdfUrl csvUrl jsonUrl } } } }";
    client.query(query, json!({})).await.unwrap()["statements"]["nodes"][0].clone()
}

each_engine! {
    async fn a_publisher_downloads_the_statement_in_three_forms(app: TestApp) {
        let stage = Stage::open(app, |market| {
            json!([{"kind": "LEAD", "price": market.money(500_010)}])
        }).await;
        let mut leads = Vec::new();
        for n in 1..=3 {
            leads.push(stage.sell(n).await.lead);
        }
        let publisher = &stage.publisher.client;
        let input = json!({"language": "ru", "legalName": "ООО «Лиды»", "taxNumber": "7701234567",
            "address": "Москва, Тверская 1"});
        let selection = "profile { language languageChosen legalName taxRateBps }";
        let kept = publisher.mutate("setBillingProfile", input, selection).await.unwrap();
        assert_eq!(kept["profile"], json!({"language": "ru", "languageChosen": true,
            "legalName": "ООО «Лиды»", "taxRateBps": 0}));
        assert_eq!(stage.settle().await, (3, 1_275_024));

        let statement = document(publisher).await;
        let paper = &statement["document"];
        assert_eq!((&paper["number"], &paper["kind"]), (&statement["number"], &json!("STATEMENT")));
        assert_eq!((&paper["isVoid"], &paper["lineCount"]), (&json!(false), &json!(3)));
        let id = text(&statement["id"]);
        assert_eq!(paper["pdfUrl"], format!("/v1/statements/{id}.pdf"));
        let (status, kind, pdf) = got(publisher, &text(&paper["pdfUrl"]), "content-type").await;
        assert_eq!((status, kind.as_str(), &pdf[..5]), (200, "application/pdf", &b"%PDF-"[..]));
        let (status, named, json) = got(publisher, &text(&paper["jsonUrl"]), "content-disposition").await;
        assert_eq!((status, named.as_str()), (200, "attachment; filename=\"statement-2026-0001.json\""));
        assert_eq!(hex::encode(Sha256::digest(&json)), text(&paper["jsonSha256"]));
        let (status, state, csv) = got(publisher, &text(&paper["csvUrl"]), "x-document-state").await;
        assert_eq!((status, state.as_str()), (200, "ISSUED"));
        assert_eq!(hex::encode(Sha256::digest(&csv)), text(&paper["csvSha256"]));
        let csv = String::from_utf8(csv).unwrap();
        assert!(leads.iter().all(|lead| csv.contains(lead.as_str())), "every line names its lead");
        for word in ["Person", "+7916", "mail.example.com"] {
            assert!(!csv.contains(word) && !String::from_utf8_lossy(&json).contains(word));
        }
        // The price is not the publisher's business.
        assert!(!csv.contains("5000.10") && csv.contains("4250.08"));

        // Operators see it as well; nobody else does, and a key does what its scopes say.
        let path = text(&paper["jsonUrl"]);
        assert_eq!(got(&stage.market.operator, &path, "repr-digest").await.2, json);
        let other = stage.market.publisher("Petra Publisher").await;
        assert_eq!(got(&other.client, &path, "content-type").await.0, 404);
        assert_eq!(got(&stage.buyer.client, &path, "content-type").await.0, 404);
        assert_eq!(got(&stage.app.visitor(), &path, "content-type").await.0, 401);
        assert_eq!(got(publisher, &format!("/v1/statements/{id}.exe"), "content-type").await.0, 404);
        for (scopes, wanted) in [(json!(["READ_MONEY"]), 200), (json!(["READ_LEADS"]), 404)] {
            let input = json!({"name": "books", "role": "ANALYST", "scopes": scopes});
            let made = publisher.mutate("createApiKey", input, "secret").await.unwrap();
            let request = stage.http.get(format!("{}{path}", stage.app.url()));
            let answer = request.bearer_auth(text(&made["secret"])).send().await.unwrap();
            assert_eq!(answer.status().as_u16(), wanted);
        }
        stage.app.finish().await;
    }
}
