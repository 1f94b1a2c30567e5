//! Runs the tests that stand inside rule files, on the pages that lie beside them.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::clean::render::plain;
use crate::clean::{CleanOptions, Extraction, clean};
use crate::limits::Limits;
use crate::page::{PageHints, RawPage};
use crate::page_file;
use crate::rules::{RuleFile, RuleSet, RuleTest};
use crate::toml_file::{Diagnostic, Located};

/// Longest excerpt of a text in a message, in characters.
const EXCERPT_CHARS: usize = 120;

/// What became of one test.
#[derive(Debug)]
pub struct Outcome {
    /// Its name.
    pub name: String,
    /// What does not hold; empty where the test passed.
    pub failures: Vec<Diagnostic>,
    /// Where a whole text was promised and differs.
    pub golden: Option<GoldenDifference>,
}

impl Outcome {
    /// Whether everything held.
    pub fn passed(&self) -> bool {
        self.failures.is_empty() && self.golden.is_none()
    }
}

/// A promised text and the one that came out.
#[derive(Debug)]
pub struct GoldenDifference {
    /// The file with the promised text.
    pub path: PathBuf,
    /// The promised text; none if the file is not there yet.
    pub expected: Option<String>,
    /// The text that came out.
    pub found: String,
}

/// Runs every test of a rule file. A test's page is of the file's site, unless the test gives its address.
pub fn run(file: &RuleFile, rules: &RuleSet, limits: &Limits) -> Vec<Outcome> {
    file.tests
        .iter()
        .map(|test| outcome(file, test, rules, limits))
        .collect()
}

fn outcome(file: &RuleFile, test: &RuleTest, rules: &RuleSet, limits: &Limits) -> Outcome {
    let mut outcome = Outcome {
        name: test.name.clone(),
        failures: Vec::new(),
        golden: None,
    };
    match cleaned(file, test, rules, limits) {
        Ok(extraction) => {
            outcome.failures = failures(file, test, &extraction);
            outcome.golden = test
                .golden
                .as_ref()
                .and_then(|golden| difference(&beside(file, &golden.value), &extraction));
        }
        Err(reason) => {
            let span = test
                .input
                .as_ref()
                .map_or_else(|| test.span.clone(), |input| input.span.clone());
            let help = "a test's page lies beside its rule file, or stands in `text`";
            outcome
                .failures
                .push(Diagnostic::error(&file.source, &span, "test.input", reason, help));
        }
    }
    outcome
}

fn cleaned(file: &RuleFile, test: &RuleTest, rules: &RuleSet, limits: &Limits) -> Result<Extraction, String> {
    let bytes = match (&test.text, &test.input) {
        (Some(text), _) => text.clone().into_bytes(),
        (None, Some(input)) => {
            let path = beside(file, &input.value);
            let opened = File::open(&path).map_err(|error| format!("{}: {error}", path.display()))?;
            page_file::read(opened, limits).map_err(|error| format!("{}: {error}", path.display()))?
        }
        (None, None) => return Err("the test has no page".to_owned()),
    };
    let site = Some(file.layer_name().to_owned()).filter(|name| !name.is_empty() && test.url.is_none());
    let hints = PageHints {
        url: test.url.clone(),
        site,
        ..PageHints::default()
    };
    clean(
        &RawPage { bytes: &bytes, hints },
        rules,
        CleanOptions::default(),
        limits,
    )
    .map_err(|error| error.to_string())
}

/// A path beside the rule file.
fn beside(file: &RuleFile, name: &str) -> PathBuf {
    Path::new(&*file.name).parent().unwrap_or(Path::new("")).join(name)
}

fn difference(path: &Path, extraction: &Extraction) -> Option<GoldenDifference> {
    let found = plain(extraction, true);
    let expected = fs::read_to_string(path).ok();
    (expected.as_ref() != Some(&found)).then(|| GoldenDifference {
        path: path.to_path_buf(),
        expected,
        found,
    })
}

fn failures(file: &RuleFile, test: &RuleTest, extraction: &Extraction) -> Vec<Diagnostic> {
    let text = plain(extraction, false);
    let text = text.trim_end();
    let mut failures = Vec::new();
    let mut fail = |key: &str, wanted: &Located<String>, found: String| {
        failures.push(Diagnostic::error(
            &file.source,
            &wanted.span,
            &format!("test.{key}"),
            found,
            "",
        ));
    };
    for wanted in test.has.iter().filter(|wanted| !text.contains(&wanted.value)) {
        fail("has", wanted, format!("`{}`: the text does not hold this", test.name));
    }
    for unwanted in test.has_not.iter().filter(|unwanted| text.contains(&unwanted.value)) {
        fail("has-not", unwanted, format!("`{}`: the text holds this", test.name));
    }
    if let Some(wanted) = test.starts.as_ref().filter(|wanted| !text.starts_with(&wanted.value)) {
        fail(
            "starts",
            wanted,
            format!(
                "`{}`: the text begins with: {}",
                test.name,
                text.chars().take(EXCERPT_CHARS).collect::<String>()
            ),
        );
    }
    if let Some(wanted) = test.ends.as_ref().filter(|wanted| !text.ends_with(&wanted.value)) {
        let skipped = text.chars().count().saturating_sub(EXCERPT_CHARS);
        fail(
            "ends",
            wanted,
            format!(
                "`{}`: the text ends with: {}",
                test.name,
                text.chars().skip(skipped).collect::<String>()
            ),
        );
    }
    for (key, wanted, found) in metadata(test, extraction) {
        if let Some(wanted) = wanted.as_ref().filter(|wanted| found.as_ref() != Some(&wanted.value)) {
            fail(
                key,
                wanted,
                format!(
                    "`{}`: the {key} is {}",
                    test.name,
                    found.unwrap_or_else(|| "not known".to_owned())
                ),
            );
        }
    }
    failures.extend(line_count(file, test, extraction));
    failures
}

type MetadataRow<'a> = (&'static str, &'a Option<Located<String>>, Option<String>);

fn metadata<'a>(test: &'a RuleTest, extraction: &Extraction) -> [MetadataRow<'a>; 3] {
    let own = &extraction.metadata;
    [
        ("title", &test.title, own.title.clone()),
        ("author", &test.author, own.author.clone()),
        ("date", &test.date, own.date.as_ref().map(ToString::to_string)),
    ]
}

fn line_count(file: &RuleFile, test: &RuleTest, extraction: &Extraction) -> Option<Diagnostic> {
    let found = extraction.kept().count();
    let wanted = test
        .lines
        .as_ref()
        .filter(|wanted| usize::try_from(wanted.value) != Ok(found))?;
    Some(Diagnostic::error(
        &file.source,
        &wanted.span,
        "test.lines",
        format!("`{}`: the text has {found} blocks", test.name),
        "",
    ))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::toml_file::SourceFile;

    const RULES: &str = "schema = 1\nsite = \"a.example\"\n[text]\ndrop-line = [\"Menu\"]\n[[test]]\nname = \"t\"\ntext = \"Menu\\nA title\\nOne line of text.\"\n";

    fn outcomes(promises: &str) -> Vec<String> {
        let (file, faults) = RuleFile::parse(&SourceFile::new("a.toml", format!("{RULES}{promises}")));
        let file = Arc::new(file.unwrap_or_else(|| panic!("{faults:?}")));
        let (rules, _) = RuleSet::assemble(&[], &[Arc::clone(&file)]);
        run(&file, &rules, &Limits::default())
            .into_iter()
            .flat_map(|outcome| outcome.failures)
            .map(|failure| failure.message)
            .collect()
    }

    #[test]
    fn promises_that_hold_pass() {
        assert!(outcomes("has = [\"One line\"]\nhas-not = [\"Menu\"]\nlines = 1\ntitle = \"A title\"\nstarts = \"One\"\nends = \"text.\"").is_empty());
    }

    #[test]
    fn promises_that_do_not_hold_say_what_is_there_instead() {
        let found = outcomes(
            "has = [\"Two\"]\nhas-not = [\"One\"]\nlines = 2\ntitle = \"B\"\nstarts = \"Two\"\nends = \"x\"\nauthor = \"A\"",
        );
        assert_eq!(found.len(), 7, "{found:#?}");
        assert!(found.contains(&"`t`: the text has 1 blocks".to_owned()));
        assert!(found.contains(&"`t`: the title is A title".to_owned()));
        assert!(found.contains(&"`t`: the author is not known".to_owned()));
    }
}
