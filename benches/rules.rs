//! What rules cost: a page by the number of its site's rules, and how long a saved rule file takes to be in force.
//!
//! `cargo bench --bench rules`. Sizes take turns in each round, so that a machine whose speed drifts drifts for all.

#![expect(
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a benchmark prints figures, and writes the rule files that it is about"
)]

use std::hint::black_box;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};
use std::{fs, thread};

use dehusk::clean::{CleanOptions, clean};
use dehusk::limits::Limits;
use dehusk::page::{PageHints, RawPage};
use dehusk::rules::{RuleFile, RuleSet};
use dehusk::toml_file::SourceFile;

/// Rules of each kind that a site has.
const SIZES: [usize; 5] = [0, 5, 50, 500, 2_000];

/// Times that every size cleans the page.
const ROUNDS: usize = 60;

/// Rule files that the daemon has.
const SITES: usize = 2_000;

/// Changes of one of them.
const CHANGES: usize = 20;

/// How long a change is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

fn main() {
    by_rules_of_the_site();
    reload();
}

/// A page of about 40 KB with many elements and classes.
fn page() -> String {
    let mut page = String::from("<html><head><title>Harbour</title></head><body>");
    for number in 0..300 {
        page += &format!(
            "<div class='row row-{number}'><p class='text' id='p{number}'>The ferry left the harbour at {number} past nine, an hour late, with half its load.</p><a class='more' href='/{number}'>More</a></div>"
        );
    }
    page + "</body></html>"
}

/// So many selectors, drop lines and cuts that all miss the page: the most that rules can cost.
fn site(size: usize) -> String {
    let list = |make: &dyn Fn(usize) -> String| (0..size).map(make).collect::<Vec<_>>().join(", ");
    format!(
        "schema = 1\nsite = \"a.example\"\n[html]\nstrip = [{}]\n[text]\ndrop-line = [{}]\ncut-from = [{}]\n",
        list(&|n| format!("\"div.gone-{n} > p.text, #gone{n}\"")),
        list(&|n| format!("\"Gone {n} *\"")),
        list(&|n| format!("{{ re = '^Gone \\d+ {n}$' }}")),
    )
}

fn by_rules_of_the_site() {
    let page = page();
    let sets: Vec<RuleSet> = SIZES.iter().map(|size| assembled(&site(*size))).collect();
    let mut times: Vec<Vec<Duration>> = vec![Vec::new(); SIZES.len()];
    for _ in 0..ROUNDS {
        for (rules, times) in sets.iter().zip(&mut times) {
            times.push(cleaning(&page, rules));
        }
    }
    let middle = |times: &mut Vec<Duration>| {
        times.sort();
        times[times.len() / 2].as_secs_f64() * 1e3
    };
    let bare = middle(&mut times[0]);
    println!(
        "a page of {} KB by the rules of its site; the middle of {ROUNDS} rounds",
        page.len() / 1000
    );
    for (size, times) in SIZES.iter().zip(&mut times) {
        let time = middle(times);
        println!(
            "{:>6} selectors, {size:>5} drop lines, {size:>5} cuts  {time:>8.3} ms  {:>5.2} x",
            size,
            time / bare
        );
    }
}

fn assembled(text: &str) -> RuleSet {
    let (file, faults) = RuleFile::parse(&SourceFile::new("a.toml", text));
    assert!(faults.is_empty(), "{}", faults[0]);
    RuleSet::assemble(&[], &[Arc::new(file.expect("a sound file"))]).0
}

fn cleaning(page: &str, rules: &RuleSet) -> Duration {
    let hints = PageHints {
        site: Some("a.example".to_owned()),
        ..PageHints::default()
    };
    let raw = RawPage {
        bytes: page.as_bytes(),
        hints,
    };
    let start = Instant::now();
    black_box(clean(&raw, rules, CleanOptions::default(), &Limits::default())).expect("a sound page");
    start.elapsed()
}

/// A running daemon with many rule files: how long from the save of one to the new rules in force.
fn reload() {
    let folder = tempfile::tempdir().expect("a folder for the daemon");
    let sites = folder.path().join("rules/sites");
    fs::create_dir_all(&sites).expect("a fresh folder");
    let text = |site: usize, line: usize| {
        format!(
            "schema = 1\nsite = \"s{site}.example\"\n[html]\nstrip = [\".share\", \"div.promo p\"]\n[text]\ndrop-line = [\"Menu {line}\", \"Read also *\"]\n"
        )
    };
    for number in 0..SITES {
        fs::write(sites.join(format!("s{number}.toml")), text(number, 0)).expect("a fresh folder");
    }
    // Else one of the machine would count.
    fs::write(folder.path().join("dehusk.toml"), "").expect("a fresh folder");
    let mut daemon = Command::new(env!("CARGO_BIN_EXE_dehusk"))
        .arg("run")
        .current_dir(folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the daemon starts");
    let log = lines(daemon.stderr.take().expect("its log"));
    wait_for(&log, "drop pages into");
    let mut times: Vec<Duration> = (1..=CHANGES).map(|line| change(&sites, &text(7, line), &log)).collect();
    daemon.kill().expect("the daemon is there");
    daemon.wait().expect("the daemon is there");
    times.sort();
    println!(
        "{SITES} rule files, one saved: in force after {:.0} ms at least, {:.0} ms in the middle, {:.0} ms at most ({CHANGES} changes)",
        times[0].as_secs_f64() * 1e3,
        times[CHANGES / 2].as_secs_f64() * 1e3,
        times[CHANGES - 1].as_secs_f64() * 1e3
    );
}

/// Saves as editors do, and waits until the daemon says that the rules are loaded.
fn change(sites: &Path, text: &str, log: &Receiver<String>) -> Duration {
    let new = sites.join(".s7.toml.new");
    fs::write(&new, text).expect("the folder is ours");
    let start = Instant::now();
    fs::rename(&new, sites.join("s7.toml")).expect("the folder is ours");
    wait_for(log, "rules loaded");
    start.elapsed()
}

fn lines(log: impl std::io::Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for line in BufReader::new(log).lines().map_while(Result::ok) {
            // Nobody listens any more at the end.
            drop(sender.send(line));
        }
    });
    receiver
}

fn wait_for(log: &Receiver<String>, words: &str) {
    loop {
        let line = log.recv_timeout(PATIENCE).expect("the daemon says what it does");
        if line.contains(words) {
            return;
        }
    }
}
