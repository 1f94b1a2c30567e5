//! What became of all records of some files.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Counts in which every record is: cleaned, passed over or failed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Everything that stood in the files, pieces that are no record included.
    pub records: u64,
    /// Pages that were cleaned.
    pub cleaned: u64,
    /// Records that hold no page, or one that is not wanted, by reason.
    pub passed_over: BTreeMap<String, u64>,
    /// What could not be read or cleaned, by reason.
    pub failed: BTreeMap<String, u64>,
}

impl Summary {
    /// Counts a page that was cleaned.
    pub fn count_cleaned(&mut self) {
        self.records += 1;
        self.cleaned += 1;
    }

    /// Counts a record that was passed over.
    pub fn count_passed_over(&mut self, reason: &str) {
        self.records += 1;
        *self.passed_over.entry(reason.to_owned()).or_default() += 1;
    }

    /// Counts one that failed.
    pub fn count_failed(&mut self, code: &str) {
        self.records += 1;
        *self.failed.entry(code.to_owned()).or_default() += 1;
    }

    /// How many failed.
    pub fn failures(&self) -> u64 {
        self.failed.values().sum()
    }
}

impl std::fmt::Display for Summary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let passed: u64 = self.passed_over.values().sum();
        write!(
            f,
            "{} records: {} cleaned, {passed} passed over",
            self.records, self.cleaned
        )?;
        list(f, &self.passed_over)?;
        write!(f, ", {} failed", self.failures())?;
        list(f, &self.failed)
    }
}

fn list(f: &mut std::fmt::Formatter<'_>, counts: &BTreeMap<String, u64>) -> std::fmt::Result {
    if counts.is_empty() {
        return Ok(());
    }
    let counts: Vec<String> = counts
        .iter()
        .map(|(reason, count)| format!("{reason} {count}"))
        .collect();
    write!(f, " ({})", counts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_record_is_in_one_of_the_counts() {
        let mut summary = Summary::default();
        summary.count_cleaned();
        summary.count_passed_over("request");
        summary.count_passed_over("request");
        summary.count_failed("cut");
        assert_eq!(
            summary.to_string(),
            "4 records: 1 cleaned, 2 passed over (request 2), 1 failed (cut 1)"
        );
    }
}
