//! What learned rules are worth: for every site with several pages, rules are learned from all pages but one and clean
//! the one that was left out.
//!
//! `cargo bench --bench learn` takes the pages of the corpora beside the project and says so where they are not there.
//! `cargo bench --bench learn -- NAME` takes the sites whose name holds NAME and prints every page.
//! `cargo bench --bench learn -- --models FOLDER` judges every page by a model that was not trained on its domain; FOLDER is
//! the one that `train/pages` worked in. Without it the program's own model judges, which was trained on these pages.
//! `--fewer` takes sites with one page less too: for harm that the others don't show.

#![expect(
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark prints figures and may panic"
)]

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use dehusk::clean::generic::model::Model;
use dehusk::clean::render::plain;
use dehusk::clean::segment::{Marks, segment};
use dehusk::clean::{CleanOptions, Method, clean_by};
use dehusk::learn::{Sample, Samples, learn, learn_by};
use dehusk::limits::Limits;
use dehusk::page::{Dom, Page, PageHints, RawPage};
use dehusk::page_file;
use dehusk::rules::{RuleFile, RuleSet, shipped};
use dehusk::toml_file::SourceFile;

/// Fewest pages of a site: of the pages of many sites, and of dated pages of publishers.
const SITE_PAGES_MIN: usize = 4;
const PUBLISHER_PAGES_MIN: usize = 3;

/// The publisher whose pages all have one layout.
const ONE_LAYOUT: &str = "kr.MBN";

/// Resamples for an interval.
const RESAMPLES: usize = 2000;

/// The name that every site goes by.
const SITE: &str = "site.example";

struct Case {
    id: String,
    bytes: Vec<u8>,
    gold: String,
    model: &'static Model,
}

/// F1 of one page: without rules, with learned rules, with rules written by hand where there are some.
#[derive(Clone, Copy)]
struct Scores {
    generic: f64,
    learned: f64,
    hand: Option<f64>,
}

fn main() {
    let mut arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    let fewer = usize::from(arguments.iter().any(|argument| argument == "--fewer"));
    arguments.retain(|argument| argument != "--fewer");
    let (wanted, models) = match arguments.as_slice() {
        [option, folder, rest @ ..] if option == "--models" => (rest.first().cloned(), Some(PathBuf::from(folder))),
        rest => (rest.first().cloned(), None),
    };
    match &models {
        Some(folder) => println!(
            "judged by models that have not seen the domain, of {}",
            folder.display()
        ),
        None => println!("judged by the program's own model, which was trained on these pages"),
    }
    let models = Models::read(models.as_deref());
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora");
    if !corpora.exists() {
        println!("skipped: there are no pages in {}", corpora.display());
        return;
    }
    let many = sites(&corpora.join("wcxb-dev"), &models, &|fields| {
        host(fields["url"].as_str()?)
    });
    let dated = sites(&corpora.join("fundus-dev"), &models, &|fields| {
        Some(fields["id"].as_str()?.split("_20").next()?.to_owned())
    });
    let mut one_layout = many;
    one_layout.retain(|_, cases| cases.len() + fewer >= SITE_PAGES_MIN);
    let mut changing = dated;
    changing.retain(|_, cases| cases.len() + fewer >= PUBLISHER_PAGES_MIN);
    one_layout.extend(changing.remove_entry(ONE_LAYOUT));
    for (title, sites) in [("one layout", &one_layout), ("layouts that change", &changing)] {
        table(&format!("HTML, {title}"), sites, wanted.as_deref(), &html_scores);
    }
    table("text dumps, one layout", &one_layout, wanted.as_deref(), &dump_scores);
    time(&one_layout);
}

/// The model that judges each page.
struct Models {
    of: HashMap<String, &'static Model>,
}

impl Models {
    /// The models of a folder of the training, each for the pages that it was not trained on.
    fn read(folder: Option<&Path>) -> Self {
        let mut of = HashMap::new();
        for fold in 0.. {
            let Some(bytes) = folder.and_then(|folder| fs::read(folder.join(format!("fold-{fold}.model"))).ok()) else {
                break;
            };
            let model: &'static Model = Box::leak(Box::new(Model::parse(&bytes).unwrap()));
            for corpus in ["wcxb-dev", "fundus-dev"] {
                let path = folder.unwrap().join(format!("texts-{corpus}/confidence-{fold}.tsv"));
                let ids = fs::read_to_string(path).unwrap();
                of.extend(
                    ids.lines()
                        .filter_map(|line| Some((line.split('\t').next()?.to_owned(), model))),
                );
            }
        }
        Self { of }
    }

    fn of(&self, id: &str) -> &'static Model {
        self.of.get(id).copied().unwrap_or_else(Model::shipped)
    }
}

fn host(url: &str) -> Option<String> {
    let host = url.split('/').nth(2)?;
    Some(host.trim_start_matches("www.").to_owned())
}

/// The pages of a corpus by site.
fn sites(
    folder: &Path,
    models: &Models,
    site: &dyn Fn(&serde_json::Value) -> Option<String>,
) -> BTreeMap<String, Vec<Case>> {
    let mut found: BTreeMap<String, Vec<Case>> = BTreeMap::new();
    for line in fs::read_to_string(folder.join("gold.jsonl"))
        .unwrap_or_default()
        .lines()
    {
        let fields: serde_json::Value = serde_json::from_str(line).unwrap();
        let (Some(id), Some(site)) = (fields["id"].as_str(), site(&fields)) else {
            continue;
        };
        let path: PathBuf = folder.join(format!("pages/{id}.html.gz"));
        let Ok(file) = fs::File::open(path) else { continue };
        found.entry(site).or_default().push(Case {
            id: id.to_owned(),
            bytes: page_file::read(file, &Limits::default()).unwrap(),
            gold: fields["text"].as_str().unwrap_or_default().to_owned(),
            model: models.of(id),
        });
    }
    found
}

/// Scores the page of a number among those of a site by what the others teach; with what was learned.
type Score<'a> = dyn Fn(&str, &[Case], usize) -> (Scores, String) + 'a;

/// Scores every page of every site and prints a row for each site and the means.
fn table(title: &str, sites: &BTreeMap<String, Vec<Case>>, wanted: Option<&str>, score: &Score<'_>) {
    println!(
        "\n{title}\n{:<28} {:>5} {:>8} {:>8} {:>8} {:>8}",
        "site", "pages", "generic", "learned", "gain", "by hand"
    );
    let (mut means, mut by_hand): (Vec<Scores>, Vec<Scores>) = (Vec::new(), Vec::new());
    for (site, cases) in sites
        .iter()
        .filter(|(site, _)| wanted.is_none_or(|wanted| site.contains(wanted)))
    {
        let mut scores = Vec::new();
        for at in 0..cases.len() {
            let (found, note) = score(site, cases, at);
            if wanted.is_some() {
                println!(
                    "  {} {:.3} {:.3} {:?} {note}",
                    cases[at].id, found.generic, found.learned, found.hand
                );
            }
            scores.push(found);
        }
        let compared: Vec<Scores> = scores.iter().copied().filter(|scores| scores.hand.is_some()).collect();
        let of_all = mean(&scores);
        row(site, scores.len(), of_all);
        means.push(of_all);
        if !compared.is_empty() && compared.len() < scores.len() {
            row("  where rules by hand count", compared.len(), mean(&compared));
        }
        by_hand.extend((!compared.is_empty()).then(|| mean(&compared)));
    }
    if means.is_empty() {
        return;
    }
    row("mean over sites", means.len(), mean(&means));
    let gains: Vec<f64> = means.iter().map(|mean| mean.learned - mean.generic).collect();
    let (low, high) = interval(&gains);
    let worse = gains.iter().filter(|gain| **gain < -0.005).count();
    println!("gain, 95 % interval over sites: {low:+.4} to {high:+.4}; worse by more than 0.005 on {worse} sites");
    if !by_hand.is_empty() {
        row("of them with rules by hand", by_hand.len(), mean(&by_hand));
    }
}

fn row(name: &str, count: usize, mean: Scores) {
    let hand = mean.hand.map_or_else(String::new, |hand| format!("{hand:.4}"));
    let gain = mean.learned - mean.generic;
    println!(
        "{name:<28} {count:>5} {:>8.4} {:>8.4} {gain:>+8.4} {hand:>8}",
        mean.generic, mean.learned
    );
}

fn mean(scores: &[Scores]) -> Scores {
    let of = |value: &dyn Fn(&Scores) -> f64| scores.iter().map(value).sum::<f64>() / scores.len().max(1) as f64;
    let hand = scores.iter().all(|scores| scores.hand.is_some());
    Scores {
        generic: of(&|scores| scores.generic),
        learned: of(&|scores| scores.learned),
        hand: hand.then(|| of(&|scores| scores.hand.unwrap_or_default())),
    }
}

/// A percentile bootstrap of a mean, the same in every run.
fn interval(values: &[f64]) -> (f64, f64) {
    let mut state = 1_u64;
    let mut next = |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    };
    let mut means: Vec<f64> = (0..RESAMPLES)
        .map(|_| values.iter().map(|_| values[next(values.len())]).sum::<f64>() / values.len() as f64)
        .collect();
    means.sort_by(f64::total_cmp);
    (means[RESAMPLES / 40], means[RESAMPLES - 1 - RESAMPLES / 40])
}

fn samples_without(cases: &[Case], left_out: usize, bytes: &dyn Fn(&Case) -> Vec<u8>) -> Samples {
    let others = cases
        .iter()
        .enumerate()
        .filter(|(at, case)| *at != left_out && case.bytes != cases[left_out].bytes);
    let sample = |(_, case): (usize, &Case)| Sample {
        name: format!("{}.html", case.id),
        bytes: bytes(case),
    };
    Samples {
        pages: others.map(sample).collect(),
        site: Some(SITE.to_owned()),
        ..Samples::default()
    }
}

/// The text of a page, and whether rules told its main content.
fn text(bytes: &[u8], rules: &RuleSet, site: Option<&str>, model: &Model) -> (String, Method) {
    let hints = PageHints {
        site: site.map(str::to_owned),
        ..PageHints::default()
    };
    let options = CleanOptions {
        site_rules: site.is_some(),
    };
    let extraction = clean_by(&RawPage { bytes, hints }, rules, options, &Limits::default(), model).unwrap();
    (plain(&extraction, false), extraction.method)
}

fn rules(text: &str) -> RuleSet {
    let (file, faults) = RuleFile::parse(&SourceFile::new("learned", text.to_owned()));
    let file = file.unwrap_or_else(|| panic!("{:?}", faults.first().map(ToString::to_string)));
    RuleSet::assemble(shipped(), &[Arc::new(file)]).0
}

fn html_scores(site: &str, cases: &[Case], at: usize) -> (Scores, String) {
    let case = &cases[at];
    let generic = f1(
        &text(&case.bytes, &RuleSet::assemble(shipped(), &[]).0, None, case.model).0,
        &case.gold,
    );
    let samples = samples_without(cases, at, &|case| case.bytes.clone());
    let learned = learn_by(&samples, &Limits::default(), case.model).unwrap();
    let hand =
        by_hand(site, &case.id).map(|rules| f1(&text(&case.bytes, &rules, Some(SITE), case.model).0, &case.gold));
    let patterns: Vec<&str> = learned.rules.iter().map(|rule| rule.pattern.as_str()).collect();
    if !learned.doubts.is_empty() {
        return (
            Scores {
                generic,
                learned: generic,
                hand,
            },
            learned.doubts.join("; "),
        );
    }
    let (found, method) = text(&case.bytes, &rules(&learned.text), Some(SITE), case.model);
    let score = f1(&found, &case.gold);
    (
        Scores {
            generic,
            learned: score,
            hand,
        },
        format!("{method:?} {:?} {patterns:?}", learned.estimate),
    )
}

/// Rules for a site that a person wrote. Its first line names the page that the person looked at, which is not scored.
fn by_hand(site: &str, page: &str) -> Option<RuleSet> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("benches/learn/{site}.toml"));
    let text = fs::read_to_string(path).ok()?;
    if text.lines().next().is_some_and(|line| line.ends_with(page)) {
        return None;
    }
    Some(rules(&format!("schema = 1\nsite = \"{SITE}\"\n{text}")))
}

/// A page as a dumper without any care writes it: every block of the body on a line.
fn dump(case: &Case) -> Vec<u8> {
    let raw = RawPage {
        bytes: &case.bytes,
        hints: PageHints::default(),
    };
    let page = Page::decode(&raw).unwrap();
    let Ok(dom) = Dom::parse(&page.text, &Limits::default()) else {
        return b"-".to_vec();
    };
    let blocks = segment(&dom, &Marks::default()).into_iter();
    let lines: Vec<String> = blocks.map(|block| block.block.text.replace('\n', " ")).collect();
    lines.join("\n").into_bytes()
}

/// For dumps, "by hand" is keeping everything: nobody has written rules for them.
fn dump_scores(_: &str, cases: &[Case], at: usize) -> (Scores, String) {
    let (case, bytes) = (&cases[at], dump(&cases[at]));
    let everything = f1(&String::from_utf8_lossy(&bytes), &case.gold);
    let generic = f1(
        &text(&bytes, &RuleSet::assemble(shipped(), &[]).0, None, case.model).0,
        &case.gold,
    );
    let learned = learn(&samples_without(cases, at, &dump), &Limits::default()).unwrap();
    if !learned.doubts.is_empty() {
        let scores = Scores {
            generic,
            learned: generic,
            hand: Some(everything),
        };
        return (scores, learned.doubts.join("; "));
    }
    let (found, _) = text(&bytes, &rules(&learned.text), Some(SITE), case.model);
    let keys: Vec<&str> = learned.rules.iter().map(|rule| rule.pattern.as_str()).take(8).collect();
    let scores = Scores {
        generic,
        learned: f1(&found, &case.gold),
        hand: Some(everything),
    };
    (
        scores,
        format!("{} rules {:?} {keys:?}", learned.rules.len(), learned.estimate),
    )
}

/// Word F1 as the public scorers of main-content extraction count it.
fn f1(found: &str, gold: &str) -> f64 {
    let (found, gold) = (bag(found), bag(gold));
    let hits: usize = found
        .iter()
        .map(|(word, count)| (*count).min(gold.get(word).copied().unwrap_or(0)))
        .sum();
    let all: usize = found.values().chain(gold.values()).sum();
    if all == 0 { 1.0 } else { 2.0 * hits as f64 / all as f64 }
}

fn bag(text: &str) -> HashMap<String, usize> {
    let mut bag = HashMap::new();
    let text = text.to_lowercase();
    for word in text
        .split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .filter(|word| !word.is_empty())
    {
        *bag.entry(word.to_owned()).or_insert(0) += 1;
    }
    bag
}

/// How long it takes to learn from twenty pages of about 300 KB.
fn time(sites: &BTreeMap<String, Vec<Case>>) {
    let large = |case: &&Case| (200_000..500_000).contains(&case.bytes.len());
    let sizes = |cases: &Vec<Case>| cases.iter().filter(large).count();
    let Some(cases) = sites
        .values()
        .max_by_key(|cases| sizes(cases))
        .filter(|cases| sizes(cases) > 0)
    else {
        return;
    };
    let pages: Vec<Sample> = cases
        .iter()
        .filter(large)
        .cycle()
        .take(20)
        .enumerate()
        .map(|(at, case)| Sample {
            name: format!("{at}.html"),
            bytes: case.bytes.clone(),
        })
        .collect();
    let bytes: usize = pages.iter().map(|page| page.bytes.len()).sum();
    let samples = Samples {
        pages,
        site: Some(SITE.to_owned()),
        ..Samples::default()
    };
    let start = Instant::now();
    let learned = learn(&samples, &Limits::default()).unwrap();
    println!(
        "\n20 pages, {} KB: {:.2} s, {} rules",
        bytes / 1000,
        start.elapsed().as_secs_f64(),
        learned.rules.len()
    );
}
