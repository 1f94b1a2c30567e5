//! `dehusk quarantine list`: the oldest first, and however many there are, in little memory.

use std::mem;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::failure::Failure;
use super::output::print;
use crate::daemon::{DeadLetter, DeadLetters, harmless, shown};

/// Most dead letters that are sorted. Where there are more, all of them are listed in the order in which they are found.
const SORTED_MAX: usize = 10_000;

/// Bytes that are printed at once.
const PRINTED_BYTES: usize = 64 * 1024;

/// What the columns of the table are called.
const HEAD: [&str; 5] = ["AGE", "CODE", "SITE", "ATTEMPTS", "NAME"];

/// A list in the making.
pub(super) struct Listing {
    as_json: bool,
    now: Timestamp,
    sorted_max: usize,
    /// Those that are not printed yet, as long as all of them may be sorted.
    waiting: Vec<DeadLetter>,
    /// How wide the columns before the name are, once rows are printed.
    widths: Option<[usize; 4]>,
    /// What is to be printed next.
    text: String,
}

impl Listing {
    /// An empty list, to be printed as a table or as JSON.
    pub(super) fn new(as_json: bool) -> Self {
        Self {
            as_json,
            now: Timestamp::now(),
            sorted_max: SORTED_MAX,
            waiting: Vec::new(),
            widths: None,
            text: String::new(),
        }
    }

    /// Takes a dead letter up.
    pub(super) fn add(&mut self, letters: &DeadLetters, letter: DeadLetter) -> Result<(), Failure> {
        let bytes = |letter: &DeadLetter| letters.size(letter);
        if self.widths.is_some() {
            self.line(&letter, bytes);
        } else {
            self.waiting.push(letter);
            if self.waiting.len() > self.sorted_max {
                self.begin(bytes);
            }
        }
        if self.text.len() >= PRINTED_BYTES {
            print(&mem::take(&mut self.text))?;
        }
        Ok(())
    }

    /// Prints what is left.
    pub(super) fn end(mut self, letters: Option<&DeadLetters>) -> Result<(), Failure> {
        self.close(|letter| letters?.size(letter));
        print(&self.text)
    }

    fn close(&mut self, bytes: impl Fn(&DeadLetter) -> Option<u64>) {
        if self.widths.is_none() {
            self.waiting.sort_by(|one, other| one.order().cmp(&other.order()));
            self.begin(bytes);
        }
        if self.as_json {
            self.text.push_str(if self.text == "[" { "]\n" } else { "\n]\n" });
        }
    }

    /// Writes what has been gathered; those that come later follow one by one.
    fn begin(&mut self, bytes: impl Fn(&DeadLetter) -> Option<u64>) {
        let waiting = mem::take(&mut self.waiting);
        let mut widths = HEAD.map(str::len);
        for letter in &waiting {
            for (width, cell) in widths.iter_mut().zip(cells(letter, self.now)) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let [widths @ .., _] = widths;
        self.widths = Some(widths);
        if self.as_json {
            self.text.push('[');
        } else if waiting.is_empty() {
            self.text.push_str("no pages are in quarantine\n");
        } else {
            let head = padded(&HEAD.map(str::to_owned), widths);
            self.text.push_str(&head);
        }
        for letter in &waiting {
            self.line(letter, &bytes);
        }
    }

    fn line(&mut self, letter: &DeadLetter, bytes: impl Fn(&DeadLetter) -> Option<u64>) {
        if !self.as_json {
            let line = padded(&cells(letter, self.now), self.widths.unwrap_or_default());
            self.text.push_str(&line);
            return;
        }
        let is_first = self.text == "[";
        self.text.push_str(if is_first { "\n" } else { ",\n" });
        // No line of it begins inside a string: there, line breaks are escaped.
        let row = format!("{:#}", row(letter, bytes(letter)));
        self.text.push_str("  ");
        self.text.push_str(&row.replace('\n', "\n  "));
    }
}

fn row(letter: &DeadLetter, bytes: Option<u64>) -> Value {
    let reason = &letter.reason;
    json!({
        "name": letter.shown(),
        "source": shown(&letter.source()),
        "page": letter.has_page,
        "bytes": bytes.filter(|_| letter.has_page),
        "code": reason.code,
        "message": reason.message,
        "site": reason.site,
        "attempts": reason.attempts,
        "first_seen": reason.first_seen.map(|moment| moment.to_string()),
        "last_seen": reason.last_seen.map(|moment| moment.to_string()),
        "sha256": reason.sha256,
        "version": reason.version,
    })
}

/// A row of the table.
fn cells(letter: &DeadLetter, now: Timestamp) -> [String; 5] {
    let reason = &letter.reason;
    let word = |text: &Option<String>| text.as_deref().map_or("-".to_owned(), harmless);
    let gone = if letter.has_page { "" } else { " (the page is gone)" };
    [
        reason.last_seen.map_or("-".to_owned(), |moment| age(moment, now)),
        word(&reason.code),
        word(&reason.site),
        reason.attempts.map_or("-".to_owned(), |attempts| attempts.to_string()),
        format!("{}{gone}", letter.shown()),
    ]
}

fn padded(row: &[String; 5], widths: [usize; 4]) -> String {
    let [cells @ .., name] = row;
    let padded = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}  "));
    format!("{}{name}\n", padded.collect::<String>())
}

/// The time since a moment in its largest unit.
fn age(moment: Timestamp, now: Timestamp) -> String {
    let units = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];
    let seconds = now.as_second().saturating_sub(moment.as_second()).max(0);
    let unit = units.iter().find(|(unit, _)| seconds >= *unit);
    unit.map_or("0 s".to_owned(), |(unit, name)| format!("{} {name}", seconds / unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_told_in_their_largest_unit() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let ages = [0, 59, 60, 7_199, 7_200, 86_400 * 3].map(|second| age(at(1_000), at(1_000 + second)));
        assert_eq!(ages, ["0 s", "59 s", "1 min", "1 h", "2 h", "3 d"]);
        assert_eq!(age(at(1_000), at(900)), "0 s");
    }
}
