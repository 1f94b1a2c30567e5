//! Reads the `[html]` part of a rule file.

use std::sync::Arc;

use scraper::Selector;

use crate::rules::class::Class;
use crate::rules::file::{bare_info, compile, rule_info};
use crate::rules::model::{RenameRule, Rules, SelectorRule};
use crate::rules::parse_text::replacements;
use crate::rules::pattern::regex;
use crate::toml_file::{Item, Located, TableReader};

/// Largest share of the main content that a strip rule may take, where it does not say: a rule that takes more has
/// most likely come to match the article itself.
const GUARD: f64 = 0.9;

/// What people write that selectors can't say, and what says it here.
const SELECTOR_HINTS: &[(&str, &str)] = &[
    (":contains", "write { css = \"…\", text = '…' } instead of `:contains`"),
    (
        ":-soup-contains",
        "write { css = \"…\", text = '…' } instead of `:-soup-contains`",
    ),
    (":eq(", "write { css = \"…\", nth = 0 } instead of `:eq(0)`"),
    ("::", "pseudo-elements select no text: name the element itself"),
    (":first", "write { css = \"…\", first = true }, or `:first-child`"),
    (":last", "write `:last-child` or `:last-of-type`"),
    (":parent", "write { css = \"…\", up = \"ancestor\" } for an ancestor"),
    (
        ":visible",
        "what is shown is not known here: name an attribute, such as [hidden] or [style*=\"none\"]",
    ),
    (
        ":hidden",
        "what is shown is not known here: name an attribute, such as [hidden] or [style*=\"none\"]",
    ),
    (":lang", "write [lang|=\"en\"] instead of `:lang(en)`"),
    (":link", "write a[href] instead of `:link`"),
    (
        " of ",
        "`:nth-child(n of …)` is not known here: write { css = \"…\", nth = 0 }",
    ),
    (
        ":has(",
        "a `:has` can't hold another one: write { css = \"…\", up = \"ancestor\" } instead",
    ),
    (
        "//",
        "this looks like XPath: write a CSS selector, such as `div.story > p`",
    ),
];

/// What is wrong, by the engine's name for it.
const SELECTOR_REASONS: &[(&str, &str)] = &[
    (
        "UnsupportedPseudoClassOrElement",
        "it has a pseudo-class that is not known here",
    ),
    (
        "EmptySelector",
        "a part of it is missing or begins with a sign that no name begins with",
    ),
    ("DanglingCombinator", "it ends where another element should follow"),
    (
        "ClassNeedsIdent",
        "a name should follow the dot, and not begin with a digit",
    ),
    ("InvalidState", "this pseudo-class can't stand inside that one"),
    ("InAttr", "the part in square brackets is not valid"),
    ("EndOfLine", "it ends too early"),
    ("UnexpectedToken", "it has a sign where none can stand"),
];

/// What to write where no hint fits.
const SELECTOR_HELP: &str = "write a CSS selector, such as `div.story > p`; of pseudo-classes there are :not, :is, \
    :where, :has, :empty, :root, :first-child, :last-child, :only-child, :nth-child, :nth-of-type and their like";

pub(super) fn parse(table: TableReader<'_>, rules: &mut Rules) {
    rules.keep = selector_rules(&table, "keep", "html.keep");
    rules.strip = selector_rules(&table, "strip", "html.strip");
    let unwrapped = selector_rules(&table, "unwrap", "html.unwrap");
    let parted = selector_rules(&table, "break", "html.break");
    rules.rename.extend(unwrapped.into_iter().map(|elements| RenameRule {
        elements,
        name: "span".to_owned(),
    }));
    rules.rename.extend(parted.into_iter().map(|elements| RenameRule {
        elements,
        name: "div".to_owned(),
    }));
    rules.rename.extend(renames(&table));
    rules.replace_source = replacements(&table, "replace", "html.replace");
    table.finish();
}

/// Reads `html.rename`: tables with `css` and `to`.
fn renames(table: &TableReader<'_>) -> Vec<RenameRule> {
    let help = "write { css = \"selector\", to = \"p\" }";
    table.tables("rename", help).into_iter().filter_map(rename).collect()
}

fn rename(entry: TableReader<'_>) -> Option<RenameRule> {
    let name = entry.string("to");
    if name.is_none() && !entry.has("to") {
        entry.fault(
            "to",
            &entry.span(),
            "a renaming needs two parts",
            "write { css = \"selector\", to = \"p\" }",
        );
    }
    let elements = selector_rule(entry, "html.rename")?;
    Some(RenameRule {
        elements,
        name: name?.value.to_lowercase(),
    })
}

fn selector_rules(table: &TableReader<'_>, key: &'static str, full_key: &str) -> Vec<SelectorRule> {
    let mut rules = Vec::new();
    for item in table.items(key) {
        match item {
            Item::Text(css) => rules.extend(selector(table, key, &css).map(|selector| SelectorRule {
                info: Arc::new(bare_info(
                    table.file(),
                    &css.span,
                    full_key,
                    &css.value,
                    Class::Boilerplate,
                )),
                selector,
                text: None,
                own_text: None,
                up: None,
                nth: None,
                after: false,
                guard: GUARD,
            })),
            Item::Table(entry) => rules.extend(selector_rule(entry, full_key)),
        }
    }
    rules
}

fn selector_rule(entry: TableReader<'_>, full_key: &str) -> Option<SelectorRule> {
    let css = entry.string("css");
    if css.is_none() && !entry.has("css") {
        entry.fault(
            "css",
            &entry.span(),
            "the rule names no element",
            "give it `css = \"selector\"`",
        );
    }
    let first = entry.boolean("first").unwrap_or(false).then_some(0);
    let nth = entry
        .integer("nth", 0..=10_000)
        .and_then(|nth| usize::try_from(nth.value).ok());
    let pattern = css.as_ref().map_or(String::new(), |css| css.value.clone());
    let rule = SelectorRule {
        info: rule_info(&entry, full_key, &pattern, Class::Boilerplate),
        selector: css
            .as_ref()
            .and_then(|css| selector(&entry, "css", css))
            .unwrap_or_else(matches_nothing),
        text: entry
            .string("text")
            .and_then(|text| compile(&entry, "text", &text, regex)),
        own_text: entry
            .string("own-text")
            .and_then(|text| compile(&entry, "own-text", &text, regex)),
        up: entry.string("up").and_then(|up| selector(&entry, "up", &up)),
        nth: nth.or(first),
        after: entry.boolean("after").unwrap_or(false),
        guard: entry.number("guard", 0.0..=1.0).unwrap_or(GUARD),
    };
    entry.finish();
    css.map(|_| rule)
}

/// Stands in for a selector that did not compile; its file is refused, so it never runs.
fn matches_nothing() -> Selector {
    Selector::parse("html:not(html)").expect("a fixed valid selector")
}

/// Compiles a selector and reports where it does not.
pub(super) fn selector(table: &TableReader<'_>, key: &str, css: &Located<String>) -> Option<Selector> {
    match Selector::parse(&css.value) {
        Ok(selector) => Some(selector),
        Err(error) => {
            let hint = SELECTOR_HINTS
                .iter()
                .find(|(sign, _)| css.value.contains(sign))
                .map(|(_, hint)| *hint);
            let help = hint.unwrap_or(SELECTOR_HELP);
            table.fault(
                key,
                &css.span,
                format!("`{}` is not a selector: {}", css.value, reason(&error)),
                help,
            );
            None
        }
    }
}

/// What is wrong with a selector. The engine's own words are those of a debugger, so they are only looked through.
fn reason(error: &scraper::error::SelectorErrorKind) -> &'static str {
    let words = format!("{error:?}");
    SELECTOR_REASONS
        .iter()
        .find(|(sign, _)| words.contains(sign))
        .map_or("it is not valid CSS", |(_, reason)| reason)
}

#[cfg(test)]
mod tests {
    use crate::rules::file::RuleFile;
    use crate::toml_file::SourceFile;

    fn faults(html: &str) -> Vec<String> {
        let text = format!("schema = 1\nsite = \"a.b\"\n[html]\n{html}");
        RuleFile::parse(&SourceFile::new("f", text))
            .1
            .iter()
            .map(|f| format!("{} | {}", f.message, f.help))
            .collect()
    }

    #[test]
    fn what_selectors_can_not_say_gets_a_hint() {
        assert!(faults("strip = [\"p:contains('x')\"]")[0].contains("text = '…'"));
        assert!(faults("strip = [\"//div[@class='x']\"]")[0].contains("XPath"));
    }

    #[test]
    fn a_rule_without_selector_is_a_fault() {
        assert_eq!(
            faults("strip = [{ text = 'x' }]"),
            ["the rule names no element | give it `css = \"selector\"`"]
        );
    }

    #[test]
    fn good_selectors_are_no_fault() {
        assert!(faults("keep = [\"article, main > div\"]\nstrip = [{ css = \"p\", text = '^More:', up = \"div\", first = true, as = \"related\" }]").is_empty());
    }
}
