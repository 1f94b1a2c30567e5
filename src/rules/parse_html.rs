//! Reads the `[html]` part of a rule file.

use std::sync::Arc;

use crate::rules::class::Class;
use crate::rules::elements::Elements;
use crate::rules::model::{RenameRule, Rules, SelectorRule};
use crate::rules::parse_elements::{css, elements, selector};
use crate::rules::parse_rule::{bare_info, rule_info, without_effect};
use crate::rules::parse_text::replacements;
use crate::toml_file::{Item, TableReader};

/// Largest share of the main content that a strip rule may take, where it does not say: a rule that takes more has
/// most likely come to match the article itself.
const GUARD: f64 = 0.9;

/// The one key whose rules remove something.
const STRIP: &str = "html.strip";

pub(super) fn parse(table: TableReader<'_>, rules: &mut Rules) {
    rules.keep = selector_rules(&table, "keep", "html.keep");
    rules.strip = selector_rules(&table, "strip", STRIP);
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
                elements: Elements::plain(selector),
                guard: GUARD,
            })),
            Item::Table(entry) => rules.extend(selector_rule(entry, full_key)),
        }
    }
    rules
}

fn selector_rule(entry: TableReader<'_>, full_key: &str) -> Option<SelectorRule> {
    if full_key != STRIP {
        without_effect(&entry, &["guard", "as"], "on what removes nothing");
    }
    entry.refuse(
        "attr",
        "attributes leave no trace in a text, so there is nothing to remove",
        "take the rule out, or take `attr` out to remove the whole element",
    );
    let css = css(&entry);
    let pattern = css.as_ref().map_or("", |css| css.value.as_str());
    let rule = SelectorRule {
        info: rule_info(&entry, full_key, pattern, Class::Boilerplate),
        elements: elements(&entry, css.as_ref()),
        guard: entry.number("guard", 0.0..=1.0).unwrap_or(GUARD),
    };
    entry.finish();
    css.map(|_| rule)
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
