//! Learns a site's rules from a few of its pages: pages in, a rule file with its evidence and tests out.
//!
//! What repeats from page to page is the template, what varies where the generic cleaner finds main content is the
//! article. See `docs/learn.md` for how it decides.

mod candidates;
mod check;
mod choice;
mod dump_lines;
mod dumps;
mod error;
mod fields;
mod generalise;
mod held;
mod html;
mod labels;
mod layouts;
mod looks;
mod names;
mod read;
mod relearn;
mod rule;
mod study;
mod suggest;
mod teasers;
mod worth;
mod write;

use std::sync::Arc;

pub use check::Estimate;
pub use error::LearnError;
pub use relearn::{Relearned, relearn};
pub use rule::LearnedRule;
pub use suggest::{Suggestion, Survey};

use crate::clean::generic::model::Model;
use crate::clean::{CleanOptions, clean};
use crate::limits::Limits;
use crate::page::{PageHints, RawPage};
use crate::rules::{RuleFile, RuleSet, shipped};
use crate::toml_file::SourceFile;
use read::{Chosen, Read};
use study::StudiedPage;
use write::{Contents, Layout};

/// Tests that a learned file gets.
const TESTS_MAX: usize = 5;

/// The share of the generic cleaner's disagreement with the site as a whole that rules have to take away. With less, the
/// samples don't tell better from worse.
const MENDED_MIN: f64 = 0.05;

/// Least gain in agreement of a file with a container, which takes the judging from the generic cleaner for good: less is
/// within what a sample more or less would change.
const CONTAINER_GAIN_MIN: f64 = 0.002;

/// Most of what is surely a page's main content that rules may lose.
const LOST_MAX: f64 = 0.05;

/// What is said of a page of a layout of its own.
const LONE_LAYOUT: &str = "One page has a layout of its own: nothing was learned from it.";

/// What is said where rules for the text were found and are not proposed.
const METADATA_ALONE: &str = "Rules for the text did no better than the generic cleaner, and are left out.";

/// What is said where the rules of a layout can't be told from others.
const UNMARKED_LAYOUT: &str = "One layout has no element that tells it from the others: its rules are left out.";

/// A sample page.
#[derive(Debug, Clone)]
pub struct Sample {
    /// Its path as the rule file's tests shall name it.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// What is learned from.
#[derive(Debug, Clone, Default)]
pub struct Samples {
    /// Pages of the site.
    pub pages: Vec<Sample>,
    /// Pages of other sites, which the fingerprint must not fit.
    pub others: Vec<Sample>,
    /// The site's name, where the pages don't tell it.
    pub site: Option<String>,
}

/// What was learned.
#[derive(Debug, Clone)]
pub struct Learned {
    /// The site's name.
    pub site: String,
    /// The rule file.
    pub text: String,
    /// Its rules, those of variants included.
    pub rules: Vec<LearnedRule>,
    /// How the rules do on samples that they have not seen.
    pub estimate: Option<Estimate>,
    /// Why the file should not be used as it is; empty where it should.
    pub doubts: Vec<String>,
    /// Samples that could not be read, each with the reason.
    pub unread: Vec<String>,
}

/// What learning goes by.
struct Learner<'a> {
    samples: &'a Samples,
    site: String,
    hosts: Vec<String>,
    others: Vec<Vec<String>>,
    limits: &'a Limits,
    model: &'a Model,
}

/// Learns a site's rules. The same samples give the same file.
pub fn learn(samples: &Samples, limits: &Limits) -> Result<Learned, LearnError> {
    learn_by(samples, limits, Model::shipped())
}

/// Learns by another model of the generic cleaner than the program's own: to measure models.
pub fn learn_by(samples: &Samples, limits: &Limits, model: &Model) -> Result<Learned, LearnError> {
    let read = Read::from(&samples.pages, limits, model);
    if read.count() == 0 {
        return Err(LearnError::NoPages { unread: read.unread });
    }
    let commonest = read.hosts.iter().max_by_key(|(_, count)| **count);
    let commonest = commonest.map(|(host, _)| host.clone());
    let others = Read::from(&samples.others, limits, model);
    let learner = Learner {
        samples,
        site: samples.site.clone().or(commonest).ok_or(LearnError::UnknownSite)?,
        hosts: read.hosts.keys().cloned().collect(),
        others: others.dumps().into_iter().map(<[String]>::to_vec).collect(),
        limits,
        model,
    };
    let mut contents = learner.contents(&read.all());
    let mut estimate = if contents.has_rules() {
        check::estimate(&learner, &read)
    } else {
        None
    };
    let mut doubts = doubts(&contents, estimate.as_ref());
    if !doubts.is_empty() && contents.leave_metadata() {
        (estimate, doubts) = (None, Vec::new());
    }
    contents.remarks.extend(estimate.iter().map(told));
    let text = learner.with_tests(&mut contents)?;
    let text = relearn::remembering(&text).map_err(|error| LearnError::Fault {
        fault: error.to_string(),
    })?;
    let of_layouts = contents.layouts.into_iter().flat_map(|layout| layout.rules);
    Ok(Learned {
        rules: contents.rules.into_iter().chain(of_layouts).collect(),
        site: learner.site,
        text,
        estimate,
        doubts,
        unread: read.unread,
    })
}

impl Learner<'_> {
    /// What a file says that is learned from some of the samples.
    fn contents(&self, chosen: &Chosen<'_>) -> Contents {
        let mut contents = Contents {
            hosts: self.hosts.clone(),
            pages: chosen.html.len() + chosen.dumps.len(),
            site: self.site.clone(),
            judge: chosen.dumps.len() >= dumps::DUMPS_MIN,
            ..Contents::default()
        };
        from_html(&chosen.html, &mut contents);
        let dumps = dumps::learn(&chosen.dumps, &self.others);
        contents.rules.extend(dumps.fingerprint);
        contents.rules.extend(dumps.rules);
        contents.remarks.extend(dumps.remarks);
        contents
    }

    /// The rules that some of the samples give.
    fn rules(&self, chosen: &Chosen<'_>) -> Option<RuleSet> {
        compiled(&write::file(&self.contents(chosen))).ok()
    }

    /// The file with tests that hold for the samples.
    fn with_tests(&self, contents: &mut Contents) -> Result<String, LearnError> {
        let rules = compiled(&write::file(contents))?;
        for sample in self.samples.pages.iter().take(TESTS_MAX) {
            let hints = PageHints {
                site: Some(contents.site.clone()),
                ..PageHints::default()
            };
            let raw = RawPage {
                bytes: &sample.bytes,
                hints,
            };
            let test = clean(&raw, &rules, CleanOptions::default(), self.limits).ok();
            let test = test.and_then(|extraction| write::test(&sample.name, &extraction));
            contents.tests.extend(test);
        }
        let text = write::file(contents);
        compiled(&text)?;
        Ok(text)
    }
}

/// Learns from each layout. Where there are several, each becomes a variant.
fn from_html(pages: &[&StudiedPage], contents: &mut Contents) {
    contents.rules.extend(fields::learn(pages));
    let groups = layouts::group(pages);
    if groups.len() > 1 {
        contents.rules.extend(html::frame(pages));
    }
    for (number, group) in groups.iter().enumerate() {
        let of: Vec<&StudiedPage> = group.iter().filter_map(|at| pages.get(*at).copied()).collect();
        if of.len() < html::PAGES_MIN {
            contents.remarks.push(LONE_LAYOUT.to_owned());
            continue;
        }
        let mut rules = html::learn(&of);
        rules.retain(|rule| contents.rules.iter().all(|known| known.pattern != rule.pattern));
        if groups.len() == 1 {
            contents.rules.extend(rules);
        } else if let Some(mark) = layouts::mark_of(group, pages).filter(|_| !rules.is_empty()) {
            contents.layouts.push(Layout {
                name: format!("layout {}", number + 1),
                mark,
                rules,
            });
        } else if !rules.is_empty() {
            contents.remarks.push(UNMARKED_LAYOUT.to_owned());
        }
    }
}

fn told(estimate: &Estimate) -> String {
    let how = if estimate.left_out {
        format!("Each of {} samples left out once", estimate.pages)
    } else {
        format!("On the {} samples themselves, too few to leave one out", estimate.pages)
    };
    format!(
        "{how}: agreement with what all together say {:.3}, of the generic cleaner {:.3}; of what is surely main content \
         {:.1} % were lost at most.",
        estimate.learned,
        estimate.generic,
        estimate.lost * 100.0
    )
}

/// Why a file should not be used as it is.
fn doubts(contents: &Contents, estimate: Option<&Estimate>) -> Vec<String> {
    let mut doubts = Vec::new();
    if !contents.has_rules() {
        doubts.push("nothing was found that the generic cleaner does not do by itself".to_owned());
    }
    if contents.pages < dumps::DUMPS_MIN {
        doubts.push("one page can't tell what repeats: give two or more".to_owned());
    }
    let Some(estimate) = estimate else { return doubts };
    let own_min = if contents.has_container() {
        CONTAINER_GAIN_MIN
    } else {
        0.0
    };
    let gain_min = own_min.max(MENDED_MIN * (1.0 - estimate.generic));
    if estimate.learned - estimate.generic < gain_min {
        doubts.push(format!(
            "rules learned without a sample do no better on it than the generic cleaner: {:.3} against {:.3}",
            estimate.learned, estimate.generic
        ));
    }
    if estimate.lost > LOST_MAX {
        doubts.push(format!(
            "the rules took {:.0} % of what is surely the main content of a sample",
            estimate.lost * 100.0
        ));
    }
    doubts
}

/// The rules of a file; that it has no fault is what the learner promises.
fn compiled(text: &str) -> Result<RuleSet, LearnError> {
    let (file, faults) = RuleFile::parse(&SourceFile::new("learned", text.to_owned()));
    match (file, faults.first()) {
        (Some(file), None) => Ok(RuleSet::assemble(shipped(), &[Arc::new(file)]).0),
        (_, fault) => Err(LearnError::Fault {
            fault: fault.map_or_else(String::new, ToString::to_string),
        }),
    }
}
