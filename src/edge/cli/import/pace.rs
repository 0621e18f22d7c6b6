//! The file's own clock: every row happens at an instant that the file or the caller gives.

use leadbourse_core::error::{BAD_INPUT, Problem};
use leadbourse_core::time::{SECOND, Timestamp};

/// How time passes during an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// As it does for everybody.
    System,
    /// Steps of so many microseconds from a start.
    Steps {
        /// Instant of the first row.
        start: Timestamp,
        /// Microseconds from row to row.
        step: i64,
    },
    /// A column says.
    Column(usize),
}

impl Pace {
    /// From the arguments.
    ///
    /// # Errors
    /// When the start is no RFC 3339 instant.
    pub fn new(
        start: Option<&str>,
        step_s: Option<u32>,
        column: Option<usize>,
    ) -> Result<Self, Problem> {
        if let Some(column) = column {
            return Ok(Self::Column(column));
        }
        let Some(text) = start else { return Ok(Self::System) };
        let start = Timestamp::parse_rfc3339(text)
            .ok_or_else(|| Problem::new(BAD_INPUT).detail("--clock-start is no RFC 3339 time"))?;
        Ok(Self::Steps { start, step: i64::from(step_s.unwrap_or(1)) * SECOND })
    }

    /// Whether the file brings its own time.
    pub fn is_own(self) -> bool {
        self != Self::System
    }

    /// The instant of a row, counted from 1; nothing where time passes by itself.
    ///
    /// # Errors
    /// When the column holds no instant.
    pub fn instant(
        self,
        row: u64,
        record: &csv::StringRecord,
    ) -> Result<Option<Timestamp>, Problem> {
        match self {
            Self::System => Ok(None),
            Self::Steps { start, step } => {
                let n = i64::try_from(row).unwrap_or(i64::MAX).saturating_sub(1);
                Ok(Some(start.plus(step.saturating_mul(n))))
            }
            Self::Column(at) => {
                let cell = record.get(at).unwrap_or_default().trim();
                Timestamp::parse_rfc3339(cell).map(Some).ok_or_else(|| {
                    let sentence = format!("row {row}: the clock column holds no RFC 3339 time");
                    Problem::new(BAD_INPUT).detail(sentence)
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn rows_happen_in_steps_or_when_the_column_says() {
        let record = csv::StringRecord::from(vec!["2026-01-02T00:00:00Z"]);
        let steps = Pace::new(Some("2026-01-01T00:00:00Z"), Some(60), None).unwrap();
        let third = steps.instant(3, &record).unwrap().unwrap();
        assert_eq!(third.rfc3339(), "2026-01-01T00:02:00Z");
        let column = Pace::new(None, None, Some(0)).unwrap();
        assert_eq!(column.instant(1, &record).unwrap().unwrap().rfc3339(), "2026-01-02T00:00:00Z");
        let broken = csv::StringRecord::from(vec!["yesterday"]);
        assert!(column.instant(1, &broken).is_err());
        assert_eq!(Pace::new(None, None, None).unwrap().instant(1, &broken), Ok(None));
    }
}
