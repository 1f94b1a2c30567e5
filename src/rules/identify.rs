//! Which site a page comes from.
//!
//! First answer wins:
//! 1. what the caller says: a sidecar file or the command line, by `site` or by `url`;
//! 2. a sub-folder of the inbox named after a site, or a path below the inbox that a site's `match.paths` names;
//! 3. an address inside the page: canonical link, `og:url`, saved-from comment; in a text dump a line among the first
//!    [`URL_LINES`] that is nothing but an address;
//! 4. a file name that begins with a host;
//! 5. the fingerprints of the sites: the one with most conditions satisfied, where there is one;
//! 6. none.
//!
//! An address that the caller or the page's own mark-up gives is final even where its host has no rules: the page is
//! not from another site then, whatever its text looks like.

use std::cell::OnceCell;
use std::sync::Arc;

use crate::page::metadata::{canonical_url, hostname};
use crate::page::{Dom, PageHints};
use crate::rules::file::Fingerprint;
use crate::rules::model::Condition;
use crate::rules::pattern::LinePosition;
use crate::rules::rule_set::{RuleSet, Site};

/// How many first lines of a text dump an address may stand in.
pub const URL_LINES: usize = 10;

/// What told the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdentifiedBy {
    /// A sidecar file or the command line.
    Given,
    /// A sub-folder of the inbox.
    Folder,
    /// An address inside the page.
    Url,
    /// The file's name.
    FileName,
    /// What its text looks like.
    Fingerprint,
    /// Nothing.
    Nothing,
}

impl IdentifiedBy {
    /// A word for logs and metadata.
    pub fn name(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Folder => "folder",
            Self::Url => "url",
            Self::FileName => "file-name",
            Self::Fingerprint => "fingerprint",
            Self::Nothing => "nothing",
        }
    }
}

/// The answer, with its evidence.
#[derive(Debug, Clone)]
pub struct Identified {
    /// The site, if it has rules.
    pub site: Option<Arc<Site>>,
    /// What told it.
    pub by: IdentifiedBy,
    /// What it was told by, in words.
    pub evidence: String,
    /// The page's address, if anything told it.
    pub url: Option<String>,
    /// Sites whose fingerprints fit equally well; none of them was taken.
    pub tied: Vec<String>,
}

/// What a page shows of itself.
pub struct PageView<'a> {
    /// Its tree, if it is HTML.
    pub dom: Option<&'a Dom>,
    /// Its lines, in order, blank ones left out; asked for only where needed.
    pub lines: &'a dyn Fn() -> Vec<String>,
}

/// Answers which site a page comes from.
pub fn identify(rules: &RuleSet, hints: &PageHints, page: &PageView<'_>) -> Identified {
    let given = || by_given(rules, hints);
    let folder = || by_folder(rules, hints).or_else(|| by_path(rules, hints));
    // Looking for it walks the whole tree.
    let found = OnceCell::new();
    let inside = || found.get_or_init(|| url_inside(page)).clone();
    let url = || by_url(rules, page, inside()?);
    let name = || by_file_name(rules, hints);
    let mut answer = given()
        .or_else(folder)
        .or_else(url)
        .or_else(name)
        .unwrap_or_else(|| by_fingerprint(rules, page));
    if answer.url.is_none() {
        answer.url = hints.url.clone().or_else(|| inside().map(|(url, _)| url));
    }
    answer
}

fn answer(site: Option<&Arc<Site>>, by: IdentifiedBy, evidence: String) -> Identified {
    Identified {
        site: site.cloned(),
        by,
        evidence,
        url: None,
        tied: Vec::new(),
    }
}

fn by_given(rules: &RuleSet, hints: &PageHints) -> Option<Identified> {
    if let Some(name) = &hints.site {
        return Some(answer(
            rules.site_of_name(name),
            IdentifiedBy::Given,
            format!("site {name}"),
        ));
    }
    let url = hints.url.as_ref()?;
    let site = rules.site_of_host(&hostname(url)?);
    Some(answer(site, IdentifiedBy::Given, format!("address {url}")))
}

fn by_folder(rules: &RuleSet, hints: &PageHints) -> Option<Identified> {
    // The innermost folder is the most particular.
    let (folder, site) = hints
        .folders
        .iter()
        .rev()
        .find_map(|folder| Some((folder, rules.site_of_name(folder)?)))?;
    Some(answer(Some(site), IdentifiedBy::Folder, format!("folder {folder}")))
}

/// The first site, in the order of the files, that names the page's path below the inbox.
fn by_path(rules: &RuleSet, hints: &PageHints) -> Option<Identified> {
    let parts = hints.folders.iter().chain(&hints.file_name);
    let path = parts.map(String::as_str).collect::<Vec<&str>>().join("/");
    let named = |site: &&Arc<Site>| site.fingerprint.paths.iter().any(|glob| glob.is_match(&path));
    let site = rules.sites().iter().find(named)?;
    Some(answer(Some(site), IdentifiedBy::Folder, format!("path {path}")))
}

fn by_url(rules: &RuleSet, page: &PageView<'_>, (url, place): (String, &str)) -> Option<Identified> {
    let site = rules.site_of_host(&hostname(&url)?);
    if site.is_none() && page.dom.is_none() {
        // A line of a text dump may be any address; what else there is may still tell.
        return None;
    }
    let by = if site.is_some() {
        IdentifiedBy::Url
    } else {
        IdentifiedBy::Nothing
    };
    Some(answer(site, by, format!("{place} {url}"))).map(|answer| Identified {
        url: Some(url),
        ..answer
    })
}

fn url_inside(page: &PageView<'_>) -> Option<(String, &'static str)> {
    match page.dom {
        Some(dom) => canonical_url(dom),
        None => (page.lines)()
            .iter()
            .take(URL_LINES)
            .find(|line| is_url(line))
            .map(|line| (line.clone(), "address line")),
    }
}

fn is_url(line: &str) -> bool {
    let scheme = line.starts_with("https://") || line.starts_with("http://");
    scheme && !line.contains(char::is_whitespace) && hostname(line).is_some()
}

/// The host at the start of a file name, up to the first character that no host has.
fn by_file_name(rules: &RuleSet, hints: &PageHints) -> Option<Identified> {
    let name = hints.file_name.as_ref()?;
    let host: String = name
        .chars()
        .take_while(|c| c.is_alphanumeric() || ".-".contains(*c))
        .collect();
    // The file's ending looks like part of the host: try without it first.
    let mut candidate = host.as_str();
    loop {
        if candidate.contains('.')
            && let Some(site) = rules.site_of_host(candidate)
        {
            return Some(answer(Some(site), IdentifiedBy::FileName, format!("file name {name}")));
        }
        candidate = candidate.rsplit_once('.')?.0;
    }
}

fn by_fingerprint(rules: &RuleSet, page: &PageView<'_>) -> Identified {
    let mut candidates: Vec<(usize, &Arc<Site>)> = Vec::new();
    if rules.sites().iter().any(|site| !site.fingerprint.is_empty()) {
        let lines = (page.lines)();
        let scores = rules
            .sites()
            .iter()
            .filter_map(|site| Some((score(&site.fingerprint, page.dom, &lines)?, site)));
        candidates.extend(scores);
    }
    let best = candidates.iter().map(|(score, _)| *score).max().unwrap_or(0);
    candidates.retain(|(score, _)| *score == best);
    match candidates.as_slice() {
        [] => answer(None, IdentifiedBy::Nothing, String::new()),
        [(score, site)] => answer(
            Some(site),
            IdentifiedBy::Fingerprint,
            format!("{score} of its conditions"),
        ),
        tied => {
            let tied = tied.iter().map(|(_, site)| site.name.clone()).collect();
            Identified {
                tied,
                ..answer(None, IdentifiedBy::Nothing, String::new())
            }
        }
    }
}

impl Fingerprint {
    /// Whether it has no condition on what a page shows, and so fits no page.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty() && self.any.is_empty()
    }

    /// Whether a page shows what it asks for.
    pub fn fits(&self, page: &PageView<'_>) -> bool {
        let about_lines = |condition: &Condition| matches!(condition, Condition::Line { .. });
        let lines = if self.all.iter().chain(&self.any).any(about_lines) {
            (page.lines)()
        } else {
            Vec::new()
        };
        score(self, page.dom, &lines).is_some()
    }
}

/// How many conditions hold, if the fingerprint fits.
fn score(fingerprint: &Fingerprint, dom: Option<&Dom>, lines: &[String]) -> Option<usize> {
    let holds = |condition: &&Condition| holds(condition, dom, lines);
    if fingerprint.is_empty() || !fingerprint.all.iter().all(|condition| holds(&condition)) {
        return None;
    }
    let any = fingerprint.any.iter().filter(holds).count();
    (fingerprint.any.is_empty() || any > 0).then_some(fingerprint.all.len() + any)
}

/// Whether a condition holds for a page.
pub fn holds(condition: &Condition, dom: Option<&Dom>, lines: &[String]) -> bool {
    match condition {
        Condition::Css(selector) => dom.is_some_and(|dom| dom.html().select(selector).next().is_some()),
        Condition::Line { pattern, within, last } => lines.iter().enumerate().any(|(index, line)| {
            LinePosition {
                index,
                count: lines.len(),
            }
            .allowed(*within, *last)
                && pattern.matches(line)
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::RuleFile;
    use crate::toml_file::SourceFile;

    fn rules(files: &[&str]) -> RuleSet {
        let files: Vec<Arc<RuleFile>> = files
            .iter()
            .map(|text| {
                Arc::new(
                    RuleFile::parse(&SourceFile::new("f", format!("schema = 1\n{text}")))
                        .0
                        .unwrap(),
                )
            })
            .collect();
        RuleSet::assemble(&[], &files).0
    }

    fn identified(rules: &RuleSet, hints: &PageHints, text: &str) -> (Option<String>, IdentifiedBy) {
        let lines = || text.lines().map(str::to_owned).collect();
        let answer = identify(
            rules,
            hints,
            &PageView {
                dom: None,
                lines: &lines,
            },
        );
        (answer.site.map(|site| site.name.clone()), answer.by)
    }

    #[test]
    fn answers_come_in_order() {
        let rules = rules(&["site = \"x.org\"", "site = \"y.org\"\n[match]\nall = [\"Mark\"]"]);
        let mut hints = PageHints {
            file_name: Some("www.y.org_1.html".into()),
            ..PageHints::default()
        };
        let x = Some("x.org".to_owned());
        let y = Some("y.org".to_owned());
        assert_eq!(
            identified(&rules, &PageHints::default(), "Mark"),
            (y.clone(), IdentifiedBy::Fingerprint)
        );
        assert_eq!(identified(&rules, &hints, "Mark"), (y, IdentifiedBy::FileName));
        assert_eq!(
            identified(&rules, &hints, "a\nhttps://m.x.org/1\nMark"),
            (x.clone(), IdentifiedBy::Url)
        );
        hints.folders = vec!["x.org".into(), "2024".into()];
        assert_eq!(identified(&rules, &hints, "Mark"), (x, IdentifiedBy::Folder));
        hints.url = Some("https://unknown.example/".into());
        assert_eq!(identified(&rules, &hints, "Mark"), (None, IdentifiedBy::Given));
    }

    #[test]
    fn the_fingerprint_with_most_conditions_wins_and_a_tie_is_no_answer() {
        let rules = rules(&[
            "site = \"a.x\"\n[match]\nall = [\"M\"]",
            "site = \"b.x\"\n[match]\nall = [\"M\", \"N\"]",
            "site = \"c.x\"\n[match]\nall = [\"M\"]",
        ]);
        assert_eq!(
            identified(&rules, &PageHints::default(), "M\nN").0.as_deref(),
            Some("b.x")
        );
        assert_eq!(
            identified(&rules, &PageHints::default(), "M"),
            (None, IdentifiedBy::Nothing)
        );
    }

    #[test]
    fn a_path_below_the_inbox_tells_the_site_that_names_it() {
        let rules = rules(&["site = \"a.x\"\n[match]\npaths = [\"dumps/a-*\"]", "site = \"b.x\""]);
        let mut hints = PageHints {
            file_name: Some("1.txt".into()),
            folders: vec!["dumps".into(), "a-2024".into()],
            ..PageHints::default()
        };
        assert_eq!(
            identified(&rules, &hints, "Text"),
            (Some("a.x".into()), IdentifiedBy::Folder)
        );
        hints.folders = vec!["dumps".into()];
        assert_eq!(identified(&rules, &hints, "Text").0, None);
    }

    #[test]
    fn an_address_in_prose_is_no_address_line() {
        let rules = rules(&["site = \"x.org\""]);
        assert_eq!(
            identified(&rules, &PageHints::default(), "See https://x.org/1 for more").0,
            None
        );
    }
}
