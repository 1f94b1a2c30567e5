//! What `train/pages` asks of the program: the words, labels and numbers of the blocks of a corpus, and its texts by a
//! model that is not the program's own.
//!
//!     pages words CORPUS OUT            OUT.json: a page a line: its signs, kind numbers, blocks with words and labels
//!     pages names                           the names of the numbers of a block, a line each
//!     pages rows  CORPUS MODEL IDS OUT  OUT: for every block of the pages a row of numbers (f32, little-endian)
//!     pages texts CORPUS MODEL IDS OUT  OUT/ID.txt: the text of each page; OUT/confidence.tsv
//!
//! IDS is a file with an id a line.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a tool of the developers that stops at the first fault"
)]

mod align;

use std::collections::HashSet;
use std::fs;
use std::io::{Read as _, Write as _};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use dehusk::clean::generic::model::Model;
use dehusk::clean::generic::{features, kind, numbers, training};
use dehusk::clean::segment::{HtmlBlock, Marks, segment};
use dehusk::clean::{CleanOptions, clean_by, render};
use dehusk::limits::Limits;
use dehusk::page::{Dom, Metadata, Page, PageHints, PageKind, RawPage, metadata};
use dehusk::rules::{RuleSet, shipped};
use serde_json::{Value, json};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["words", corpus, out] => write_lines(corpus, None, out, words),
        ["names"] => println!("{}", numbers::names().join("\n")),
        ["rows", corpus, model, ids, out] => {
            let model = read_model(model);
            write_bytes(corpus, &read_ids(ids), out, |_, bytes| rows(bytes, model));
        }
        ["texts", corpus, model, ids, out] => {
            fs::create_dir_all(out).unwrap();
            let model = read_model(model);
            let file = format!("{out}/confidence.tsv");
            write_bytes(corpus, &read_ids(ids), &file, |gold, bytes| {
                text(gold, bytes, model, out)
            });
        }
        _ => eprintln!("pages words CORPUS OUT | pages rows|texts CORPUS MODEL IDS OUT"),
    }
}

fn read_model(path: &str) -> &'static Model {
    Box::leak(Box::new(Model::parse(&fs::read(path).unwrap()).unwrap()))
}

fn read_ids(path: &str) -> HashSet<String> {
    fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect()
}

fn id(gold: &Value) -> &str {
    gold["id"].as_str().unwrap()
}

/// Works on the pages of a corpus with two threads; the answers in the order of the pages.
fn each_page(
    corpus: &str,
    ids: Option<&HashSet<String>>,
    work: impl Fn(&Value, &[u8]) -> Vec<u8> + Sync,
) -> Vec<Vec<u8>> {
    let gold: Vec<Value> = fs::read_to_string(format!("{corpus}/gold.jsonl"))
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|gold| ids.is_none_or(|ids| ids.contains(id(gold))))
        .collect();
    let next = AtomicUsize::new(0);
    let answers = Mutex::new(vec![Vec::new(); gold.len()]);
    let next_page = || {
        let at = next.fetch_add(1, Ordering::Relaxed);
        gold.get(at).map(|gold| (at, gold))
    };
    let help = || {
        while let Some((at, gold)) = next_page() {
            let answer = work(gold, &read_page(&format!("{corpus}/pages/{}.html.gz", id(gold))));
            answers.lock().unwrap()[at] = answer;
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(help);
        help();
    });
    answers.into_inner().unwrap()
}

fn read_page(path: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let file = fs::File::open(path).unwrap();
    flate2::read::GzDecoder::new(file).read_to_end(&mut bytes).unwrap();
    bytes
}

fn write_lines(corpus: &str, ids: Option<&HashSet<String>>, out: &str, work: fn(&Value, &[u8]) -> Value) {
    let mut file = std::io::BufWriter::new(fs::File::create(out).unwrap());
    for line in each_page(corpus, ids, |gold, bytes| work(gold, bytes).to_string().into_bytes()) {
        file.write_all(&line).unwrap();
        file.write_all(b"\n").unwrap();
    }
}

fn write_bytes(corpus: &str, ids: &HashSet<String>, out: &str, work: impl Fn(&Value, &[u8]) -> Vec<u8> + Sync) {
    let mut file = std::io::BufWriter::new(fs::File::create(out).unwrap());
    for bytes in each_page(corpus, Some(ids), work) {
        file.write_all(&bytes).unwrap();
    }
}

/// The blocks of a page as the generic cleaner sees them; none where it is no HTML page.
fn blocks(bytes: &[u8]) -> Option<(Dom, Metadata, Vec<HtmlBlock>)> {
    let raw = RawPage {
        bytes,
        hints: PageHints::default(),
    };
    let page = Page::decode(&raw).ok().filter(|page| page.kind == PageKind::Html)?;
    let dom = Dom::parse(&page.text, &Limits::default()).ok()?;
    let own = metadata::read(&dom);
    let blocks = segment(&dom, &Marks::default());
    Some((dom, own, blocks))
}

fn words(gold: &Value, bytes: &[u8]) -> Value {
    let Some((dom, own, blocks)) = blocks(bytes) else {
        return json!({ "id": id(gold), "blocks": [] });
    };
    let (signs, words) = training::words(&dom, &own, &blocks);
    let mut numbers = align::Numbers::default();
    let of_gold = numbers.of(gold["text"].as_str().unwrap_or_default());
    let of_blocks: Vec<Vec<u32>> = blocks.iter().map(|block| numbers.of(&block.block.text)).collect();
    let shares = align::shares(&of_blocks, &of_gold);
    let (page, all) = features::features(&dom, &own, &blocks, &Model::default());
    let blocks: Vec<Value> = words
        .iter()
        .zip(&of_blocks)
        .zip(shares.iter().zip(&all))
        .map(|((words, own), (share, features))| {
            json!([
                words.names.join(" "),
                words.wording.join(" "),
                own.len(),
                share,
                features.group_key
            ])
        })
        .collect();
    let kind_numbers: Vec<f32> = kind::values(&page).collect();
    json!({ "id": id(gold), "gold": of_gold.len(), "signs": signs, "numbers": kind_numbers, "blocks": blocks })
}

fn rows(bytes: &[u8], model: &Model) -> Vec<u8> {
    let Some((dom, own, blocks)) = blocks(bytes) else {
        return Vec::new();
    };
    let (page, all) = features::features(&dom, &own, &blocks, model);
    let of_page = numbers::of_page(&page);
    let row = |block| {
        of_page
            .iter()
            .copied()
            .chain(numbers::of_blocks(&page, std::slice::from_ref(block)))
    };
    all.iter().flat_map(row).flat_map(f32::to_le_bytes).collect()
}

fn text(gold: &Value, bytes: &[u8], model: &'static Model, out: &str) -> Vec<u8> {
    let raw = RawPage {
        bytes,
        hints: PageHints::default(),
    };
    let (rules, _) = RuleSet::assemble(shipped(), &[]);
    let options = CleanOptions { site_rules: false };
    let (text, confidence) = clean_by(&raw, &rules, options, &Limits::default(), model).map_or_else(
        |_| (String::new(), None),
        |extraction| (render::plain(&extraction, false), extraction.confidence),
    );
    fs::write(format!("{out}/{}.txt", id(gold)), text).unwrap();
    format!("{}\t{}\n", id(gold), confidence.unwrap_or_default()).into_bytes()
}
