//! Leads in the shape of the real file, made here; and what comes of them.

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use std::path::Path;

use super::Outcome;

const HEADER: [&str; 13] = [
    "Prospect ID",
    "Lead Origin",
    "Lead Source",
    "Do Not Email",
    "Do Not Call",
    "Converted",
    "TotalVisits",
    "Total Time Spent on Website",
    "Page Views Per Visit",
    "Country",
    "Specialization",
    "How did you hear about X Education",
    "City",
];

/// Writes so many rows: some with a missing cell, some that repeat a person, some that no form
/// could have sent.
pub fn write(path: &Path, rows: usize) {
    let mut rng = StdRng::seed_from_u64(11);
    let mut file = csv::Writer::from_path(path).unwrap();
    let mut header = HEADER.map(str::to_owned).to_vec();
    header.push("A free copy of Mastering The Interview".to_owned());
    file.write_record(&header).unwrap();
    for n in 0..rows {
        let origin = match n % 25 {
            24 => "Carrier pigeon",
            at if at % 3 == 0 => "API",
            _ => "Landing Page Submission",
        };
        let visits = rng.random_range(0..9);
        let seconds = if visits == 0 { 0 } else { rng.random_range(10..2_000) };
        let pages = visits.min(rng.random_range(1..5));
        let eager = seconds > 900 || rng.random_bool(0.2);
        let special = ["Finance Management", "Select", "", "E-Business"];
        let mut row: Vec<String> = vec![
            format!("person-{n:04}"),
            origin.to_owned(),
            (*["Google", "Direct Traffic", "Olark Chat"].choose(&mut rng).unwrap()).to_owned(),
            if n % 17 == 0 { "Yes" } else { "No" }.to_owned(),
            "No".to_owned(),
            u8::from(eager && rng.random_bool(0.7)).to_string(),
            if n % 40 == 7 { String::new() } else { visits.to_string() },
            seconds.to_string(),
            pages.to_string(),
            "India".to_owned(),
            (*special.choose(&mut rng).unwrap()).to_owned(),
            "Select".to_owned(),
            "Mumbai".to_owned(),
        ];
        row.push(if n % 5 == 0 { "Yes" } else { "No" }.to_owned());
        file.write_record(&row).unwrap();
    }
    file.flush().unwrap();
}

/// What comes of 300 generated rows.
pub fn expected() -> Outcome {
    outcome(
        &[("REJECTED", 12), ("SOLD", 283), ("UNSOLD", 5)],
        &[("Any lead", 135), ("Enrolments", 28), ("Good leads", 120)],
        16,
        224_924,
    )
}

/// What comes of the first 1,000 rows of the real file.
pub fn expected_of_thousand() -> Outcome {
    outcome(
        &[("SOLD", 926), ("UNSOLD", 74)],
        &[("Any lead", 320), ("Enrolments", 366), ("Good leads", 240)],
        108,
        1_087_928,
    )
}

/// What became of all 9,240 rows of the real file, 200 seconds apart.
pub fn expected_of_all() -> Outcome {
    outcome(
        &[("SOLD", 7_606), ("UNSOLD", 1_634)],
        &[("Any lead", 1_760), ("Enrolments", 4_946), ("Good leads", 900)],
        1_820,
        15_552_288,
    )
}

fn outcome(verdicts: &[(&str, u64)], awards: &[(&str, u64)], sales: u64, paid: i64) -> Outcome {
    let map = |pairs: &[(&str, u64)]| {
        pairs.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
    };
    Outcome { by_verdict: map(verdicts), awards: map(awards), sales, paid }
}
