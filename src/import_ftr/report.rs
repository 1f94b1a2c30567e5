//! What became of every line of every site file.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

/// What became of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Our rule does the same.
    Exact,
    /// Our rule does nearly the same.
    Approximate,
    /// The line has no effect in the original either; it is kept as a comment.
    Dead,
    /// Our rule language can't say it; it is kept as a comment.
    Inexpressible,
    /// It is no matter of cleaning: fetching, logging in, parsing, pictures.
    Outside,
}

/// Every outcome with its word, in the order of reports.
pub const OUTCOMES: &[(&str, Outcome)] = &[
    ("exact", Outcome::Exact),
    ("approximate", Outcome::Approximate),
    ("dead", Outcome::Dead),
    ("not-expressible", Outcome::Inexpressible),
    ("outside", Outcome::Outside),
];

impl Outcome {
    /// Its word.
    pub fn name(self) -> &'static str {
        OUTCOMES
            .iter()
            .find(|(_, outcome)| *outcome == self)
            .map_or("", |(name, _)| name)
    }
}

/// What became of one line.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The site file.
    pub file: String,
    /// The line's number, from 1.
    pub line: usize,
    /// The directive's name.
    pub directive: String,
    /// Its value.
    pub value: String,
    /// Whether the value is an `XPath` expression that the import translates.
    pub expression: bool,
    /// What became of it.
    pub outcome: Outcome,
    /// Why it is not exact, or what it was taken for.
    pub note: String,
    /// What was written for it, as TOML; empty where nothing was.
    pub written: String,
}

/// What became of everything.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// How many site files were read.
    pub files: usize,
    /// How many of them say the same as others.
    pub copies: usize,
    /// How many rule files were made.
    pub written: usize,
    /// Every line with a directive.
    pub findings: Vec<Finding>,
}

type Counts = BTreeMap<Outcome, usize>;

impl Report {
    /// How many `XPath` expressions came to what.
    pub fn expressions(&self) -> BTreeMap<Outcome, usize> {
        counts(self.findings.iter().filter(|finding| finding.expression))
    }

    /// The share of exact translations among the expressions that the original can use, from 0 to 1.
    pub fn exact_share(&self) -> f64 {
        let counts = self.expressions();
        let of = |outcome| counts.get(&outcome).copied().unwrap_or(0);
        let live = of(Outcome::Exact) + of(Outcome::Approximate) + of(Outcome::Inexpressible);
        #[expect(clippy::cast_precision_loss, reason = "lines of rule files are far below 2^52")]
        if live == 0 {
            1.0
        } else {
            of(Outcome::Exact) as f64 / live as f64
        }
    }

    /// How many lines of each directive came to what.
    pub fn directives(&self) -> BTreeMap<&str, BTreeMap<Outcome, usize>> {
        let mut directives: BTreeMap<&str, Counts> = BTreeMap::new();
        for finding in &self.findings {
            *directives
                .entry(known_name(finding))
                .or_default()
                .entry(finding.outcome)
                .or_default() += 1;
        }
        directives
    }

    /// The report for people: counts, then every line that is not exact.
    pub fn text(&self) -> String {
        let mut text = format!(
            "{} site files, {} of them copies of others: {} rule files\n\n",
            self.files, self.copies, self.written
        );
        let mut row = |name: &str, counts: &Counts| {
            let cells: Vec<String> = OUTCOMES
                .iter()
                .map(|(_, outcome)| format!("{:>17}", counts.get(outcome).copied().unwrap_or(0)))
                .collect();
            writeln!(text, "{name:<26}{}", cells.concat()).expect("writing to a string never fails");
        };
        row("XPath expressions", &self.expressions());
        row("all lines", &counts(self.findings.iter()));
        self.directives()
            .iter()
            .for_each(|(name, counts)| row(&format!("  {name}"), counts));
        let heads: Vec<String> = OUTCOMES.iter().map(|(name, _)| format!("{name:>15}")).collect();
        let head = format!("{:<26}{}\n", "", heads.concat());
        let at = text.find("XPath").unwrap_or(0);
        text.insert_str(at, &head);
        writeln!(
            text,
            "\n{:.2} % of the expressions that the original can use are exact\n",
            self.exact_share() * 100.0
        )
        .expect("writing to a string never fails");
        for finding in self
            .findings
            .iter()
            .filter(|finding| !matches!(finding.outcome, Outcome::Exact | Outcome::Outside))
        {
            let Finding {
                file,
                line,
                directive,
                value,
                outcome,
                note,
                ..
            } = finding;
            writeln!(
                text,
                "{file}:{line}: {}: {directive}: {value}\n    {note}",
                outcome.name()
            )
            .expect("writing to a string never fails");
        }
        text
    }

    /// The report for programs: the same counts, and every line.
    pub fn json(&self) -> Value {
        let named = |counts: &Counts| -> Value {
            OUTCOMES
                .iter()
                .map(|(name, outcome)| ((*name).to_owned(), json!(counts.get(outcome).copied().unwrap_or(0))))
                .collect()
        };
        let lines: Vec<Value> = self.findings.iter().map(as_json).collect();
        let directives: Value = self
            .directives()
            .iter()
            .map(|(name, counts)| ((*name).to_owned(), named(counts)))
            .collect();
        json!({
            "files": self.files,
            "copies": self.copies,
            "written": self.written,
            "expressions": named(&self.expressions()),
            "exact_share": self.exact_share(),
            "directives": directives,
            "lines": lines,
        })
    }
}

/// Names that nobody knows are counted together.
fn known_name(finding: &Finding) -> &str {
    let unknown = finding.outcome == Outcome::Dead && finding.note.starts_with("there is no directive");
    if unknown { "(unknown)" } else { &finding.directive }
}

fn counts<'a>(findings: impl Iterator<Item = &'a Finding>) -> Counts {
    let mut counts = Counts::new();
    findings.for_each(|finding| *counts.entry(finding.outcome).or_default() += 1);
    counts
}

fn as_json(finding: &Finding) -> Value {
    json!({
        "file": finding.file,
        "line": finding.line,
        "directive": finding.directive,
        "value": finding.value,
        "expression": finding.expression,
        "outcome": finding.outcome.name(),
        "note": finding.note,
        "written": finding.written,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(outcome: Outcome, expression: bool) -> Finding {
        let text = |text: &str| text.to_owned();
        Finding {
            file: text("a.txt"),
            line: 1,
            directive: text("strip"),
            value: text("//a"),
            expression,
            outcome,
            note: text("why"),
            written: String::new(),
        }
    }

    #[test]
    fn the_share_leaves_out_what_is_dead() {
        let findings = vec![
            finding(Outcome::Exact, true),
            finding(Outcome::Exact, true),
            finding(Outcome::Exact, true),
            finding(Outcome::Inexpressible, true),
            finding(Outcome::Dead, true),
            finding(Outcome::Approximate, false),
        ];
        let report = Report {
            files: 1,
            copies: 0,
            written: 1,
            findings,
        };
        assert!((report.exact_share() - 0.75).abs() < 1e-9);
        assert_eq!(report.json()["directives"]["strip"]["dead"], 1);
        assert!(
            report
                .text()
                .contains("a.txt:1: not-expressible: strip: //a\n    why\n")
        );
        assert!(!report.text().contains(": exact: "));
    }
}
