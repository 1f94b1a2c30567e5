//! Reads `[[path]]` and `[[variant]]`: rules for some of a site's pages.

use jiff::civil::Date;

use crate::rules::file::{Overlay, When, parse_rules};
use crate::rules::parse_condition;
use crate::toml_file::TableReader;

pub(super) fn parse(root: &TableReader<'_>) -> Vec<Overlay> {
    let paths = root
        .tables("path", "write [[path]] with `when` and the rules below it")
        .into_iter()
        .map(path);
    let variants = root
        .tables("variant", "write [[variant]] with `when` and the rules below it")
        .into_iter()
        .map(variant);
    paths.chain(variants).collect()
}

fn path(table: TableReader<'_>) -> Overlay {
    let globs = table.strings("when");
    if globs.is_empty() && !table.has("when") {
        table.fault(
            "when",
            &table.span(),
            "`when` is missing",
            "write the paths that the rules are for, such as when = \"/live/*\"",
        );
    }
    let patterns = parse_condition::path_globs(&table, "when", &globs, "/live/*");
    let written: Vec<&str> = globs.iter().map(|glob| glob.value.as_str()).collect();
    let overlay = Overlay {
        name: format!("path {}", written.join(", ")),
        when: When::Path(patterns),
        rules: parse_rules(&table),
    };
    table.finish();
    overlay
}

fn variant(table: TableReader<'_>) -> Overlay {
    let name = table.string("name").map(|name| name.value);
    let when = table.table("when").map(layout);
    if when.is_none() && !table.has("when") {
        table.fault(
            "when",
            &table.span(),
            "`when` is missing",
            "write when = { css = \"selector\" }, or { before = \"2024-06-01\" }",
        );
    }
    let nothing = When::Layout {
        conditions: Vec::new(),
        from: None,
        to: None,
    };
    let overlay = Overlay {
        name: format!("variant {}", name.unwrap_or_default()),
        when: when.unwrap_or(nothing),
        rules: parse_rules(&table),
    };
    table.finish();
    overlay
}

fn layout(table: TableReader<'_>) -> When {
    let shows = ["css", "line", "re"].iter().any(|key| table.has(key));
    let conditions = if shows {
        parse_condition::read(&table).into_iter().collect()
    } else {
        Vec::new()
    };
    // `before` excludes its day, `after` includes it, so that the two ends of a change of layout can be the same date.
    let to = day(&table, "before").and_then(|date| date.yesterday().ok());
    let from = day(&table, "after");
    if !["css", "line", "re", "before", "after"]
        .iter()
        .any(|key| table.has(key))
    {
        table.fault(
            "when",
            &table.span(),
            "`when` says nothing",
            "give it `css`, `line`, `re`, `before` or `after`",
        );
    }
    table.finish();
    When::Layout { conditions, from, to }
}

fn day(table: &TableReader<'_>, key: &'static str) -> Option<Date> {
    let text = table.string(key)?;
    let date = text.value.parse::<Date>().ok();
    if date.is_none() {
        table.fault(
            key,
            &text.span,
            format!("`{}` is no date", text.value),
            "write it as \"2024-06-01\"",
        );
    }
    date
}
