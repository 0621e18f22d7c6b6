//! The figures, as JSON for machines and as a table with ratios for people.

use anyhow::Result;
use serde::Serialize;
use std::fmt::Write as _;

/// One measurement of the exchange.
#[derive(Clone, Debug, Serialize)]
pub struct Figure {
    /// Connections, each sending one lead after the other.
    pub connections: usize,
    /// Leads with a verdict per second.
    pub leads_per_s: f64,
    /// Half of the answers were faster.
    pub p50_ms: f64,
    /// 99 of 100 answers were faster.
    pub p99_ms: f64,
}

/// SQLite's half.
#[derive(Debug, Default, Serialize)]
pub struct Sqlite {
    /// A loop with one transaction of eight statements per lead.
    pub naive_tps: f64,
    /// The exchange over REST.
    pub rest: Vec<Figure>,
}

/// Everything measured in one run.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// pgbench: one unique row per transaction, 32 clients.
    pub one_row_tps: f64,
    /// pgbench: the naive pipeline, 32 clients, default mode. The reference.
    pub naive_tps: f64,
    /// The exchange over REST.
    pub rest: Vec<Figure>,
    /// The exchange over GraphQL.
    pub graphql: Vec<Figure>,
    /// The same on SQLite.
    pub sqlite: Sqlite,
}

impl Report {
    /// As JSON.
    pub fn json(&self) -> Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// As a table.
    pub fn text(&self) -> String {
        let mut out = String::new();
        let _ = writeln!(
            out,
            "PostgreSQL: pgbench one row {:.0}/s, naive pipeline {:.0}/s (32 clients)\n",
            self.one_row_tps, self.naive_tps
        );
        table(&mut out, "REST", &self.rest, self.naive_tps);
        table(&mut out, "GraphQL", &self.graphql, self.naive_tps);
        let _ = writeln!(out, "SQLite: naive loop {:.0}/s\n", self.sqlite.naive_tps);
        table(&mut out, "REST", &self.sqlite.rest, self.sqlite.naive_tps);
        out
    }
}

fn table(out: &mut String, name: &str, figures: &[Figure], naive: f64) {
    let _ = writeln!(
        out,
        "{name:<8} {:>5} {:>10} {:>8} {:>8} {:>8}",
        "conns", "leads/s", "p50 ms", "p99 ms", "x naive"
    );
    for figure in figures {
        let ratio = if naive > 0.0 { figure.leads_per_s / naive } else { 0.0 };
        let _ = writeln!(
            out,
            "{:<8} {:>5} {:>10.0} {:>8.2} {:>8.2} {:>8.2}",
            "", figure.connections, figure.leads_per_s, figure.p50_ms, figure.p99_ms, ratio
        );
    }
    out.push('\n');
}
