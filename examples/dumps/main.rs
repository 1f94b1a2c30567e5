//! Makes the dumps that the line model is trained and measured on, and the rows of numbers for its trainer.
//!
//!     dumps render CORPUS OUT            OUT/STYLE/ID.txt for every style, and OUT/gold/ID.txt
//!     dumps rows CORPUS OUT              OUT.rows, OUT.facts and OUT.names for the trainer, OUT/cut/ID.txt
//!     dumps clean DUMPS MODEL IDS OUT    what stays of DUMPS/ID.txt for each line of IDS, by a model
//!     dumps whole DUMPS MODEL IDS        the numbers of each dump as a whole, line by line
//!     dumps features DUMP                the rows of one dump, to look at

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "a tool for those who train the model, which may fail loudly"
)]

mod align;
mod render;

use std::collections::HashMap;
use std::fs;
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use dehusk::clean::dump::features::{names, rows};
use dehusk::clean::dump::is_judged;
use dehusk::clean::dump::verdict::Paragraphs;
use dehusk::clean::trees::Trees;
use dehusk::page::lines::blocks;
use dehusk::page::{Block, Page, PageHints, RawPage};
use render::{STYLES, dump, pieces};

/// What is known of a page.
struct Known {
    id: String,
    gold: String,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["render", corpus, out] => render_all(Path::new(corpus), Path::new(out)),
        ["rows", corpus, out] => all_rows(Path::new(corpus), out),
        ["clean", dumps, model, ids, out] => clean(Path::new(dumps), model, ids, Path::new(out)),
        ["whole", dumps, model, ids] => wholes(Path::new(dumps), model, ids),
        ["features", dump] => print_features(dump),
        _ => println!("dumps render CORPUS OUT | rows CORPUS OUT | clean DUMPS MODEL IDS OUT"),
    }
}

fn known(corpus: &Path) -> Vec<Known> {
    let text = fs::read_to_string(corpus.join("gold.jsonl")).unwrap();
    let known = |line: &str| {
        let page: serde_json::Value = serde_json::from_str(line).unwrap();
        let field = |name: &str| page[name].as_str().unwrap_or_default().to_owned();
        Known {
            id: field("id"),
            gold: field("text"),
        }
    };
    text.lines().map(known).collect()
}

/// The dump of a page in each style.
fn dumps(corpus: &Path, id: &str) -> Vec<String> {
    let file = fs::File::open(corpus.join("pages").join(format!("{id}.html.gz"))).unwrap();
    let mut bytes = Vec::new();
    flate2::read::MultiGzDecoder::new(file).read_to_end(&mut bytes).unwrap();
    let raw = RawPage {
        bytes: &bytes,
        hints: PageHints::default(),
    };
    let Ok(page) = Page::decode(&raw) else {
        return vec![String::new(); STYLES.len()];
    };
    let (title, pieces) = pieces(&page.text);
    let with_title = |(at, (style, _)): (usize, &(render::Style, &str))| {
        let text = dump(&pieces, *style);
        if (lot(id) >> at) & 1 == 1 && !title.is_empty() {
            format!("{title}\n{text}")
        } else {
            text
        }
    };
    STYLES.iter().enumerate().map(with_title).collect()
}

/// A number that only the page decides, for all that is left to chance.
fn lot(id: &str) -> usize {
    id.bytes()
        .fold(7, |lot: usize, byte| lot.wrapping_mul(31).wrapping_add(byte.into()))
        >> 1
}

fn render_all(corpus: &Path, out: &Path) {
    for name in STYLES.iter().map(|(_, name)| *name).chain(["gold"]) {
        fs::create_dir_all(out.join(name)).unwrap();
    }
    for page in known(corpus) {
        for ((_, name), text) in STYLES.iter().zip(dumps(corpus, &page.id)) {
            fs::write(out.join(name).join(format!("{}.txt", page.id)), text).unwrap();
        }
        fs::write(out.join("gold").join(format!("{}.txt", page.id)), &page.gold).unwrap();
    }
}

/// The files that the trainer reads: rows of numbers, and six numbers about each: the page, the variant, the share of
/// its words that is gold, its words, the words of the gold, where it stands.
struct Output {
    rows: BufWriter<fs::File>,
    facts: BufWriter<fs::File>,
    /// A folder for the cuts, which are made on the way.
    cuts: PathBuf,
}

impl Output {
    fn write(&mut self, [page, variant, gold]: [usize; 3], lines: &[&Block], labels: &[Vec<bool>]) {
        let paragraphs = Paragraphs::of(lines);
        for number in rows(&paragraphs.survey) {
            self.rows.write_all(&number.to_le_bytes()).unwrap();
        }
        let mut rest = labels.iter();
        for (at, size) in paragraphs.sizes.iter().enumerate() {
            let words: Vec<bool> = rest.by_ref().take(*size).flatten().copied().collect();
            let right = words.iter().filter(|right| **right).count();
            let share = right as f32 / words.len().max(1) as f32;
            for number in [
                page as f32,
                variant as f32,
                share,
                words.len() as f32,
                gold as f32,
                at as f32,
            ] {
                self.facts.write_all(&number.to_le_bytes()).unwrap();
            }
        }
    }
}

fn all_rows(corpus: &Path, out: &str) {
    let file = |ending: &str| BufWriter::new(fs::File::create(format!("{out}.{ending}")).unwrap());
    let mut output = Output {
        rows: file("rows"),
        facts: file("facts"),
        cuts: Path::new(out).join("cut"),
    };
    fs::create_dir_all(&output.cuts).unwrap();
    for (number, page) in known(corpus).iter().enumerate() {
        page_rows(&mut output, corpus, number, page);
    }
    fs::write(format!("{out}.names"), names().collect::<Vec<_>>().join("\n")).unwrap();
}

/// Two styles, a cut of one of them, and the gold itself, of which nothing should go.
fn page_rows(output: &mut Output, corpus: &Path, number: usize, page: &Known) {
    let mut table = HashMap::new();
    let gold = align::words(&page.gold, &mut table);
    let dumps = dumps(corpus, &page.id);
    let chance = lot(&page.id);
    for (turn, variant) in [chance % 5, (chance + 2) % 5].into_iter().enumerate() {
        let found = blocks(&dumps[variant]);
        let lines: Vec<&Block> = found.iter().collect();
        let words: Vec<Vec<u32>> = lines.iter().map(|line| align::words(&line.text, &mut table)).collect();
        let Some(labels) = align::align(&words, &gold) else {
            println!("{}: too long, left out", page.id);
            continue;
        };
        output.write([number, variant, gold.len()], &lines, &labels);
        if turn == 0 {
            let (from, to) = cut(&labels, chance);
            let text: Vec<&str> = lines[from..to].iter().map(|line| line.text.as_str()).collect();
            fs::write(output.cuts.join(format!("{}.txt", page.id)), text.join("\n")).unwrap();
            output.write([number, 5, gold.len()], &lines[from..to], &labels[from..to]);
        }
    }
    let found = blocks(&page.gold);
    let lines: Vec<&Block> = found.iter().collect();
    let mut right = |line: &&Block| vec![true; align::words(&line.text, &mut table).len()];
    let labels: Vec<Vec<bool>> = lines.iter().map(&mut right).collect();
    output.write([number, 6, gold.len()], &lines, &labels);
}

/// A cut around the gold, as careful dumpers make it: some lines more on both sides.
fn cut(labels: &[Vec<bool>], chance: usize) -> (usize, usize) {
    let is_right = |words: &Vec<bool>| words.iter().filter(|right| **right).count() * 2 > words.len();
    let first = labels.iter().position(is_right).unwrap_or(0);
    let last = labels.iter().rposition(is_right).map_or(labels.len(), |last| last + 1);
    let (before, after) = ((chance >> 3) % 8, (chance >> 7) % 40);
    (first.saturating_sub(before), labels.len().min(last + after))
}

/// Visits the dumps that a file names, line by line, each with how sure a model is of its paragraphs.
fn each(dumps: &Path, model: &str, ids: &str, mut visit: impl FnMut(&str, &[Block], &Paragraphs, &[f32])) {
    let model = Trees::parse(&fs::read(model).unwrap()).unwrap();
    assert!(model.features().iter().map(String::as_str).eq(names()), "train anew");
    for id in fs::read_to_string(ids).unwrap().lines() {
        let name = format!("{id}.txt");
        let Ok(text) = fs::read_to_string(dumps.join(&name)) else {
            continue;
        };
        let found = blocks(&text);
        let paragraphs = Paragraphs::of(&found.iter().collect::<Vec<_>>());
        let certainties = paragraphs.certainties(&model);
        visit(&name, &found, &paragraphs, &certainties);
    }
}

/// Prints what is known of dumps as a whole, of those that are judged at all.
fn wholes(dumps: &Path, model: &str, ids: &str) {
    each(dumps, model, ids, |_, lines, paragraphs, certainties| {
        if is_judged(&lines.iter().collect::<Vec<_>>(), &paragraphs.sizes) {
            let numbers = paragraphs.whole(certainties).map(|number| number.to_string());
            println!("{}", numbers.join("\t"));
        }
    });
}

fn clean(dumps: &Path, model: &str, ids: &str, out: &Path) {
    fs::create_dir_all(out).unwrap();
    each(dumps, model, ids, |name, lines, paragraphs, certainties| {
        let mut rest = lines.iter();
        let mut text = String::new();
        let kept = if is_judged(&lines.iter().collect::<Vec<_>>(), &paragraphs.sizes) {
            paragraphs.kept(certainties)
        } else {
            vec![true; paragraphs.sizes.len()]
        };
        for (kept, size) in kept.into_iter().zip(&paragraphs.sizes) {
            let own = rest.by_ref().take(*size);
            own.filter(|_| kept)
                .for_each(|line| text.extend([line.text.as_str(), "\n"]));
        }
        fs::write(out.join(name), text).unwrap();
    });
}

fn print_features(dump: &str) {
    let found = blocks(&fs::read_to_string(dump).unwrap());
    let page = Paragraphs::of(&found.iter().collect::<Vec<_>>());
    for row in rows(&page.survey).chunks(names().count()) {
        println!(
            "{}",
            row.iter()
                .map(|number| format!("{number:.3}"))
                .collect::<Vec<_>>()
                .join("\t")
        );
    }
}
