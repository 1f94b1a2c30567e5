//! Lays out a rule file.

use std::fmt::Write as _;

use crate::import_ftr::site::{Entry, SiteRules};
use crate::import_ftr::toml_text::{comment, text};

/// Widest line of a comment that lists files.
const COMMENT_WIDTH: usize = 110;

/// The parts of a rule file with the lists that stand in each.
const PARTS: &[(&str, &[&str])] = &[
    ("meta", &["title", "author", "date"]),
    ("html", &["replace", "rename", "keep", "strip"]),
];

/// The head of a rule file.
#[derive(Debug)]
pub(super) struct Head<'a> {
    /// Whose rules these are.
    pub(super) name: Name,
    /// The hosts, in the terms of rule files.
    pub(super) hosts: Vec<String>,
    /// The family that it builds on.
    pub(super) uses: Option<&'static str>,
    /// The site files that it was made of.
    pub(super) sources: Vec<&'a str>,
    /// What its tests say.
    pub(super) tests: Vec<String>,
}

/// Whose rules a file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Name {
    /// A site's.
    Site(String),
    /// Those of several sites.
    Family(String),
}

impl Head<'_> {
    /// Where the file goes, below the folder of rules.
    pub(super) fn path(&self) -> String {
        match &self.name {
            Name::Site(name) => format!("sites/{name}.toml"),
            Name::Family(name) => format!("families/{name}.toml"),
        }
    }

    fn written(&self) -> String {
        let mut head = wrapped(&format!(
            "Made from {} of ftr-site-config (public domain) by `dehusk import-ftr`.",
            self.sources.join(", ")
        ));
        head.push_str("schema = 1\n");
        match &self.name {
            Name::Site(name) => line(&mut head, &format!("site   = {}", text(name))),
            Name::Family(name) => line(&mut head, &format!("family = {}", text(name))),
        }
        if !self.hosts.is_empty() {
            let hosts: Vec<String> = self.hosts.iter().map(|host| text(host)).collect();
            line(&mut head, &format!("hosts  = [{}]", hosts.join(", ")));
        }
        if let Some(family) = self.uses {
            line(&mut head, &format!("uses   = [{}]", text(family)));
        }
        head
    }
}

fn line(out: &mut String, text: &str) {
    writeln!(out, "{text}").expect("writing to a string never fails");
}

/// A comment over as many lines as it takes.
fn wrapped(text: &str) -> String {
    let mut lines = String::new();
    let mut current = String::new();
    for word in text.split(' ') {
        if !current.is_empty() && current.chars().count() + word.chars().count() + 3 > COMMENT_WIDTH {
            line(&mut lines, &comment(&current));
            current.clear();
        }
        if !current.is_empty() {
            current.push(' ');
        }
        current.push_str(word);
    }
    line(&mut lines, &comment(&current));
    lines
}

/// A whole rule file.
pub(super) fn file(head: &Head<'_>, rules: &SiteRules) -> String {
    let mut out = head.written();
    if !rules.comments.is_empty() {
        out.push('\n');
        for comment in &rules.comments {
            line(&mut out, comment);
        }
    }
    for (part, keys) in PARTS {
        let lists: Vec<(&str, &Vec<Entry>)> = keys
            .iter()
            .filter_map(|key| {
                rules
                    .lists
                    .get(format!("{part}.{key}").as_str())
                    .map(|list| (*key, list))
            })
            .collect();
        if !lists.is_empty() {
            line(&mut out, &format!("\n[{part}]"));
        }
        for (key, list) in lists {
            write_list(&mut out, key, list);
        }
    }
    for (css, folder) in &rules.skips {
        line(
            &mut out,
            &format!("\n[[skip]]\ncss = {}\nto  = {}", text(css), text(folder)),
        );
    }
    if !head.tests.is_empty() {
        line(&mut out, "\n# What the rules were written for:");
        for test in &head.tests {
            line(&mut out, &comment(test));
        }
    }
    out
}

fn write_list(out: &mut String, key: &str, list: &[Entry]) {
    if let [Entry::Rule(only)] = list {
        line(out, &format!("{key} = [{only}]"));
        return;
    }
    line(out, &format!("{key} = ["));
    for entry in list {
        match entry {
            Entry::Rule(rule) => line(out, &format!("  {rule},")),
            Entry::Comment(comment) => line(out, &format!("  {comment}")),
        }
    }
    line(out, "]");
}
