//! Reads `[[test]]`: what a rule file promises about pages that lie beside it.

use crate::toml_file::{Located, TableReader};

/// A promise about one page.
#[derive(Debug, Clone, Default)]
pub struct RuleTest {
    /// Its name; the page's file name if it has none.
    pub name: String,
    /// The page's file, relative to the rule file.
    pub input: Option<Located<String>>,
    /// The page itself, where it is short.
    pub text: Option<String>,
    /// The address that the page came from.
    pub url: Option<String>,
    /// What the text must hold.
    pub has: Vec<Located<String>>,
    /// What the text must not hold.
    pub has_not: Vec<Located<String>>,
    /// What the text, without the title, begins with.
    pub starts: Option<Located<String>>,
    /// What the text ends with.
    pub ends: Option<Located<String>>,
    /// How many blocks the text has, without the title.
    pub lines: Option<Located<u64>>,
    /// The title.
    pub title: Option<Located<String>>,
    /// The author.
    pub author: Option<Located<String>>,
    /// The date.
    pub date: Option<Located<String>>,
    /// A file with the whole text, relative to the rule file.
    pub golden: Option<Located<String>>,
    /// The bytes of the table in the rule file.
    pub span: std::ops::Range<usize>,
}

pub(super) fn parse(root: &TableReader<'_>) -> Vec<RuleTest> {
    root.tables("test", "write [[test]] with `input` and `has`")
        .into_iter()
        .map(test)
        .collect()
}

fn test(table: TableReader<'_>) -> RuleTest {
    let input = table.string("input");
    let text = table.string("text").map(|text| text.value);
    if table.has("input") == table.has("text") {
        let found = if table.has("input") {
            "the test has two pages"
        } else {
            "the test has no page"
        };
        table.fault(
            "input",
            &table.span(),
            found,
            "give it one: `input = \"file beside the rules\"` or `text = \"…\"`",
        );
    }
    let name = table
        .string("name")
        .map(|name| name.value)
        .or_else(|| input.as_ref().map(|input| input.value.clone()));
    let test = RuleTest {
        name: name.unwrap_or_else(|| "unnamed".to_owned()),
        input,
        text,
        url: table.string("url").map(|url| url.value),
        has: table.strings("has"),
        has_not: table.strings("has-not"),
        starts: table.string("starts"),
        ends: table.string("ends"),
        lines: table.integer("lines", 0..=1_000_000),
        title: table.string("title"),
        author: table.string("author"),
        date: table.string("date"),
        golden: table.string("golden"),
        span: table.span(),
    };
    table.finish();
    test
}
