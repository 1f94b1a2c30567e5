//! Reads conditions on pages: fingerprints, and `[[skip]]`.

use regex::Regex;

use crate::rules::class::Class;
use crate::rules::file::{Fingerprint, Layer};
use crate::rules::model::{Condition, SkipRule};
use crate::rules::parse_elements;
use crate::rules::parse_rule::{compile, lines, rule_info, without_effect};
use crate::rules::pattern::{LinePattern, PatternError, path_glob, regex};
use crate::toml_file::{Item, Located, TableReader};

/// The keys that say what a page has to show; a condition has one of them.
const CONDITION_KEYS: &[&str] = &["line", "re", "css"];

pub(super) fn fingerprint(table: TableReader<'_>, layer: Option<&Layer>) -> Fingerprint {
    if matches!(layer, Some(Layer::Family(_))) && table.has("paths") {
        table.fault(
            "paths",
            &table.value_span("paths"),
            "`paths` counts only in the file of a site",
            "name the paths in the files of the sites, or give the family conditions",
        );
    }
    let fingerprint = Fingerprint {
        paths: path_globs(&table, "paths", &table.strings("paths"), "news/gazette/*"),
        all: conditions(&table, "all"),
        any: conditions(&table, "any"),
    };
    if fingerprint.is_empty() && fingerprint.paths.is_empty() {
        table.fault(
            "match",
            &table.span(),
            "the fingerprint has no condition",
            "give `all` or `any` a condition such as { line = \"Story Code : *\", within = 12 }",
        );
    }
    table.finish();
    fingerprint
}

/// Compiles globs over paths and reports those that do not.
pub(super) fn path_globs(table: &TableReader<'_>, key: &str, globs: &[Located<String>], example: &str) -> Vec<Regex> {
    let compiled = |glob: &Located<String>| {
        let help = format!("write a path such as \"{example}\"");
        let fault = |error: PatternError| table.fault(key, &glob.span, error.to_string(), help);
        path_glob(&glob.value).map_err(fault).ok()
    };
    globs.iter().filter_map(compiled).collect()
}

pub(super) fn conditions(table: &TableReader<'_>, key: &'static str) -> Vec<Condition> {
    let mut conditions = Vec::new();
    for item in table.items(key) {
        match item {
            Item::Text(glob) => {
                let pattern = compile(table, key, &glob, LinePattern::glob);
                conditions.extend(pattern.map(|pattern| Condition::Line {
                    pattern,
                    within: None,
                    last: None,
                }));
            }
            Item::Table(entry) => conditions.extend(condition(entry)),
        }
    }
    conditions
}

fn condition(entry: TableReader<'_>) -> Option<Condition> {
    let condition = read(&entry);
    entry.finish();
    condition
}

/// Reads the condition that stands among the keys of a table.
pub(super) fn read(entry: &TableReader<'_>) -> Option<Condition> {
    let line = entry
        .string("line")
        .and_then(|glob| compile(entry, "line", &glob, LinePattern::glob));
    let expression = entry
        .string("re")
        .and_then(|re| compile(entry, "re", &re, regex))
        .map(LinePattern::Regex);
    let css = entry
        .string("css")
        .and_then(|css| parse_elements::selector(entry, "css", &css));
    if entry.has("css") {
        without_effect(entry, &["within", "last"], "beside `css`");
    }
    let (within, last) = (lines(entry, "within"), lines(entry, "last"));
    if CONDITION_KEYS.iter().filter(|key| entry.has(key)).count() > 1 {
        let help = "a condition is one of `line`, `re`, `css`: write { … } once for each";
        entry.fault("line", &entry.span(), "the condition says several things", help);
    }
    if !CONDITION_KEYS.iter().any(|key| entry.has(key)) {
        entry.fault(
            "line",
            &entry.span(),
            "the condition says nothing",
            "give it `line`, `re` or `css`",
        );
    }
    match (line.or(expression), css) {
        (Some(pattern), _) => Some(Condition::Line { pattern, within, last }),
        (None, css) => css.map(Condition::Css),
    }
}

/// Reads the `[[skip]]` tables: pages that are held.
pub(super) fn skips(root: &TableReader<'_>) -> Vec<SkipRule> {
    let help = "write [[skip]] with `css`, `line` or `re`, and `to = \"folder\"`";
    root.tables("skip", help).into_iter().filter_map(skip).collect()
}

fn skip(entry: TableReader<'_>) -> Option<SkipRule> {
    let written = ["css", "line", "re"]
        .into_iter()
        .find_map(|key| entry.has(key).then(|| entry.string(key)).flatten());
    let info = rule_info(
        &entry,
        "skip",
        &written.map_or(String::new(), |text| text.value),
        Class::Boilerplate,
    );
    let to = entry
        .string("to")
        .map_or_else(|| "skipped".to_owned(), |to| folder_name(&entry, &to));
    let condition = read(&entry);
    entry.finish();
    condition.map(|condition| SkipRule { info, condition, to })
}

fn folder_name(entry: &TableReader<'_>, to: &Located<String>) -> String {
    let fine = !to.value.is_empty()
        && to
            .value
            .split('/')
            .all(|part| !part.is_empty() && !part.starts_with('.') && !part.contains(char::is_control));
    if !fine {
        entry.fault(
            "to",
            &to.span,
            format!("`{}` is no sub-folder", to.value),
            "write a folder name such as \"native-ads\"",
        );
    }
    to.value.clone()
}
