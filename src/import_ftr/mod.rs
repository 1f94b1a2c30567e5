//! Rule files from site files of Full-Text RSS ("ftr"), whose rules are `XPath` 1.0 expressions.
//!
//! Pure: texts go in; rule files and a report of what became of every line come out. Nothing here runs when pages are
//! cleaned: expressions become CSS selectors and steps of the rule language, once.

mod condition;
mod css;
mod directive;
mod ending;
mod existence;
mod extend;
mod made;
mod path;
mod place;
mod predicates;
mod refusal;
mod replacements;
mod report;
mod selection;
mod site;
mod source;
mod subject;
mod toml_text;
mod value;
mod write;
mod xpath;

use std::collections::{BTreeMap, BTreeSet};

pub use report::{Finding, OUTCOMES, Outcome, Report};
pub use source::FtrFile;

use site::SiteRules;
use source::{Content, Line, host, lines};
use write::{Head, Name};

/// A rule file that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeFile {
    /// Where it goes, below the folder of rules.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// Everything that an import made.
#[derive(Debug, Clone, Default)]
pub struct Import {
    /// The rule files.
    pub files: Vec<MadeFile>,
    /// What became of every line.
    pub report: Report,
}

/// The family that the general file becomes.
const GLOBAL_FAMILY: &str = "ftr-global";

/// Files that hold no site's rules, though they look like it.
const NO_SITE: &[&str] = &["LICENSE.txt", "README.txt"];

/// Site files with the same directives, apart from tests and comments.
struct Group {
    files: Vec<(String, Vec<Line>)>,
}

/// Makes rule files of site files. Files that say the same become one file with all their hosts.
pub fn import(files: &[FtrFile]) -> Import {
    let mut report = Report::default();
    let groups = groups(files);
    let has_global = files.iter().any(|file| file.name == "global.txt");
    let mut made = Vec::new();
    for group in groups.values().filter(|group| !group.is_unreachable()) {
        report.files += group.files.len();
        report.copies += group.files.len() - 1;
        made.push(group.made(has_global, &mut report));
    }
    for group in groups.values().filter(|group| group.is_unreachable()) {
        report.files += group.files.len();
        report.findings.extend(group.dead());
    }
    report.written = made.len();
    report
        .findings
        .sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
    Import { files: made, report }
}

/// The files by what they say; each group stands where its first file would.
fn groups(files: &[FtrFile]) -> BTreeMap<String, Group> {
    let mut by_content: BTreeMap<Vec<String>, Group> = BTreeMap::new();
    for file in files.iter().filter(|file| !NO_SITE.contains(&file.name.as_str())) {
        let lines = lines(&file.text);
        let mut key: Vec<String> = lines.iter().filter_map(said).collect();
        // Files of no site keep to themselves, and so do empty ones.
        if key.is_empty() || special(&file.name).is_some() || is_unreachable(&file.name) {
            key.push(file.name.clone());
        }
        by_content
            .entry(key)
            .or_insert_with(|| Group { files: Vec::new() })
            .files
            .push((file.name.clone(), lines));
    }
    by_content
        .into_values()
        .map(|group| (group.first_name(), group))
        .collect()
}

/// What a line adds to what its file says.
fn said(line: &Line) -> Option<String> {
    match &line.content {
        Content::Directive(directive) if !directive.name.starts_with("test_") => Some(format!(
            "{}({:?}):{}",
            directive.name, directive.argument, directive.value
        )),
        Content::Other(text) => Some(text.clone()),
        _ => None,
    }
}

/// The family that a file becomes that is no site's.
fn special(name: &str) -> Option<String> {
    if name == "global.txt" {
        return Some(GLOBAL_FAMILY.to_owned());
    }
    // Attached by the page's mark-up in the original's own settings, which are not part of the files.
    name.strip_suffix(".txt")
        .filter(|name| name.starts_with("fingerprint."))
        .map(str::to_owned)
}

/// Whether the original never finds a file: it takes `www.` off every host before it looks.
fn is_unreachable(name: &str) -> bool {
    host(name).0.starts_with("www.")
}

impl Group {
    fn is_unreachable(&self) -> bool {
        self.files.iter().all(|(name, _)| is_unreachable(name))
    }

    /// The findings of a file that the original never finds.
    fn dead(&self) -> Vec<Finding> {
        let findings = self
            .files
            .iter()
            .flat_map(|(name, lines)| site::rules(name, lines).findings);
        let note = "the original takes `www.` off every host before it looks for a file";
        findings
            .map(|finding| Finding {
                outcome: Outcome::Dead,
                note: note.to_owned(),
                written: String::new(),
                ..finding
            })
            .collect()
    }

    fn first_name(&self) -> String {
        self.files
            .iter()
            .map(|(name, _)| name.clone())
            .min()
            .unwrap_or_default()
    }

    fn made(&self, has_global: bool, report: &mut Report) -> MadeFile {
        let mut translated: Vec<SiteRules> = self
            .files
            .iter()
            .map(|(name, lines)| site::rules(name, lines))
            .collect();
        for site in &mut translated {
            report.findings.append(&mut site.findings);
        }
        // Beyond comments and tests they all say the same.
        let rules = translated.into_iter().next().unwrap_or_default();
        let (name, hosts) = self.name();
        let uses = (has_global && rules.inherits && matches!(name, Name::Site(_))).then_some(GLOBAL_FAMILY);
        let sources: Vec<&str> = self.files.iter().map(|(name, _)| name.as_str()).collect();
        let head = Head {
            name,
            hosts,
            uses,
            sources,
            tests: self.tests(),
        };
        MadeFile {
            path: head.path(),
            text: write::file(&head, &rules),
        }
    }

    /// The name of the rules, and their hosts in the terms of rule files.
    fn name(&self) -> (Name, Vec<String>) {
        let first = self.first_name();
        if let Some(family) = special(&first) {
            return (Name::Family(family), Vec::new());
        }
        let mut exact: BTreeSet<String> = BTreeSet::new();
        let mut below: BTreeSet<String> = BTreeSet::new();
        for (name, _) in &self.files {
            let (host, wildcard) = host(name);
            if wildcard { &mut below } else { &mut exact }.insert(host);
        }
        let name = exact
            .first()
            .cloned()
            .or_else(|| below.first().map(|host| format!("{host}-sub-domains")))
            .unwrap_or_default();
        let both = exact.intersection(&below).cloned();
        let alone = exact.difference(&below).map(|host| format!("={host}"));
        let only_below = below.difference(&exact).map(|host| format!("*.{host}"));
        (Name::Site(name), both.chain(alone).chain(only_below).collect())
    }

    /// What the tests of the files say, as comments.
    fn tests(&self) -> Vec<String> {
        let directives = self
            .files
            .iter()
            .flat_map(|(_, lines)| lines)
            .filter_map(|line| match &line.content {
                Content::Directive(directive) if directive.name.starts_with("test_") => {
                    Some(format!("{}: {}", directive.name, directive.value))
                }
                _ => None,
            });
        directives.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::RuleFile;
    use crate::toml_file::SourceFile;

    fn files(named: &[(&str, &str)]) -> Vec<FtrFile> {
        named
            .iter()
            .map(|(name, text)| FtrFile {
                name: (*name).to_owned(),
                text: (*text).to_owned(),
            })
            .collect()
    }

    #[test]
    fn copies_become_one_file_with_all_hosts() {
        let import = import(&files(&[
            ("b.example.txt", "body: //article\ntest_url: https://b.example/1"),
            (".a.example.txt", "# other words\nbody: //article"),
            ("a.example.txt", "body: //article\n\n"),
            ("c.example.txt", "body: //main"),
        ]));
        assert_eq!(
            (import.report.files, import.report.copies, import.files.len()),
            (4, 2, 2)
        );
        let text = &import.files[0].text;
        assert!(
            text.contains("site   = \"a.example\"\nhosts  = [\"a.example\", \"=b.example\"]\n"),
            "{text}"
        );
        assert!(text.contains("# test_url: https://b.example/1"), "{text}");
    }

    #[test]
    fn what_is_made_is_sound() {
        let text = "# it's a \"note\"\ntitle: //h1[contains(., \"it's\")]\nbody: (//div[@class='a\\b'])[last()]\nstrip: //p[text()='\"']\nwrap_in(blockquote): //q\n\
                    native_ad_clue: //meta[@name='ad']\nreplace_string(<a b=\"c\">): <i>\nautodetect_on_failure: no\ntidy: no";
        for made in import(&files(&[
            ("global.txt", "strip: //nav"),
            ("a.example.txt", text),
            (".b.example.txt", text),
            ("fingerprint.x.y.txt", "body: //p"),
        ]))
        .files
        {
            let (file, faults) = RuleFile::parse(&SourceFile::new(made.path.as_str(), made.text.as_str()));
            assert!(faults.is_empty() && file.is_some(), "{faults:?}\n{}", made.text);
        }
    }
}
