//! Programs that post one lead, ready to paste. They print the answer.

use serde::Serialize;
use serde_json::Value;
use std::fmt::Write as _;

/// What stands where the posting key belongs.
pub const KEY: &str = "YOUR_POSTING_KEY";

/// A program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sample {
    /// `curl`, `javascript`, `python` or `php`.
    pub language: &'static str,
    /// Its name.
    pub title: &'static str,
    /// The text.
    pub code: String,
}

/// Samples that post `body` to `url`.
pub fn all(url: &str, body: &Value) -> Vec<Sample> {
    let sample = |language, title, code| Sample { language, title, code };
    vec![
        sample("curl", "curl", curl(url, body)),
        sample("javascript", "JavaScript", javascript(url, body)),
        sample("python", "Python", python(url, body)),
        sample("php", "PHP", php(url, body)),
    ]
}

fn shell_quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn curl(url: &str, body: &Value) -> String {
    [
        format!("curl -sS {} \\", shell_quote(url)),
        format!("  -H 'Authorization: Bearer {KEY}' \\"),
        "  -H 'Content-Type: application/json' \\".to_owned(),
        format!("  -d {}", shell_quote(&format!("{body:#}"))),
    ]
    .join("\n")
}

fn indented(text: &str, by: &str) -> String {
    text.replace('\n', &format!("\n{by}"))
}

fn javascript(url: &str, body: &Value) -> String {
    let url = Value::from(url);
    let body = indented(&format!("{body:#}"), "  ");
    format!(
        "// Call it from your server: the key must not reach browsers.
fetch({url}, {{
  method: 'POST',
  headers: {{
    Authorization: 'Bearer {KEY}',
    'Content-Type': 'application/json',
    'Idempotency-Key': crypto.randomUUID(),
  }},
  body: JSON.stringify({body}),
}})
  .then((response) => response.json())
  .then((verdict) => console.log(JSON.stringify(verdict)));"
    )
}

/// A JSON value as a literal: `words` are null, true and false; `object` opens, joins and closes.
struct Literal {
    words: [&'static str; 3],
    open: char,
    joint: &'static str,
    close: char,
    text: fn(&str) -> String,
}

impl Literal {
    fn of(&self, value: &Value, pad: &str) -> String {
        let [null, yes, no] = self.words;
        let inner = format!("{pad}    ");
        match value {
            Value::Null => null.to_owned(),
            Value::Bool(true) => yes.to_owned(),
            Value::Bool(false) => no.to_owned(),
            Value::Number(number) => number.to_string(),
            Value::String(text) => (self.text)(text),
            Value::Array(list) => {
                let items: Vec<String> = list.iter().map(|item| self.of(item, &inner)).collect();
                format!("[{}]", items.join(", "))
            }
            Value::Object(map) => {
                let mut out = String::from(self.open);
                for (name, value) in map {
                    let (name, value) = ((self.text)(name), self.of(value, &inner));
                    let _ = write!(out, "\n{inner}{name}{}{value},", self.joint);
                }
                let _ = write!(out, "\n{pad}{}", self.close);
                out
            }
        }
    }
}

fn json_text(text: &str) -> String {
    Value::from(text).to_string()
}

fn python(url: &str, body: &Value) -> String {
    let literal = Literal {
        words: ["None", "True", "False"],
        open: '{',
        joint: ": ",
        close: '}',
        text: json_text,
    };
    let (url, body) = (json_text(url), literal.of(body, ""));
    format!(
        "import json
import urllib.request
import uuid

lead = {body}
request = urllib.request.Request(
    {url},
    data=json.dumps(lead).encode(),
    headers={{
        \"Authorization\": \"Bearer {KEY}\",
        \"Content-Type\": \"application/json\",
        \"Idempotency-Key\": str(uuid.uuid4()),
    }},
)
with urllib.request.urlopen(request) as response:
    print(json.dumps(json.load(response)))"
    )
}

fn php_text(text: &str) -> String {
    format!("'{}'", text.replace('\\', r"\\").replace('\'', r"\'"))
}

fn php(url: &str, body: &Value) -> String {
    let literal = Literal {
        words: ["null", "true", "false"],
        open: '[',
        joint: " => ",
        close: ']',
        text: php_text,
    };
    let (url, body) = (php_text(url), literal.of(body, ""));
    format!(
        "<?php
$lead = {body};
$request = curl_init({url});
curl_setopt_array($request, [
    CURLOPT_POST => true,
    CURLOPT_RETURNTRANSFER => true,
    CURLOPT_HTTPHEADER => [
        'Authorization: Bearer {KEY}',
        'Content-Type: application/json',
        'Idempotency-Key: ' . bin2hex(random_bytes(16)),
    ],
    CURLOPT_POSTFIELDS => json_encode($lead),
]);
echo curl_exec($request), PHP_EOL;"
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;
    use serde_json::json;

    #[test]
    fn texts_are_quoted_as_each_language_wants() {
        let body = json!({"fields": {"name": "O'Brien \\ \"x\"", "owner": true}, "note": null});
        let samples = all("https://x.example/v1/leads", &body);
        let code = |n: usize| samples[n].code.as_str();
        assert!(code(0).contains(r#"O'\''Brien \\ \"x\""#), "{}", code(0));
        assert!(code(1).contains(r#""name": "O'Brien \\ \"x\"""#));
        assert!(code(2).contains(r#""owner": True"#) && code(2).contains(r#""note": None"#));
        assert!(code(3).contains(r#"'name' => 'O\'Brien \\ "x"'"#), "{}", code(3));
        assert!(samples.iter().all(|sample| sample.code.contains(KEY)));
    }
}
