//! Runs every example of `docs/rules.md`, so that the manual can't promise what the program does not do.
//!
//! What the manual's fenced blocks mean, by the words behind the three backticks:
//!
//! - `toml`: a whole rule file of the user's. It must have no fault. `toml shipped`: one that plays the part of a
//!   shipped file. Its tests have to hold. Blocks in a row make one example; the first one after a page, or after one
//!   with tests, begins the next example.
//! - `text in`, `html in`: a page, cleaned with these files over the shipped defaults and families. It counts as a page
//!   of the example's site, unless one of these words follows: `alone` (nothing but the page is known), `url=ADDRESS`,
//!   `file=NAME`, `folder=NAME`.
//! - `text out`: what comes out, title included, byte for byte. `json out`: fields of the page's metadata file.
//! - `toml faulty`, then `text fault`: a rule file with faults, and all that is told about them.
//! - `text file=PATH`, `toml file=PATH`: a file of the walk-through. `console`: commands after `$`, each with what it
//!   prints, run in a folder with the files so far. What stands behind `rule set` and `rules for` on a line is not
//!   compared: it changes with every change of a shipped file.
//!
//! Blocks of other words are not looked at.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use dehusk::clean::render::{metadata_json, plain};
use dehusk::clean::{CleanOptions, Extraction, clean};
use dehusk::limits::Limits;
use dehusk::page::{PageHints, RawPage};
use dehusk::rule_test;
use dehusk::rules::class::CLASSES;
use dehusk::rules::{Layer, RuleFile, RuleSet, shipped};
use dehusk::toml_file::SourceFile;
use serde_json::Value;

/// Words of commands' outputs behind which a line changes with every change of a shipped file.
const PASSING: &[&str] = &["rule set ", "rules for "];

/// A fenced block of the manual.
struct Block {
    /// The line of its first fence, from 1.
    line: usize,
    /// The words behind the backticks.
    words: Vec<String>,
    text: String,
}

impl Block {
    fn is(&self, words: &[&str]) -> bool {
        words
            .iter()
            .zip(&self.words)
            .filter(|(wanted, found)| *wanted == found)
            .count()
            == words.len()
    }

    /// The value of a word such as `url=…`.
    fn value(&self, name: &str) -> Option<&str> {
        self.words
            .iter()
            .find_map(|word| word.strip_prefix(name)?.strip_prefix('='))
    }
}

fn manual() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules.md")).expect("the manual is there")
}

fn blocks(manual: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut inside = false;
    for (index, line) in manual.lines().enumerate() {
        match line.strip_prefix("```") {
            Some(_) if inside => inside = false,
            Some(words) => {
                inside = true;
                let words = words.split_whitespace().map(str::to_owned).collect();
                blocks.push(Block {
                    line: index + 1,
                    words,
                    text: String::new(),
                });
            }
            None if inside => {
                writeln!(blocks.last_mut().expect("a block is open").text, "{line}").expect("strings take all");
            }
            None => {}
        }
    }
    assert!(!inside, "the last block of the manual has no end");
    blocks
}

/// An example on its way through the manual.
#[derive(Default)]
struct Example {
    shipped: Vec<Arc<RuleFile>>,
    files: Vec<Arc<RuleFile>>,
    page: Option<Extraction>,
    is_over: bool,
}

impl Example {
    fn add(&mut self, block: &Block) {
        if self.is_over {
            *self = Self::default();
        }
        let (file, faults) = RuleFile::parse(&SourceFile::new("rules.toml", block.text.as_str()));
        let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
        assert!(
            faults.is_empty(),
            "line {}: the rule file has faults:\n{}",
            block.line,
            told.join("\n")
        );
        let file = Arc::new(file.expect("a file without fault is read"));
        let files = if block.is(&["toml", "shipped"]) {
            &mut self.shipped
        } else {
            &mut self.files
        };
        files.push(Arc::clone(&file));
        Self::promises_hold(&file, block.line);
        self.is_over = !file.tests.is_empty();
    }

    /// The `[[test]]` tables of an example hold.
    fn promises_hold(file: &Arc<RuleFile>, line: usize) {
        let (rules, _) = RuleSet::assemble(&Self::base(), std::slice::from_ref(file));
        for outcome in rule_test::run(file, &rules, &Limits::default()) {
            assert!(outcome.passed(), "line {line}: {outcome:?}");
        }
    }

    /// The shipped defaults and families.
    fn base() -> Vec<Arc<RuleFile>> {
        shipped()
            .iter()
            .filter(|file| !matches!(file.layer, Layer::Site(_)))
            .cloned()
            .collect()
    }

    fn rules(&self, line: usize) -> RuleSet {
        let shipped = [Self::base(), self.shipped.clone()].concat();
        let (rules, faults) = RuleSet::assemble(&shipped, &self.files);
        assert!(
            faults.is_empty(),
            "line {line}: the rule files contradict each other: {faults:?}"
        );
        rules
    }

    fn hints(&self, block: &Block) -> PageHints {
        let mut sites = self.files.iter().filter(|file| matches!(file.layer, Layer::Site(_)));
        let known = block.words.len() > 2;
        PageHints {
            site: sites
                .next_back()
                .map(|file| file.layer_name().to_owned())
                .filter(|_| !known),
            url: block.value("url").map(str::to_owned),
            file_name: block.value("file").map(str::to_owned),
            folders: block.value("folder").map(str::to_owned).into_iter().collect(),
            ..PageHints::default()
        }
    }

    fn clean(&mut self, block: &Block) {
        let raw = RawPage {
            bytes: block.text.as_bytes(),
            hints: self.hints(block),
        };
        let page = clean(
            &raw,
            &self.rules(block.line),
            CleanOptions::default(),
            &Limits::default(),
        );
        self.page = Some(page.unwrap_or_else(|error| panic!("line {}: {error}", block.line)));
        self.is_over = true;
    }

    fn page(&self, block: &Block) -> &Extraction {
        self.page
            .as_ref()
            .unwrap_or_else(|| panic!("line {}: an output without a page before it", block.line))
    }
}

/// The fields that the manual names and the page has otherwise.
fn other_fields(block: &Block, found: &Value) -> Vec<String> {
    let expected: Value =
        serde_json::from_str(&block.text).unwrap_or_else(|error| panic!("line {}: {error}", block.line));
    let fields = expected.as_object().expect("metadata is an object");
    let wrong = fields.iter().filter(|(key, value)| found.get(*key) != Some(*value));
    wrong
        .map(|(key, value)| {
            format!(
                "line {}: {key}: {value} is promised, {} comes out",
                block.line, found[key]
            )
        })
        .collect()
}

#[test]
fn every_example_gives_what_the_manual_says() {
    let mut example = Example::default();
    let mut wrong = Vec::new();
    let mut pages = 0;
    for block in blocks(&manual()) {
        let special = block.is(&["toml", "faulty"]) || block.value("file").is_some() && block.is(&["toml"]);
        if block.is(&["toml"]) && !special {
            example.add(&block);
        } else if block.is(&["text", "in"]) || block.is(&["html", "in"]) {
            example.clean(&block);
            pages += 1;
        } else if block.is(&["text", "out"]) {
            let found = plain(example.page(&block), true);
            if found != block.text {
                wrong.push(format!(
                    "line {}: promised:\n{}comes out:\n{found}",
                    block.line, block.text
                ));
            }
        } else if block.is(&["json", "out"]) {
            wrong.extend(other_fields(&block, &metadata_json(example.page(&block))));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(
        pages > 20,
        "only {pages} examples were found: are the blocks still marked?"
    );
}

#[test]
fn every_faulty_file_is_told_as_the_manual_says() {
    let blocks = blocks(&manual());
    let mut count = 0;
    for pair in blocks.windows(2).filter(|pair| pair[0].is(&["toml", "faulty"])) {
        assert!(
            pair[1].is(&["text", "fault"]),
            "line {}: a faulty file without its faults",
            pair[0].line
        );
        let (file, faults) = RuleFile::parse(&SourceFile::new("rules.toml", pair[0].text.as_str()));
        let told: Vec<String> = faults.iter().map(|fault| format!("{fault}\n")).collect();
        assert!(file.is_none(), "line {}: the file is accepted", pair[0].line);
        assert_eq!(told.join("\n"), pair[1].text, "line {}", pair[1].line);
        count += 1;
    }
    assert!(count > 0, "no faulty files were found: are the blocks still marked?");
}

#[test]
fn every_key_of_the_language_is_explained() {
    let manual = manual();
    let code: BTreeSet<&str> = manual.split('`').skip(1).step_by(2).collect();
    let shape = RuleFile::shape();
    let last = |key: &str| key.rsplit('.').next().unwrap_or(key).to_owned();
    let own = |key: &str| {
        key.strip_prefix("path.")
            .or_else(|| key.strip_prefix("variant."))
            .unwrap_or(key)
            .to_owned()
    };
    let keys: BTreeSet<String> = shape.keys().map(|(key, _)| own(key)).collect();
    let named = |key: &String| {
        let forms = [key.clone(), last(key), format!("[{key}]"), format!("[[{key}]]")];
        forms.iter().any(|form| code.contains(form.as_str()))
    };
    let silent: Vec<&String> = keys.iter().filter(|key| !named(key)).collect();
    assert!(silent.is_empty(), "the manual says nothing of {silent:?}");
}

#[test]
fn every_class_is_explained() {
    let manual = manual();
    let silent: Vec<&str> = CLASSES
        .iter()
        .map(|(name, _)| *name)
        .filter(|name| !manual.contains(&format!("| `{name}` |")))
        .collect();
    assert!(silent.is_empty(), "the table of classes lacks {silent:?}");
}

/// The folder that the walk-through takes place in.
struct Walk {
    folder: tempfile::TempDir,
}

impl Walk {
    #[expect(clippy::disallowed_methods, reason = "the walk-through has files to look at")]
    fn write(&self, path: &str, text: &str) {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a file lies in a folder")).expect("the folder can be made");
        fs::write(path, text).expect("the file can be written");
    }

    /// What a command prints, errors included.
    fn run(&self, command: &str) -> String {
        let binary = PathBuf::from(env!("CARGO_BIN_EXE_dehusk"));
        let path = format!(
            "{}:{}",
            binary.parent().expect("a folder").display(),
            std::env::var("PATH").unwrap_or_default()
        );
        let run = Command::new("sh")
            .args(["-c", &format!("{command} 2>&1")])
            .current_dir(self.folder.path())
            .env("PATH", path)
            .output();
        let output = run.expect("a shell is there");
        String::from_utf8(output.stdout).expect("commands print UTF-8")
    }
}

/// The text without what changes with every change of a shipped file.
fn lasting(text: &str) -> String {
    let cut = |line: &str| {
        PASSING
            .iter()
            .find_map(|words| Some(line.split_once(words)?.0))
            .unwrap_or(line)
            .to_owned()
    };
    text.lines().map(|line| cut(line) + "\n").collect()
}

#[test]
fn the_walk_through_prints_what_the_manual_shows() {
    let walk = Walk {
        folder: tempfile::tempdir().expect("a temporary folder"),
    };
    let mut commands = 0;
    for block in blocks(&manual()) {
        if let Some(path) = block
            .value("file")
            .filter(|_| !block.is(&["text", "in"]) && !block.is(&["html", "in"]))
        {
            walk.write(path, &block.text);
        }
        if !block.is(&["console"]) {
            continue;
        }
        let mut found = String::new();
        for command in block.text.lines().filter_map(|line| line.strip_prefix("$ ")) {
            write!(found, "$ {command}\n{}", walk.run(command)).expect("strings take all");
            commands += 1;
        }
        assert_eq!(lasting(&found), lasting(&block.text), "line {}", block.line);
    }
    assert!(
        commands > 4,
        "only {commands} commands were found: are the blocks still marked?"
    );
}
