//! The JSON Schema of rule files, for editors that complete and check them. It is made from what the reader asks for, so
//! the two can't disagree.

use serde_json::Value;

use crate::rules::file::RuleFile;

/// What keys mean. A key that stands below several others is looked up by its last part where it has no row of its own.
const MEANINGS: &[(&str, &str)] = &[
    ("schema", "The version of the rule language: 1."),
    ("site", "Whose rules these are: the site's main host."),
    (
        "family",
        "A name for rules that several sites share; their files say `uses`.",
    ),
    ("layer", "\"defaults\": rules for every page."),
    (
        "hosts",
        "The site's hosts. A bare host counts with its sub-domains, \"=host\" alone, \"*.host\" with its sub-domains alone.",
    ),
    ("uses", "Families that the site builds on."),
    ("disable", "Rules of other layers that don't count, by `id`."),
    (
        "extend",
        "true: this file is laid over the shipped one for the same site; otherwise it takes its place.",
    ),
    (
        "status",
        "\"draft\" rules count only where drafts are asked for, \"off\" ones never.",
    ),
    ("match", "How pages are known that carry no address."),
    (
        "match.paths",
        "Globs over the file's path below the inbox: what is dropped there is the site's.",
    ),
    (
        "match.all",
        "All of these conditions have to hold. A string is a glob for a whole line.",
    ),
    ("match.any", "At least one of these conditions has to hold."),
    (
        "meta",
        "Where metadata comes from: of each list, the first source that gives a value.",
    ),
    ("meta.title", "The headline."),
    ("meta.author", "Who wrote it."),
    ("meta.date", "When it was published."),
    ("meta.url", "The page's address."),
    ("meta.id", "The site's own number for the page."),
    ("meta.tags", "Topics."),
    ("meta.language", "The language."),
    ("meta.sitename", "The site's name as people know it."),
    ("meta.description", "A summary."),
    ("meta.title-replace", "Clean-up of the title."),
    (
        "json-ld",
        "A dotted path into the page's JSON-LD, such as \"author.name\".",
    ),
    ("dateline", "true: a line that is nothing but a date."),
    ("value", "A fixed value."),
    ("take", "true: the line that gave the value goes."),
    ("many", "true: every element gives a value, not only the first."),
    (
        "format",
        "The date's format in the terms of strptime, such as \"%d/%m/%Y\".",
    ),
    (
        "tz",
        "The time zone of a date that names none, such as \"Asia/Kolkata\".",
    ),
    ("html", "Rules over the elements of HTML pages."),
    (
        "html.keep",
        "The main content: the first selector that finds enough text; the union of what it finds.",
    ),
    ("html.strip", "Elements that go, with all that is in them."),
    ("html.unwrap", "Elements that dissolve into the text around them."),
    ("html.break", "Elements that part the text around them."),
    ("html.rename", "Elements that are read as others."),
    ("html.replace", "Replacements in the source, before it is parsed."),
    ("css", "A CSS selector."),
    ("attr", "The attribute that holds the value."),
    ("own-text", "Only elements with this in the text right inside them."),
    (
        "up",
        "Not the element but its nearest ancestor that this selector names.",
    ),
    ("first", "true: only the first one."),
    ("nth", "Only the so-manieth one, from 0."),
    ("nth-last", "Only the so-manieth one from the end; 0 is the last one."),
    ("skip-first", "All but the first so many."),
    (
        "where",
        "Tests that all have to hold. They see the text as it stands, white space and all.",
    ),
    (
        "in",
        "Where the test looks: \"text\" (all of it), \"own-text\" (right inside, joined), \"first-text\" (the first piece right inside), \"any-text\" (one of these pieces), \"@name\" (an attribute), \"@*\" (any attribute).",
    ),
    ("not", "true: the element must not have it."),
    ("then", "Steps from each element to others."),
    ("go", "Which way; the nearest come first."),
    ("texts", "true: the pieces of text that lie there, not the elements."),
    (
        "or",
        "What is meant beside these elements: selectors, or tables with the same keys.",
    ),
    ("after", "true: not the element but everything behind it in its parent."),
    (
        "guard",
        "Largest share of the main content that the rule may take; beyond it the rule is refused.",
    ),
    ("html.rename.to", "The name that the element is read by."),
    (
        "text",
        "Rules over lines: of text dumps, and of what the HTML rules left.",
    ),
    (".text", "Only elements with this in their text."),
    (
        "text.drop-line",
        "Lines that go. A string is a glob for the whole line; `*` is its only wildcard.",
    ),
    ("text.keep-line", "Lines that no other line rule takes."),
    ("text.cut-from", "The first such line goes, and everything behind it."),
    (
        "text.cut-before",
        "Everything before the last such line goes, and it too.",
    ),
    ("text.drop-block", "Runs of lines that go, from one line until another."),
    (
        "text.dedupe",
        "Which repeats go: \"off\", \"lead\" (among the first lines), \"exact\", \"contained\" (also inside longer lines).",
    ),
    ("text.dedupe.kind", "Which repeats go."),
    ("text.dedupe.min-chars", "Shorter lines are no repeats."),
    ("text.dedupe.within", "How many lines count as first lines."),
    (
        "text.resplit",
        "true: a paragraph is split where sentences were glued together.",
    ),
    (
        "text.join-lines",
        "true: hard-wrapped lines are joined up to the next blank one.",
    ),
    (
        "text.judge",
        "true: what the rules leave of a text dump is judged line by line, like dumps of sites without rules.",
    ),
    (
        "text.replace",
        "Replacements in each line; a line of which nothing is left goes.",
    ),
    ("text.drop-block.from", "A glob for the first line of the run."),
    (
        "text.drop-block.until",
        "Where the run ends: \"blank\", \"prose\", a number of lines, or a glob for a line that stays.",
    ),
    ("open", "true: the run may go to the end of the page."),
    ("line", "A glob for the whole line; `*` is its only wildcard."),
    (
        "re",
        "A regular expression (syntax of Rust's regex crate), best in single quotes.",
    ),
    ("with", "What takes its place; $1 stands for the first group."),
    ("within", "Only among the first so many lines."),
    ("last", "Only among the last so many lines."),
    ("max-chars", "Only lines of at most so many characters."),
    ("next", "Only where the next line satisfies this glob."),
    ("min-kept", "How many characters have to stay for the cut to happen."),
    ("id", "A name for `disable`, `expect.must-fire` and reports."),
    ("as", "What the rule removes."),
    ("optional", "true: it is fine if the rule never fires."),
    (
        "path",
        "Rules for some of the site's pages, by the path of their address.",
    ),
    ("path.when", "Globs for the path; `*` stands for any text."),
    (
        "variant",
        "Rules for one of the site's layouts; the first one that fits counts.",
    ),
    ("variant.when", "How the layout is known."),
    ("before", "Pages published before this day."),
    ("variant.when.after", "Pages published on this day or later."),
    ("variant.name", "The layout's name in reports."),
    ("skip", "Pages that are not what the outbox is for; they are held."),
    ("skip.to", "The sub-folder that they are held in."),
    (
        "expect",
        "What the site's pages give, so that a change of the site shows.",
    ),
    ("expect.min-chars", "Fewest characters of text."),
    ("expect.max-removed", "Largest share of the words that may go."),
    ("expect.must-fire", "Keys or ids of rules that fire on every page."),
    ("expect.fields", "Metadata that every page has."),
    ("expect.window", "How many pages a judgement looks back on."),
    ("expect.tolerate", "Share of these pages that may fall short."),
    (
        "expect.on-drift",
        "What happens when more fall short: \"warn\", \"fallback\" to the generic cleaner, \"hold\" the pages.",
    ),
    ("test", "What the file promises about a page."),
    ("test.input", "The page's file, beside the rule file."),
    ("test.text", "The page itself, where it is short."),
    ("test.name", "The test's name."),
    ("test.url", "The page's address."),
    ("has", "What the text must hold."),
    ("has-not", "What the text must not hold."),
    ("starts", "What the text, without its title, begins with."),
    ("ends", "What the text ends with."),
    ("lines", "How many blocks the text has, without its title."),
    ("test.title", "The title."),
    ("test.author", "The author."),
    ("test.date", "The date, as in the metadata."),
    ("golden", "A file with the whole text, beside the rule file."),
];

/// The JSON Schema of rule files (draft 2020-12).
pub fn json_schema() -> Value {
    RuleFile::shape().json_schema("A dehusk rule file", &|key| meaning(key).map(str::to_owned))
}

/// What a key means: its own row, that of the same key outside an overlay, or that of its last part, which begins with
/// a dot where a key at the top has the same name.
pub fn meaning(key: &str) -> Option<&'static str> {
    let outside = key
        .strip_prefix("path.")
        .or_else(|| key.strip_prefix("variant."))
        .unwrap_or(key);
    let last = key.rsplit('.').next().unwrap_or(key);
    let row = |name: &str| MEANINGS.iter().find(|(known, _)| *known == name).map(|(_, text)| *text);
    let inner = || row(&format!(".{last}"));
    row(key).or_else(|| row(outside)).or_else(inner).or_else(|| row(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_of_the_language_has_a_meaning() {
        let silent: Vec<String> = RuleFile::shape()
            .keys()
            .filter(|(key, _)| meaning(key).is_none())
            .map(|(key, _)| key.to_owned())
            .collect();
        assert!(silent.is_empty(), "{silent:?}");
    }

    #[test]
    fn every_meaning_is_of_a_key() {
        let shape = RuleFile::shape();
        let known = |name: &str| {
            shape
                .keys()
                .any(|(key, _)| key == name || key.ends_with(&format!(".{name}")))
        };
        let unknown: Vec<&str> = MEANINGS
            .iter()
            .map(|(name, _)| name.trim_start_matches('.'))
            .filter(|name| !known(name))
            .collect();
        assert!(unknown.is_empty(), "{unknown:?}");
    }

    #[test]
    fn the_schema_knows_nested_keys_and_forbids_unknown_ones() {
        let schema = json_schema();
        assert_eq!(schema["additionalProperties"], false);
        let drop_line = &schema["properties"]["text"]["properties"]["drop-line"]["anyOf"][0]["anyOf"][1];
        assert!(drop_line["properties"]["within"]["minimum"] == 1, "{drop_line}");
        assert_eq!(drop_line["additionalProperties"], false);
    }
}
