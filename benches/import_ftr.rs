//! What many rule files cost: how long the rules made of ftr-site-config take to load, and what a page of another site
//! costs with and without them.
//!
//! `cargo bench --bench import_ftr` takes the site files beside the project; without them there is nothing to measure.

#![expect(
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "a benchmark prints figures"
)]

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use dehusk::clean::{CleanOptions, clean};
use dehusk::import_ftr::{FtrFile, import};
use dehusk::limits::Limits;
use dehusk::page::{PageHints, RawPage};
use dehusk::rules::{RuleFile, RuleSet, shipped};
use dehusk::toml_file::SourceFile;

/// Times that everything is done; the fastest and the middle time are told.
const ROUNDS: usize = 15;

/// Times that the page is cleaned in each round.
const CLEANINGS: u32 = 200;

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora/ftr-site-config");
    let files = site_files(&folder);
    if files.is_empty() {
        println!("skipped: there are no site files in {}", folder.display());
        return;
    }
    let texts: Vec<SourceFile> = import(&files)
        .files
        .into_iter()
        .map(|file| SourceFile::new(file.path, file.text))
        .collect();
    let bytes: usize = texts.iter().map(|file| file.text.len()).sum();
    println!(
        "{} site files, {} rule files, {:.2} MB",
        files.len(),
        texts.len(),
        bytes as f64 / 1e6
    );
    tell("import", &times(|| import(&files)));
    tell("parse and compile", &times(|| parsed(&texts)));
    let user = parsed(&texts);
    tell("assemble", &times(|| RuleSet::assemble(shipped(), &user)));
    tell("load (both)", &times(|| RuleSet::assemble(shipped(), &parsed(&texts))));
    compare(&user);
}

fn compare(user: &[Arc<RuleFile>]) {
    let (few, _) = RuleSet::assemble(shipped(), &[]);
    let (many, _) = RuleSet::assemble(shipped(), user);
    let page = other_page();
    let cost = |rules: &RuleSet| {
        let raw = RawPage {
            bytes: page.as_bytes(),
            hints: PageHints::default(),
        };
        let start = Instant::now();
        for _ in 0..CLEANINGS {
            black_box(clean(
                black_box(&raw),
                rules,
                CleanOptions::default(),
                &Limits::default(),
            ))
            .expect("a sound page");
        }
        start.elapsed() / CLEANINGS
    };
    let (mut with_few, mut with_many) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        with_few.push(cost(&few));
        with_many.push(cost(&many));
    }
    with_few.sort();
    with_many.sort();
    println!(
        "{:<28} {:>9.1} µs with {} sites, {:>9.1} µs with {} sites, ratio {:.3}",
        "a page of another site",
        micros(with_few[ROUNDS / 2]),
        few.sites().len(),
        micros(with_many[ROUNDS / 2]),
        many.sites().len(),
        micros(with_many[ROUNDS / 2]) / micros(with_few[ROUNDS / 2])
    );
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

fn other_page() -> String {
    let paragraph =
        "<p>The ferry left the harbour at nine, an hour late, with half its usual load of passengers and mail.</p>";
    format!(
        "<!DOCTYPE html><html><head><link rel=canonical href='https://harbour.example/1'><title>Ferry</title></head><body><nav><a href=/>Home</a></nav><article><h1>Ferry</h1>{}</article></body></html>",
        paragraph.repeat(40)
    )
}

fn parsed(texts: &[SourceFile]) -> Vec<Arc<RuleFile>> {
    texts
        .iter()
        .filter_map(|text| RuleFile::parse(text).0)
        .map(Arc::new)
        .collect()
}

fn times<T>(work: impl Fn() -> T) -> Vec<Duration> {
    let time = || {
        let start = Instant::now();
        black_box(work());
        start.elapsed()
    };
    let mut times: Vec<Duration> = (0..ROUNDS).map(|_| time()).collect();
    times.sort();
    times
}

fn tell(what: &str, times: &[Duration]) {
    println!(
        "{what:<28} {:>9.1} ms fastest, {:>9.1} ms middle",
        times[0].as_secs_f64() * 1e3,
        times[times.len() / 2].as_secs_f64() * 1e3
    );
}

fn site_files(folder: &Path) -> Vec<FtrFile> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "txt"));
    paths.sort();
    let read = |path: PathBuf| {
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        fs::read_to_string(&path).ok().map(|text| FtrFile { name, text })
    };
    paths.into_iter().filter_map(read).collect()
}
