//! File sizes: small files stay readable. The limit is 800 lines; 400 is the aim.

use anyhow::{Context, Result, bail};
use std::fs;

use crate::repo;

const LIMIT: usize = 800;
const AIM: usize = 400;

/// Files written by a program, which nobody reads from top to bottom.
const GENERATED: &[&str] = &["schema.graphql", "frontend/src/gql/", "frontend/src/graphql-env"];

/// Kinds of files that are read by people.
const KINDS: &[&str] = &["rs", "ts", "tsx", "sh", "css"];

/// Counts lines and fails on files past the limit.
pub fn run() -> Result<()> {
    let mut above_aim = Vec::new();
    let mut above_limit = Vec::new();
    let mut counted = 0_usize;
    for path in repo::files()? {
        let read = path.rsplit_once('.').is_some_and(|(_, kind)| KINDS.contains(&kind));
        if !read || GENERATED.iter().any(|prefix| path.starts_with(prefix)) {
            continue;
        }
        let text = fs::read_to_string(repo::root().join(&path))
            .with_context(|| format!("reading {path}"))?;
        let lines = text.lines().count();
        counted += 1;
        if lines > LIMIT {
            above_limit.push((lines, path));
        } else if lines > AIM {
            above_aim.push((lines, path));
        }
    }
    above_aim.sort_by(|a, b| b.cmp(a));
    for (lines, path) in &above_aim {
        println!("   {lines:4} lines (aim {AIM}): {path}");
    }
    println!(
        "   {counted} files, {} above {AIM}, {} above {LIMIT}",
        above_aim.len(),
        above_limit.len()
    );
    if above_limit.is_empty() {
        return Ok(());
    }
    for (lines, path) in &above_limit {
        eprintln!("   {lines:4} lines, the limit is {LIMIT}: {path}");
    }
    bail!("{} files are too long: split them by what they are about", above_limit.len())
}
