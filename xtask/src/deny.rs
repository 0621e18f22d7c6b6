//! Licences, bans and sources of every dependency, judged by deny.toml from cargo's own metadata.
//!
//! It reads the same file as cargo-deny and works offline in a second. Advisories need a database
//! from the network; for those run cargo-deny itself.

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use crate::repo;

#[derive(Deserialize)]
struct Rules {
    licenses: Licences,
    bans: Bans,
}

#[derive(Deserialize)]
struct Licences {
    allow: BTreeSet<String>,
}

#[derive(Deserialize)]
struct Bans {
    deny: Vec<Ban>,
}

#[derive(Deserialize)]
struct Ban {
    #[serde(rename = "crate")]
    name: String,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    license: Option<String>,
    source: Option<String>,
}

/// Checks all packages of the lock file.
pub fn run() -> Result<()> {
    let text = fs::read_to_string(repo::root().join("deny.toml")).context("reading deny.toml")?;
    let rules: Rules = toml::from_str(&text).context("deny.toml")?;
    let output = Command::new("cargo")
        .args(["metadata", "--format-version", "1", "--locked"])
        .current_dir(repo::root())
        .output()
        .context("cargo metadata")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Metadata = serde_json::from_slice(&output.stdout).context("cargo metadata")?;
    let mut wrong = Vec::new();
    for package in &metadata.packages {
        wrong.extend(faults(package, &rules));
    }
    if wrong.is_empty() {
        println!("   {} packages: licences, bans and sources are fine", metadata.packages.len());
        return Ok(());
    }
    for line in &wrong {
        eprintln!("   {line}");
    }
    bail!("{} packages break deny.toml", wrong.len())
}

fn faults(package: &Package, rules: &Rules) -> Vec<String> {
    let label = format!("{} {}", package.name, package.version);
    let mut wrong = Vec::new();
    match package.license.as_deref() {
        None => wrong.push(format!("{label}: no licence is declared")),
        Some(licence) if !permitted(licence, &rules.licenses.allow) => {
            wrong.push(format!("{label}: licence {licence} is not allowed"));
        }
        Some(_) => {}
    }
    if rules.bans.deny.iter().any(|ban| ban.name == package.name) {
        wrong.push(format!("{label}: banned"));
    }
    // The workspace's own packages have no source; all others come from the registry.
    if package.source.as_deref().is_some_and(|source| source.starts_with("git+")) {
        wrong.push(format!("{label}: comes from a git repository"));
    }
    wrong
}

/// Whether an SPDX expression can be met by the allowed licences. `/` is the old spelling of OR.
fn permitted(expression: &str, allow: &BTreeSet<String>) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let tokens: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    any_of(&tokens, &mut at, allow) && at == tokens.len()
}

fn any_of(tokens: &[&str], at: &mut usize, allow: &BTreeSet<String>) -> bool {
    let mut met = all_of(tokens, at, allow);
    while tokens.get(*at) == Some(&"OR") {
        *at += 1;
        let next = all_of(tokens, at, allow);
        met = met || next;
    }
    met
}

fn all_of(tokens: &[&str], at: &mut usize, allow: &BTreeSet<String>) -> bool {
    let mut met = one(tokens, at, allow);
    while tokens.get(*at) == Some(&"AND") {
        *at += 1;
        let next = one(tokens, at, allow);
        met = met && next;
    }
    met
}

fn one(tokens: &[&str], at: &mut usize, allow: &BTreeSet<String>) -> bool {
    let Some(token) = tokens.get(*at) else { return false };
    *at += 1;
    if *token == "(" {
        let met = any_of(tokens, at, allow);
        let closed = tokens.get(*at) == Some(&")");
        *at += 1;
        return met && closed;
    }
    if tokens.get(*at) == Some(&"WITH") {
        let exception = tokens.get(*at + 1).copied().unwrap_or("");
        *at += 2;
        return allow.contains(&format!("{token} WITH {exception}")) || allow.contains(*token);
    }
    allow.contains(*token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spdx_expressions_are_judged() {
        let allow: BTreeSet<String> = ["MIT", "Apache-2.0", "ISC"].map(String::from).into();
        for (expression, expected) in [
            ("MIT", true),
            ("MIT/GPL-3.0", true),
            ("GPL-3.0 OR (MIT AND ISC)", true),
            ("MIT AND GPL-3.0", false),
            ("Apache-2.0 WITH LLVM-exception", true),
            ("(MIT", false),
            ("", false),
        ] {
            assert_eq!(permitted(expression, &allow), expected, "{expression}");
        }
    }
}
