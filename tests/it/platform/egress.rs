//! Outgoing HTTP against a real receiver.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use leadbourse::platform::config::EgressConfig;
use leadbourse::platform::egress::{Egress, EgressError};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

fn egress(allow: &[&str]) -> Egress {
    Egress::new(&EgressConfig {
        allow: allow.iter().map(|net| net.parse().unwrap()).collect(),
        timeout_ms: 700,
        max_response_bytes: 10,
        ..EgressConfig::default()
    })
    .unwrap()
}

/// Answers every request with these bytes; gives the port.
async fn receiver(answer: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut buffer = [0u8; 4096];
                let _ = socket.read(&mut buffer).await;
                let _ = socket.write_all(answer.as_bytes()).await;
                if answer.is_empty() {
                    tokio::time::sleep(std::time::Duration::from_secs(5)).await;
                }
            });
        }
    });
    port
}

async fn post(
    egress: &Egress,
    url: &str,
) -> Result<leadbourse::platform::egress::Response, EgressError> {
    let mut headers = HeaderMap::new();
    headers.insert("x-test", HeaderValue::from_static("1"));
    egress.post(url, headers, Bytes::from_static(b"{}")).await
}

#[tokio::test]
async fn private_addresses_are_refused_unless_listed() {
    let port = receiver("HTTP/1.1 204 No Content\r\n\r\n").await;
    let urls = [
        format!("http://127.0.0.1:{port}/"),
        format!("https://127.0.0.1:{port}/"),
        format!("https://[::1]:{port}/"),
        format!("https://[::ffff:127.0.0.1]:{port}/"),
        "https://169.254.169.254/latest/meta-data".to_owned(),
        "https://0x7f000001/".to_owned(),
        "https://2130706433/".to_owned(),
        "https://10.1.2.3/".to_owned(),
    ];
    for url in &urls {
        assert_eq!(post(&egress(&[]), url).await.unwrap_err(), EgressError::Refused, "{url}");
    }
    // A name that points inside is refused by the resolver.
    let by_name = format!("https://localhost:{port}/");
    assert_eq!(post(&egress(&[]), &by_name).await.unwrap_err(), EgressError::Refused);
    let plain_name = format!("http://localhost:{port}/");
    assert_eq!(
        post(&egress(&["10.0.0.0/8"]), &plain_name).await.unwrap_err(),
        EgressError::Refused
    );
    let open = egress(&["127.0.0.0/8", "::1/128"]);
    assert_eq!(post(&open, &urls[0]).await.unwrap().status, 204);
    assert_eq!(post(&open, &plain_name).await.unwrap().status, 204);
}

#[tokio::test]
async fn only_sane_urls_are_called() {
    let open = egress(&["127.0.0.0/8"]);
    for url in ["ftp://127.0.0.1/", "file:///etc/passwd", "nonsense", "http://u:p@127.0.0.1/"] {
        assert!(matches!(post(&open, url).await, Err(EgressError::BadUrl(_))), "{url}");
    }
    assert!(matches!(egress(&[]).check("http://example.com/"), Err(EgressError::BadUrl(_))));
    assert!(egress(&[]).check("https://example.com/hook?x=1").is_ok());
}

#[tokio::test]
async fn redirects_are_answers_and_bodies_are_capped() {
    let port =
        receiver("HTTP/1.1 302 Found\r\nLocation: http://10.0.0.1/\r\nContent-Length: 0\r\n\r\n")
            .await;
    let open = egress(&["127.0.0.0/8"]);
    let answer = post(&open, &format!("http://127.0.0.1:{port}/")).await.unwrap();
    assert_eq!(answer.status, 302);
    let port =
        receiver("HTTP/1.1 200 OK\r\nContent-Length: 26\r\n\r\nabcdefghijklmnopqrstuvwxyz").await;
    let answer = post(&open, &format!("http://127.0.0.1:{port}/")).await.unwrap();
    assert_eq!(answer.body.as_ref(), b"abcdefghij");
}

#[tokio::test]
async fn silence_is_a_timeout_and_a_closed_port_no_connection() {
    let open = egress(&["127.0.0.0/8"]);
    let port = receiver("").await;
    let silent = post(&open, &format!("http://127.0.0.1:{port}/secret-path")).await.unwrap_err();
    assert_eq!(silent, EgressError::Timeout);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let closed = post(&open, &format!("http://127.0.0.1:{port}/secret-path")).await.unwrap_err();
    assert!(matches!(closed, EgressError::Connect(_)), "{closed:?}");
    assert!(!closed.to_string().contains("secret-path"));
}
