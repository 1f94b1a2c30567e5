//! Reads the `[meta]` part of a rule file.

use std::sync::Arc;

use crate::rules::class::Class;
use crate::rules::model::{FIELDS, MetaSource, Rules, SourceKind};
use crate::rules::parse_elements::elements;
use crate::rules::parse_rule::{bare_info, compile, lines, rule_info, without_effect};
use crate::rules::parse_text::replacements;
use crate::rules::pattern::regex;
use crate::toml_file::{Item, TableReader};

/// How many first lines a dateline may stand in, where a rule does not say.
const DATELINE_WITHIN: usize = 8;

/// The keys that say where a value comes from; a source has one of them.
const SOURCE_KEYS: &[&str] = &["css", "json-ld", "re", "dateline", "value"];

/// Keys that only some sources have a use for, by the key of the source.
const IDLE_KEYS: &[(&str, &[&str])] = &[
    ("css", &["within", "last", "take"]),
    ("json-ld", &["within", "last", "take", "attr", "many"]),
    ("value", &["within", "last", "take", "attr", "many"]),
    ("dateline", &["last", "attr", "many"]),
    ("re", &["attr", "many"]),
];

pub(super) fn parse(table: TableReader<'_>, rules: &mut Rules) {
    for (key, field) in FIELDS {
        let sources = sources(&table, key);
        if !sources.is_empty() {
            rules.meta.insert(*field, sources);
        }
    }
    rules.title_replace = replacements(&table, "title-replace", "meta.title-replace");
    table.finish();
}

fn sources(table: &TableReader<'_>, key: &'static str) -> Vec<MetaSource> {
    let full_key = format!("meta.{key}");
    let mut sources = Vec::new();
    for item in table.items(key) {
        match item {
            Item::Text(value) => sources.push(MetaSource {
                info: Arc::new(bare_info(
                    table.file(),
                    &value.span,
                    &full_key,
                    &value.value,
                    Class::Metadata,
                )),
                kind: SourceKind::Value(value.value),
                format: None,
                zone: None,
            }),
            Item::Table(entry) => sources.extend(source(entry, &full_key)),
        }
    }
    sources
}

fn source(entry: TableReader<'_>, full_key: &str) -> Option<MetaSource> {
    let named: Vec<&&str> = SOURCE_KEYS.iter().filter(|key| entry.has(key)).collect();
    // `re` beside `css` picks the value out of the element.
    if named.is_empty() || named.len() > 1 && !(named.len() == 2 && entry.has("css") && entry.has("re")) {
        let help = "give it one of `css`, `json-ld`, `re`, `dateline`, `value`";
        entry.fault(
            "css",
            &entry.span(),
            "the source must say where the value comes from, once",
            help,
        );
    }
    if let Some((kind, idle)) = IDLE_KEYS.iter().find(|(kind, _)| entry.has(kind)) {
        without_effect(&entry, idle, &format!("beside `{kind}`"));
    }
    if full_key != "meta.date" {
        without_effect(&entry, &["format", "tz"], "on what is no date");
    }
    let (kind, pattern) = kind(&entry);
    let format = entry.string("format").map(|format| format.value);
    let zone = entry
        .string("tz")
        .and_then(|zone| compile(&entry, "tz", &zone, known_zone));
    let info = rule_info(&entry, full_key, &pattern, Class::Metadata);
    entry.finish();
    kind.map(|kind| MetaSource {
        info,
        kind,
        format,
        zone,
    })
}

fn kind(entry: &TableReader<'_>) -> (Option<SourceKind>, String) {
    let regex = entry.string("re").and_then(|re| compile(entry, "re", &re, regex));
    let take = entry.boolean("take").unwrap_or(false);
    let (within, last) = (lines(entry, "within"), lines(entry, "last"));
    let attribute = entry.string("attr").map(|name| name.value.to_lowercase());
    let many = entry.boolean("many").unwrap_or(false);
    let (css, path, value) = (entry.string("css"), entry.string("json-ld"), entry.string("value"));
    let dateline = entry.boolean("dateline").unwrap_or(false);
    if let Some(css) = css {
        let kind = SourceKind::Css {
            elements: elements(entry, Some(&css)),
            attribute,
            regex,
            many,
        };
        return (Some(kind), css.value);
    }
    if let Some(path) = path {
        return (Some(SourceKind::JsonLd(path.value.clone())), path.value);
    }
    if let Some(value) = value {
        return (Some(SourceKind::Value(value.value.clone())), value.value);
    }
    if entry.has("dateline") && !dateline {
        entry.fault(
            "dateline",
            &entry.value_span("dateline"),
            "`dateline = false` says nothing",
            "take the source out",
        );
    }
    if dateline {
        return (
            Some(SourceKind::Dateline {
                within: within.unwrap_or(DATELINE_WITHIN),
                take,
            }),
            "a line that is a date".to_owned(),
        );
    }
    let pattern = regex.as_ref().map_or(String::new(), |regex| regex.as_str().to_owned());
    (
        regex.map(|regex| SourceKind::Line {
            regex,
            within,
            last,
            take,
        }),
        pattern,
    )
}

fn known_zone(zone: &str) -> Result<String, &'static str> {
    match jiff::tz::TimeZone::get(zone) {
        Ok(_) => Ok(zone.to_owned()),
        Err(_) => Err("no such time zone"),
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::file::RuleFile;
    use crate::rules::model::{Field, SourceKind};
    use crate::toml_file::SourceFile;

    fn parse(meta: &str) -> (Option<RuleFile>, Vec<String>) {
        let text = format!("schema = 1\nsite = \"a.b\"\n[meta]\n{meta}");
        let (file, faults) = RuleFile::parse(&SourceFile::new("f", text));
        (file, faults.iter().map(|f| f.message.clone()).collect())
    }

    #[test]
    fn a_string_is_a_fixed_value() {
        let (file, _) = parse("author = \"Newsroom\"");
        assert!(
            matches!(&file.unwrap().rules.meta[&Field::Author][0].kind, SourceKind::Value(name) if name == "Newsroom")
        );
    }

    #[test]
    fn a_source_has_one_origin() {
        assert_eq!(
            parse("date = [{ css = \"time\", value = \"x\" }]").1,
            ["the source must say where the value comes from, once"]
        );
        assert!(parse("date = [{ css = \"time\", re = '\\d+' }]").1.is_empty());
    }

    #[test]
    fn zones_are_checked() {
        assert_eq!(parse("date = [{ re = 'x', tz = \"Mars/Base\" }]").1.len(), 1);
    }
}
