//! What each stage of cleaning costs, as a ratio to `scraper::Html::parse_document` on the same pages in the same run.
//!
//! `cargo bench --bench stages` takes the pages of the corpora beside the project where they are there, and the pages
//! of the tests otherwise. Stages take turns page by page, so that a machine whose speed drifts drifts for all of them.

#![expect(
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a benchmark prints figures"
)]

use std::fs;
use std::hint::black_box;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use dehusk::clean::render::plain;
use dehusk::clean::segment::{Marks, segment};
use dehusk::clean::{CleanOptions, clean};
use dehusk::limits::Limits;
use dehusk::page::tokeniser::{Tokeniser, source};
use dehusk::page::{Dom, Page, PageHints, PageKind, RawPage, metadata};
use dehusk::rules::{RuleSet, shipped};
use html5ever::tokenizer::{Token, TokenSink, TokenSinkResult};

/// Pages that are measured at most.
const PAGES_MAX: usize = 300;

/// Times that every stage sees every page.
const ROUNDS: usize = 3;

/// What is measured; the first is what the others are compared with. What a stage makes is dropped outside its time
/// unless it says otherwise. Cleaning holds decoding, parsing, dropping the tree, and all between them.
const STAGES: [&str; 10] = [
    "scraper parse_document",
    "the same, and drop",
    "decode",
    "tokens alone",
    "parse",
    "parse, and drop",
    "metadata",
    "segment",
    "clean (whole)",
    "render",
];

/// Takes tokens and does nothing with them.
struct Nothing;

impl TokenSink for Nothing {
    type Handle = ();

    fn process_token(&self, token: Token, _line_number: u64) -> TokenSinkResult<()> {
        black_box(token);
        TokenSinkResult::Continue
    }
}

fn main() {
    let pages = pages();
    let bytes: usize = pages.iter().map(Vec::len).sum();
    let (rules, _) = RuleSet::assemble(shipped(), &[]);
    let mut times = [Duration::ZERO; STAGES.len()];
    for _ in 0..ROUNDS {
        for page in &pages {
            measure(page, &rules, &mut times);
        }
    }
    let runs = u32::try_from(ROUNDS * pages.len()).expect("few pages");
    println!("{} pages, {:.1} MB, {ROUNDS} rounds", pages.len(), bytes as f64 / 1e6);
    println!("{:<24} {:>10} {:>8} {:>8}", "stage", "ms a page", "MB/s", "ratio");
    for (stage, time) in STAGES.iter().zip(times) {
        let seconds = time.as_secs_f64();
        let rate = bytes as f64 * ROUNDS as f64 / 1e6 / seconds;
        println!(
            "{stage:<24} {:>10.3} {rate:>8.1} {:>8.2}",
            (time / runs).as_secs_f64() * 1e3,
            seconds / times[0].as_secs_f64()
        );
    }
}

fn measure(bytes: &[u8], rules: &RuleSet, times: &mut [Duration; STAGES.len()]) {
    let limits = Limits::default();
    let raw = RawPage {
        bytes,
        hints: PageHints::default(),
    };
    let Ok(page) = Page::decode(&raw) else { return };
    if page.kind != PageKind::Html {
        return;
    }
    let Ok(dom) = Dom::parse(&page.text, &limits) else {
        return;
    };
    let Ok(extraction) = clean(&raw, rules, CleanOptions::default(), &limits) else {
        return;
    };
    let text: &str = &page.text;
    let parse = || Dom::parse(text, &limits);
    let options = CleanOptions::default();
    time(&mut times[0], || scraper::Html::parse_document(text));
    time(&mut times[1], || drop(scraper::Html::parse_document(text)));
    time(&mut times[2], || Page::decode(&raw).map(|page| page.text.len()));
    time(&mut times[3], || {
        Tokeniser::new(&source(text), Nothing, usize::MAX).run();
    });
    time(&mut times[4], parse);
    time(&mut times[5], || drop(parse()));
    time(&mut times[6], || metadata::read(&dom));
    time(&mut times[7], || segment(&dom, &Marks::default()));
    time(&mut times[8], || clean(&raw, rules, options, &limits));
    time(&mut times[9], || plain(&extraction, true));
}

fn time<T>(sum: &mut Duration, stage: impl FnOnce() -> T) {
    let start = Instant::now();
    let made = black_box(stage());
    *sum += start.elapsed();
    drop(made);
}

fn pages() -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = files(&root.join("../shared/corpora/wcxb-dev/pages"));
    if paths.is_empty() {
        println!("the corpora beside the project are absent: the pages of the tests are measured");
        paths = files(&root.join("tests/cases"));
        paths.retain(|path| path.ends_with("input.html"));
    }
    let step = paths.len().div_ceil(PAGES_MAX).max(1);
    paths.iter().step_by(step).map(|path| read(path)).collect()
}

fn read(path: &Path) -> Vec<u8> {
    let bytes = fs::read(path).expect("a page that was listed");
    if path.extension().is_none_or(|ending| ending != "gz") {
        return bytes;
    }
    let mut unpacked = Vec::new();
    flate2::read::MultiGzDecoder::new(bytes.as_slice())
        .read_to_end(&mut unpacked)
        .expect("a sound gzip file");
    unpacked
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut found: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] })
        .collect();
    found.sort();
    found
}
