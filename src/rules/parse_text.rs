//! Reads the `[text]` part of a rule file.

use std::ops::Range;
use std::sync::Arc;

use crate::rules::class::Class;
use crate::rules::model::{
    BlockEnd, BlockRule, DedupeKind, DedupeRule, LineRule, ReplaceRule, RuleInfo, Rules, Switch,
};
use crate::rules::parse_rule::{bare_info, compile, lines, rule_info, without_effect};
use crate::rules::pattern::{LinePattern, regex};
use crate::toml_file::{Item, Located, TableReader};

/// Characters that have to stay where a rule cuts and does not say how many: enough that a page whose first line
/// happens to satisfy the rule is not emptied, few enough for a page of two sentences.
const MIN_KEPT_CHARS: usize = 40;

/// Repeats of shorter lines, in characters, are often meant (a refrain, a table's cells).
const DEDUPE_MIN_CHARS: usize = 60;

/// The lead is repeated among the first lines or not at all.
const DEDUPE_WITHIN: usize = 12;

const DEDUPE_KINDS: &[(&str, DedupeKind)] = &[
    ("off", DedupeKind::Off),
    ("lead", DedupeKind::Lead),
    ("exact", DedupeKind::Exact),
    ("contained", DedupeKind::Contained),
];

pub(super) fn parse(table: TableReader<'_>, rules: &mut Rules) {
    rules.keep_line = line_rules(&table, "keep-line", "text.keep-line");
    rules.drop_line = line_rules(&table, "drop-line", "text.drop-line");
    rules.cut_from = line_rules(&table, "cut-from", "text.cut-from");
    rules.cut_before = line_rules(&table, "cut-before", "text.cut-before");
    rules.drop_block = drop_blocks(&table);
    rules.dedupe = dedupe(&table);
    rules.resplit = switch(&table, "resplit", "text.resplit");
    rules.join_lines = switch(&table, "join-lines", "text.join-lines");
    rules.judge = switch(&table, "judge", "text.judge");
    rules.replace = replacements(&table, "replace", "text.replace");
    table.finish();
}

fn line_rules(table: &TableReader<'_>, key: &'static str, full_key: &str) -> Vec<LineRule> {
    let mut rules = Vec::new();
    for item in table.items(key) {
        match item {
            Item::Text(glob) => {
                let info = Arc::new(bare_info(
                    table.file(),
                    &glob.span,
                    full_key,
                    &glob.value,
                    Class::Boilerplate,
                ));
                rules.extend(compile(table, key, &glob, LinePattern::glob).map(|pattern| plain_rule(info, pattern)));
            }
            Item::Table(entry) => rules.push(line_rule(entry, full_key)),
        }
    }
    rules
}

fn plain_rule(info: Arc<RuleInfo>, pattern: LinePattern) -> LineRule {
    LineRule {
        info,
        patterns: vec![pattern],
        within: None,
        last: None,
        max_chars: None,
        next: None,
        min_kept: MIN_KEPT_CHARS,
    }
}

fn line_rule(entry: TableReader<'_>, full_key: &str) -> LineRule {
    if full_key == "text.keep-line" {
        without_effect(&entry, &["as"], "on what removes nothing");
    }
    let globs = entry.strings("line");
    let expressions = entry.strings("re");
    if !entry.has("line") && !entry.has("re") {
        entry.fault(
            "line",
            &entry.span(),
            "the rule says nothing about the line",
            "give it `line = \"glob\"` or `re = '…'`",
        );
    }
    let written: Vec<&str> = globs
        .iter()
        .chain(&expressions)
        .map(|text| text.value.as_str())
        .collect();
    let info = rule_info(&entry, full_key, &written.join(" | "), Class::Boilerplate);
    let mut patterns: Vec<LinePattern> = globs
        .iter()
        .filter_map(|glob| compile(&entry, "line", glob, LinePattern::glob))
        .collect();
    patterns.extend(
        expressions
            .iter()
            .filter_map(|re| compile(&entry, "re", re, regex))
            .map(LinePattern::Regex),
    );
    let rule = LineRule {
        info,
        patterns,
        within: lines(&entry, "within"),
        last: lines(&entry, "last"),
        max_chars: lines(&entry, "max-chars"),
        next: if full_key.contains("cut") { next(&entry) } else { None },
        min_kept: if full_key.contains("cut") { min_kept(&entry) } else { 0 },
    };
    let anywhere = rule.within.is_none() && rule.last.is_none() && rule.max_chars.is_none() && rule.next.is_none();
    if anywhere && rule.patterns.iter().any(LinePattern::matches_all) {
        let help = "write what such lines have in common, or say where they stand, such as within = 1";
        entry.fault("re", &entry.value_span("re"), "`re` matches every line", help);
    }
    entry.finish();
    rule
}

fn next(entry: &TableReader<'_>) -> Option<LinePattern> {
    entry
        .string("next")
        .and_then(|glob| compile(entry, "next", &glob, LinePattern::glob))
}

fn min_kept(entry: &TableReader<'_>) -> usize {
    let written = entry.integer("min-kept", 0..=1_000_000);
    written
        .and_then(|count| usize::try_from(count.value).ok())
        .unwrap_or(MIN_KEPT_CHARS)
}

fn drop_blocks(table: &TableReader<'_>) -> Vec<BlockRule> {
    let help = "write { from = \"first line\", until = \"blank\" }";
    table
        .tables("drop-block", help)
        .into_iter()
        .filter_map(drop_block)
        .collect()
}

fn drop_block(entry: TableReader<'_>) -> Option<BlockRule> {
    let from = entry.string("from");
    if !entry.has("from") || !entry.has("until") {
        let absent = if entry.has("from") {
            "end: `until`"
        } else {
            "start: `from`"
        };
        entry.fault(
            "from",
            &entry.span(),
            format!("the block has no {absent} is missing"),
            "write { from = \"first line\", until = \"blank\" }",
        );
    }
    let pattern = from
        .as_ref()
        .and_then(|glob| compile(&entry, "from", glob, LinePattern::glob));
    let written = from.map_or(String::new(), |glob| glob.value);
    let info = rule_info(&entry, "text.drop-block", &written, Class::Boilerplate);
    let until = block_end(&entry);
    let open = entry.boolean("open").unwrap_or(false);
    let (within, last) = (lines(&entry, "within"), lines(&entry, "last"));
    entry.finish();
    let from = LineRule {
        within,
        last,
        ..plain_rule(info, pattern?)
    };
    Some(BlockRule {
        from,
        until: until?,
        open,
    })
}

fn block_end(entry: &TableReader<'_>) -> Option<BlockEnd> {
    match entry.string_or_count("until")? {
        Ok(count) => Some(BlockEnd::Count(count)),
        Err(Located { value, .. }) if value == "blank" => Some(BlockEnd::Blank),
        Err(Located { value, .. }) if value == "prose" => Some(BlockEnd::Prose),
        Err(glob) => compile(entry, "until", &glob, LinePattern::glob).map(BlockEnd::Line),
    }
}

/// The last word counts where somebody writes several.
fn dedupe(table: &TableReader<'_>) -> Option<DedupeRule> {
    let rules = table.items("dedupe").into_iter().filter_map(|item| match item {
        Item::Text(word) => dedupe_word(table, &word),
        Item::Table(entry) => Some(dedupe_table(entry)),
    });
    rules.last()
}

fn dedupe_word(table: &TableReader<'_>, word: &Located<String>) -> Option<DedupeRule> {
    let kind = DEDUPE_KINDS.iter().find(|(name, _)| *name == word.value);
    if kind.is_none() {
        let help = "write one of \"off\", \"lead\", \"exact\", \"contained\"";
        table.fault(
            "dedupe",
            &word.span,
            format!("`{}` is no kind of repeat", word.value),
            help,
        );
    }
    let info = Arc::new(bare_info(
        table.file(),
        &word.span,
        "text.dedupe",
        &word.value,
        Class::Repeat,
    ));
    kind.map(|(_, kind)| DedupeRule {
        info,
        kind: *kind,
        min_chars: DEDUPE_MIN_CHARS,
        within: DEDUPE_WITHIN,
    })
}

fn dedupe_table(entry: TableReader<'_>) -> DedupeRule {
    let kind = entry.word("kind", DEDUPE_KINDS);
    let name = DEDUPE_KINDS
        .iter()
        .find(|(_, other)| kind == Some(*other))
        .map_or("", |(name, _)| name);
    let rule = DedupeRule {
        info: rule_info(&entry, "text.dedupe", name, Class::Repeat),
        kind: kind.unwrap_or(DedupeKind::Lead),
        min_chars: lines(&entry, "min-chars").unwrap_or(DEDUPE_MIN_CHARS),
        within: lines(&entry, "within").unwrap_or(DEDUPE_WITHIN),
    };
    entry.finish();
    rule
}

fn switch(table: &TableReader<'_>, key: &'static str, full_key: &str) -> Option<Switch> {
    let on = table.boolean(key)?;
    let span: Range<usize> = table.value_span(key);
    Some(Switch {
        info: Arc::new(bare_info(
            table.file(),
            &span,
            full_key,
            if on { "true" } else { "false" },
            Class::Boilerplate,
        )),
        on,
    })
}

/// Reads a list of `{ re, with }`.
pub(super) fn replacements(table: &TableReader<'_>, key: &'static str, full_key: &str) -> Vec<ReplaceRule> {
    let help = "write { re = '…', with = \"…\" }";
    table
        .tables(key, help)
        .into_iter()
        .filter_map(|entry| replacement(entry, full_key))
        .collect()
}

fn replacement(entry: TableReader<'_>, full_key: &str) -> Option<ReplaceRule> {
    let re = entry.string("re");
    if re.is_none() && !entry.has("re") {
        entry.fault(
            "re",
            &entry.span(),
            "the replacement searches nothing",
            "give it `re = '…'`",
        );
    }
    let with = entry.string("with").map(|with| with.value).unwrap_or_default();
    let info = rule_info(
        &entry,
        full_key,
        re.as_ref().map_or("", |re| &re.value),
        Class::Boilerplate,
    );
    let compiled = re.and_then(|re| compile(&entry, "re", &re, regex));
    entry.finish();
    compiled.map(|regex| ReplaceRule { info, regex, with })
}

#[cfg(test)]
mod tests {
    use crate::rules::file::RuleFile;
    use crate::rules::model::{BlockEnd, DedupeKind};
    use crate::toml_file::SourceFile;

    fn parse(text: &str) -> (Option<RuleFile>, Vec<String>) {
        let text = format!("schema = 1\nsite = \"a.b\"\n[text]\n{text}");
        let (file, faults) = RuleFile::parse(&SourceFile::new("f", text));
        (file, faults.iter().map(|f| f.message.clone()).collect())
    }

    #[test]
    fn every_key_in_its_forms() {
        let (file, faults) = parse(
            "drop-line = [\"City\", { line = [\"A *\", \"B\"], within = 3, as = \"nav\", id = \"x\" }]\ncut-from = { re = '^End$', next = \"x\", min-kept = 0 }\n\
             drop-block = [{ from = \"A\", until = 2 }, { from = \"B\", until = \"blank\" }, { from = \"C\", until = \"Stop *\", open = true }]\n\
             dedupe = { kind = \"contained\", min-chars = 20 }\nresplit = true\nreplace = [{ re = ' X$', with = \"\" }]",
        );
        assert_eq!(faults, Vec::<String>::new());
        let rules = file.unwrap().rules;
        assert_eq!(rules.drop_line[1].patterns.len(), 2);
        assert_eq!(rules.cut_from[0].min_kept, 0);
        assert!(matches!(rules.drop_block[0].until, BlockEnd::Count(2)));
        assert_eq!(rules.dedupe.unwrap().kind, DedupeKind::Contained);
        assert!(rules.resplit.unwrap().on);
    }

    #[test]
    fn an_empty_rule_and_a_catch_all_are_faults() {
        assert_eq!(
            parse("drop-line = [{ as = \"nav\" }]").1,
            ["the rule says nothing about the line"]
        );
        assert_eq!(parse("drop-line = [\"*\"]").1, ["`*`: the pattern matches every line"]);
        assert_eq!(parse("dedupe = \"all\"").1, ["`all` is no kind of repeat"]);
    }

    #[test]
    fn keys_of_cuts_are_unknown_to_other_rules() {
        assert_eq!(
            parse("drop-line = [{ line = \"a\", next = \"b\" }]").1,
            ["unknown key `next` in `text.drop-line`"]
        );
    }
}
