//! The result file: one line per row of the import, written as the verdicts come. It is also the
//! bookmark: an import that was stopped goes on after the last complete line.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use crate::platform::error::{Context, Error, Result};

const HEADER: [&str; 9] = [
    "row",
    "external_id",
    "lead_id",
    "state",
    "reasons",
    "score",
    "temperature",
    "awards",
    "earning_minor",
];

/// One row's outcome.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// Number of the row, from 1, the header not counted.
    pub row: u64,
    /// What the source calls it.
    pub external_id: String,
    /// The lead.
    pub lead_id: String,
    /// The verdict, or `FAILED` where the row never became a lead.
    pub state: String,
    /// Codes, separated by spaces.
    pub reasons: String,
    /// 0-100, empty where it was not scored.
    pub score: String,
    /// Empty where it was not scored.
    pub temperature: String,
    /// How many copies were sold.
    pub awards: usize,
    /// What the publisher earns at once, in minor units.
    pub earning_minor: i64,
}

/// The open result file.
pub struct Results {
    path: PathBuf,
    file: File,
    done: u64,
}

impl Results {
    /// Opens or makes the file. A line that a crash cut off is dropped.
    ///
    /// # Errors
    /// When the file exists and is no result file.
    pub fn open(path: &Path) -> Result<Self> {
        let complete = complete_lines(path)?;
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)
            .context("opening the result file")?;
        file.set_len(complete.bytes).context("trimming the result file")?;
        std::io::Seek::seek(&mut file, std::io::SeekFrom::End(0)).context("result file")?;
        if complete.bytes == 0 {
            file.write_all(format!("{}\n", HEADER.join(",")).as_bytes()).context("result file")?;
        }
        Ok(Self { path: path.to_owned(), file, done: complete.rows })
    }

    /// How many rows are already done.
    pub fn done(&self) -> u64 {
        self.done
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Appends lines and hands them to the system.
    pub fn append(&mut self, lines: &[Line]) -> Result<()> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        for line in lines {
            writer
                .write_record([
                    &line.row.to_string(),
                    &line.external_id,
                    &line.lead_id,
                    &line.state,
                    &line.reasons,
                    &line.score,
                    &line.temperature,
                    &line.awards.to_string(),
                    &line.earning_minor.to_string(),
                ])
                .context("a result line")?;
        }
        let bytes = writer.into_inner().map_err(|cause| Error::broken(cause.to_string()))?;
        self.file.write_all(&bytes).context("writing the result file")?;
        self.done += lines.len() as u64;
        Ok(())
    }
}

struct Complete {
    bytes: u64,
    rows: u64,
}

fn complete_lines(path: &Path) -> Result<Complete> {
    if !path.is_file() {
        return Ok(Complete { bytes: 0, rows: 0 });
    }
    let mut reader = BufReader::new(File::open(path).context("opening the result file")?);
    let (mut bytes, mut lines, mut text) = (0_u64, 0_u64, String::new());
    loop {
        text.clear();
        let read = reader.read_line(&mut text).context("reading the result file")?;
        if read == 0 || !text.ends_with('\n') {
            break;
        }
        if lines == 0 && text.trim_end() != HEADER.join(",") {
            return Err(Error::broken(format!("{} is not a result file", path.display())));
        }
        bytes += read as u64;
        lines += 1;
    }
    Ok(Complete { bytes, rows: lines.saturating_sub(1) })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
    use super::*;

    fn line(row: u64) -> Line {
        Line { row, reasons: "A B".to_owned(), state: "UNSOLD".to_owned(), ..Line::default() }
    }

    #[test]
    fn an_import_goes_on_after_the_last_complete_line() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("leads.results.csv");
        let mut results = Results::open(&path).unwrap();
        results.append(&[line(1), line(2)]).unwrap();
        drop(results);
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, &whole[..whole.len() - 4]).unwrap();
        let mut again = Results::open(&path).unwrap();
        assert_eq!(again.done(), 1);
        again.append(&[line(2)]).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), whole);
    }

    #[test]
    fn another_file_is_not_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("notes.csv");
        std::fs::write(&path, "something,else\n1,2\n").unwrap();
        assert!(Results::open(&path).is_err());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "something,else\n1,2\n");
    }
}
