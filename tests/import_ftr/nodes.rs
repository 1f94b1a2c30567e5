//! Says which nodes imported rules find, for the comparison with an `XPath` engine.
//!
//! `list DIR` prints one JSON line for each expression of the site files in DIR: the directive, the expression, what
//! became of it, and the rule. `find` reads one JSON line for each rule with trees to try it on, and prints one JSON
//! line with the paths of the nodes, or the values, that it finds in each.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a tool for tests; a fault in what it is given ends it"
)]

use std::collections::BTreeMap;
use std::io::{BufRead, Write};
use std::path::PathBuf;
use std::{env, fs, io};

use dehusk::clean::select::select;
use dehusk::import_ftr::{FtrFile, import};
use dehusk::rules::elements::Elements;
use dehusk::rules::model::SourceKind;
use dehusk::rules::{Field, RuleFile};
use dehusk::toml_file::SourceFile;
use ego_tree::{NodeId, NodeRef};
use html5ever::{Attribute, LocalName, QualName, ns};
use regex::Regex;
use scraper::node::{Element, Text};
use scraper::{ElementRef, Html, Node};
use serde_json::{Value, json};

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["list", folder] => list(folder),
        ["find"] => find(),
        _ => panic!("write `list DIR` or `find`"),
    }
}

fn list(folder: &str) {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "txt"));
    paths.sort();
    let read = |path: &PathBuf| FtrFile {
        name: path.file_name().unwrap().to_string_lossy().into_owned(),
        text: fs::read_to_string(path).unwrap(),
    };
    let files: Vec<FtrFile> = paths.iter().map(read).collect();
    let mut out = io::stdout().lock();
    for finding in import(&files)
        .report
        .findings
        .iter()
        .filter(|finding| finding.expression || finding.directive == "strip_id_or_class")
    {
        let line = json!({
            "file": finding.file, "line": finding.line, "directive": finding.directive, "expression": finding.value,
            "outcome": finding.outcome.name(), "note": finding.note, "rule": finding.written,
        });
        writeln!(out, "{line}").unwrap();
    }
}

fn find() {
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let task: Value = serde_json::from_str(&line.unwrap()).unwrap();
        let rule = Rule::read(
            task["part"].as_str().unwrap(),
            task["rule"].as_str().unwrap(),
            task["value"].as_bool().unwrap(),
        );
        let trees = task["trees"].as_array().unwrap();
        let pages = task["pages"].as_array().unwrap();
        let built = trees.iter().map(|tree| rule.found(&build(tree)));
        let parsed = pages.iter().map(|page| {
            let html = Html::parse_document(page.as_str().unwrap());
            json!({ "shape": shape(*html.root_element()), "found": rule.found(&html) })
        });
        writeln!(
            out,
            "{}",
            json!({ "trees": built.collect::<Vec<_>>(), "pages": parsed.collect::<Vec<_>>() })
        )
        .unwrap();
    }
}

/// A rule as the program reads it.
struct Rule {
    /// Each with the attribute that is meant, and the pattern that picks the value.
    parts: Vec<(Elements, Option<String>, Option<Regex>)>,
    /// Whether the first node's text is asked for, not where the nodes stand.
    value: bool,
}

impl Rule {
    fn read(part: &str, rule: &str, value: bool) -> Self {
        let text = if part == "meta" {
            format!("[meta]\ntitle = [{rule}]")
        } else {
            format!("[html]\nstrip = [{rule}]")
        };
        let (file, faults) = RuleFile::parse(&SourceFile::new("rule", format!("schema = 1\nsite = \"a.b\"\n{text}")));
        assert!(faults.is_empty(), "{rule}: {faults:?}");
        let mut rules = file.unwrap().rules;
        let sources = rules
            .meta
            .remove(&Field::Title)
            .unwrap_or_default()
            .into_iter()
            .filter_map(|source| match source.kind {
                SourceKind::Css {
                    elements,
                    attribute,
                    regex,
                    ..
                } => Some((elements, attribute, regex)),
                _ => None,
            });
        let elements = rules.strip.into_iter().map(|rule| (rule.elements, None, None));
        Self {
            parts: sources.chain(elements).collect(),
            value,
        }
    }

    /// Paths of nodes in the order of the page, or the value that a pattern picks.
    fn found(&self, html: &Html) -> Vec<String> {
        let mut found: BTreeMap<usize, String> = BTreeMap::new();
        let order: BTreeMap<NodeId, usize> = html
            .tree
            .root()
            .descendants()
            .enumerate()
            .map(|(at, node)| (node.id(), at))
            .collect();
        for (elements, attribute, regex) in &self.parts {
            let nodes = select(html, elements).unwrap();
            if self.value {
                return value(html, nodes.first().copied(), attribute.as_deref(), regex.as_ref())
                    .into_iter()
                    .collect();
            }
            let nodes = nodes.into_iter().filter_map(|node| html.tree.get(node));
            found.extend(nodes.filter_map(|node| Some((order[&node.id()], path(node, attribute.as_deref())?))));
        }
        found.into_values().collect()
    }
}

/// What a source of metadata makes of its first node.
fn value(html: &Html, node: Option<NodeId>, attribute: Option<&str>, regex: Option<&Regex>) -> Option<String> {
    let node = html.tree.get(node?)?;
    let text = match (attribute, ElementRef::wrap(node)) {
        (Some(name), element) => element?.attr(name)?.to_owned(),
        (None, Some(element)) => element.text().collect(),
        (None, None) => node.value().as_text()?.to_string(),
    };
    let value = match regex {
        Some(regex) => regex.captures(&text)?.get(1)?.as_str(),
        None => &text,
    };
    Some(value.split_whitespace().collect::<Vec<_>>().join(" ")).filter(|text| !text.is_empty())
}

/// Where a node stands: names with places among siblings of the name.
fn path(node: NodeRef<'_, Node>, attribute: Option<&str>) -> Option<String> {
    let mut parts: Vec<String> = node.ancestors().filter_map(part).collect();
    parts.reverse();
    parts.push(part(node)?);
    if let Some(name) = attribute {
        ElementRef::wrap(node)?.attr(name)?;
        parts.push(format!("@{name}"));
    }
    Some(parts.join("/"))
}

fn part(node: NodeRef<'_, Node>) -> Option<String> {
    let place = |same: &dyn Fn(&Node) -> bool| node.prev_siblings().filter(|other| same(other.value())).count() + 1;
    match node.value() {
        Node::Element(element) => {
            let same = |other: &Node| other.as_element().is_some_and(|other| other.name() == element.name());
            Some(format!("{}[{}]", element.name(), place(&same)))
        }
        Node::Text(_) => Some(format!("text()[{}]", place(&Node::is_text))),
        _ => None,
    }
}

/// The names of all elements with the lengths of the texts between them.
fn shape(node: NodeRef<'_, Node>) -> String {
    match node.value() {
        Node::Element(element) => format!("({}{})", element.name(), node.children().map(shape).collect::<String>()),
        Node::Text(text) => text.chars().count().to_string(),
        _ => String::new(),
    }
}

/// A page of a tree given as `[name, {attribute: value}, [children]]`, where a child may be a string.
fn build(tree: &Value) -> Html {
    let mut html = Html::new_document();
    let root = html.tree.root().id();
    grow(&mut html, root, tree);
    html
}

fn grow(html: &mut Html, parent: NodeId, tree: &Value) {
    if let Some(text) = tree.as_str() {
        html.tree
            .get_mut(parent)
            .unwrap()
            .append(Node::Text(Text { text: text.into() }));
        return;
    }
    let name = |name: &str| QualName::new(None, ns!(html), LocalName::from(name));
    let attribute = |(key, value): (&String, &Value)| Attribute {
        name: QualName::new(None, ns!(), LocalName::from(key.as_str())),
        value: value.as_str().unwrap().into(),
    };
    let attributes = tree[1].as_object().unwrap().iter().map(attribute).collect();
    let element = Element::new(name(tree[0].as_str().unwrap()), attributes);
    let id = html.tree.get_mut(parent).unwrap().append(Node::Element(element)).id();
    for child in tree[2].as_array().unwrap() {
        grow(html, id, child);
    }
}
