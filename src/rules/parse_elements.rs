//! Reads which elements of a page a rule means.

use regex::Regex;
use scraper::Selector;

use crate::rules::elements::{ElementTest, Elements, Find, GO, Go, Pick, Place, Step};
use crate::rules::parse_rule::compile;
use crate::rules::pattern::regex;
use crate::toml_file::{Item, Located, TableReader};

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

/// Where the test of a `where` looks; `@name` stands for an attribute.
const PLACES: &[(&str, Place)] = &[
    ("text", Place::Text),
    ("own-text", Place::OwnText),
    ("first-text", Place::FirstText),
    ("any-text", Place::AnyText),
    ("@*", Place::AnyAttribute),
];

/// Reads the keys that tell elements. `css` itself was read by the caller; without it they are read only for their faults.
pub(super) fn elements(entry: &TableReader<'_>, css: Option<&Located<String>>) -> Elements {
    let mut elements = one(entry, css);
    elements.or = alternatives(entry);
    elements
}

fn one(entry: &TableReader<'_>, css: Option<&Located<String>>) -> Elements {
    let folded = |key, place| test(entry, key, place);
    let mut tests: Vec<ElementTest> = [folded("text", Place::Text), folded("own-text", Place::OwnText)]
        .into_iter()
        .flatten()
        .collect();
    tests.extend(wheres(entry));
    Elements {
        selector: css
            .and_then(|css| selector(entry, "css", css))
            .unwrap_or_else(matches_nothing),
        tests,
        pick: pick(entry),
        up: entry.string("up").and_then(|up| selector(entry, "up", &up)),
        after: entry.boolean("after").unwrap_or(false),
        then: entry
            .tables("then", "write { go = \"children\", css = \"p\" }")
            .into_iter()
            .filter_map(step)
            .collect(),
        or: Vec::new(),
    }
}

fn alternatives(entry: &TableReader<'_>) -> Vec<Elements> {
    let mut alternatives = Vec::new();
    for item in entry.items("or") {
        match item {
            Item::Text(css) => alternatives.extend(selector(entry, "or", &css).map(Elements::plain)),
            Item::Table(table) => {
                let css = css(&table);
                alternatives.push(one(&table, css.as_ref()));
                table.finish();
            }
        }
    }
    alternatives
}

/// The selector of a table that has to have one.
pub(super) fn css(entry: &TableReader<'_>) -> Option<Located<String>> {
    let css = entry.string("css");
    if css.is_none() && !entry.has("css") {
        entry.fault(
            "css",
            &entry.span(),
            "the rule names no element",
            "give it `css = \"selector\"`",
        );
    }
    css
}

fn test(entry: &TableReader<'_>, key: &'static str, place: Place) -> Option<ElementTest> {
    let regex = entry.string(key).and_then(|text| compile(entry, key, &text, regex))?;
    Some(ElementTest {
        place,
        regex,
        not: false,
        fold: true,
    })
}

fn wheres(entry: &TableReader<'_>) -> Vec<ElementTest> {
    let help = "write { in = \"text\", re = '…' }";
    entry.tables("where", help).into_iter().filter_map(where_test).collect()
}

fn where_test(entry: TableReader<'_>) -> Option<ElementTest> {
    let place = entry.string("in");
    let re: Option<Regex> = entry.string("re").and_then(|re| compile(&entry, "re", &re, regex));
    if !entry.has("in") || !entry.has("re") {
        entry.fault(
            "in",
            &entry.span(),
            "the test needs two parts",
            "write { in = \"text\", re = '…' }",
        );
    }
    let not = entry.boolean("not").unwrap_or(false);
    let place = place.and_then(|word| place_of(&entry, &word));
    entry.finish();
    Some(ElementTest {
        place: place?,
        regex: re?,
        not,
        fold: false,
    })
}

fn place_of(entry: &TableReader<'_>, word: &Located<String>) -> Option<Place> {
    if let Some((_, place)) = PLACES.iter().find(|(name, _)| *name == word.value) {
        return Some(place.clone());
    }
    if let Some(name) = word.value.strip_prefix('@').filter(|name| !name.is_empty()) {
        return Some(Place::Attribute(name.to_lowercase()));
    }
    let names: Vec<&str> = PLACES.iter().map(|(name, _)| *name).collect();
    entry.fault(
        "in",
        &word.span,
        format!("`{}` is no place", word.value),
        format!("write one of {}, or \"@name\" for an attribute", names.join(", ")),
    );
    None
}

/// What a key that picks means by its count.
type Counted = fn(usize) -> Pick;

/// Every key that picks by a count.
const PICKS: &[(&str, Counted)] = &[
    ("nth", Pick::Nth),
    ("nth-last", Pick::NthLast),
    ("skip-first", Pick::Skip),
];

fn pick(entry: &TableReader<'_>) -> Option<Pick> {
    let first = entry.boolean("first").unwrap_or(false).then_some(Pick::Nth(0));
    let counted = PICKS.iter().filter_map(|(key, pick)| {
        let count = entry.integer(key, 0..=10_000)?;
        Some(pick(usize::try_from(count.value).ok()?))
    });
    // Every key is asked for, so that none of them counts as unknown.
    let picks: Vec<Pick> = first.into_iter().chain(counted).collect();
    if picks.len() > 1 {
        entry.fault(
            "nth",
            &entry.span(),
            "the rule picks in more than one way",
            "write one of first, nth, nth-last, skip-first",
        );
    }
    picks.first().copied()
}

fn step(entry: TableReader<'_>) -> Option<Step> {
    let go = entry.word("go", GO);
    if go.is_none() && !entry.has("go") {
        entry.fault(
            "go",
            &entry.span(),
            "the step does not say where to go",
            "write { go = \"children\", css = \"p\" }",
        );
    }
    let css = entry.string("css");
    let pieces = entry.boolean("texts").unwrap_or(false);
    let tests = wheres(&entry);
    let pick = pick(&entry);
    let selector = css.map_or_else(|| Some(everything()), |css| selector(&entry, "css", &css));
    entry.finish();
    let find = if pieces { Find::Texts } else { Find::Elements(selector?) };
    Some(Step {
        go: go.unwrap_or(Go::Same),
        find,
        tests,
        pick,
    })
}

fn everything() -> Selector {
    Selector::parse("*").expect("a fixed valid selector")
}

/// Whether the selector engine takes a selector.
pub fn is_selector(css: &str) -> bool {
    Selector::parse(css).is_ok()
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
    use crate::rules::elements::{Go, Pick, Place};
    use crate::rules::file::RuleFile;
    use crate::toml_file::SourceFile;

    fn parse(html: &str) -> (Option<RuleFile>, Vec<String>) {
        let text = format!("schema = 1\nsite = \"a.b\"\n[html]\n{html}");
        let (file, faults) = RuleFile::parse(&SourceFile::new("f", text));
        (file, faults.iter().map(|f| f.message.clone()).collect())
    }

    #[test]
    fn every_key_in_its_forms() {
        let (file, faults) = parse(
            "keep = [{ css = \"p\", where = [{ in = \"first-text\", re = '^A' }, { in = \"@Class\", re = 'x', not = true }], nth-last = 0, \
             then = [{ go = \"ancestors\", css = \"div\", nth = 0 }, { go = \"children\", texts = true }], or = [\"main\", { css = \"a\", first = true }] }]",
        );
        assert_eq!(faults, Vec::<String>::new());
        let elements = &file.unwrap().rules.keep[0].elements;
        assert_eq!(elements.tests[0].place, Place::FirstText);
        assert_eq!(elements.tests[1].place, Place::Attribute("class".to_owned()));
        assert!(elements.tests[1].not);
        assert_eq!(elements.pick, Some(Pick::NthLast(0)));
        assert_eq!(elements.then[0].go, Go::Ancestors);
        assert_eq!(elements.or.len(), 2);
    }

    #[test]
    fn a_test_without_place_and_a_step_without_way_are_faults() {
        assert_eq!(
            parse("keep = [{ css = \"p\", where = [{ re = 'a' }] }]").1,
            ["the test needs two parts"]
        );
        assert_eq!(
            parse("keep = [{ css = \"p\", where = [{ in = \"texts\", re = 'a' }] }]").1,
            ["`texts` is no place"]
        );
        assert_eq!(
            parse("keep = [{ css = \"p\", first = true, nth-last = 1 }]").1,
            ["the rule picks in more than one way"]
        );
        assert_eq!(
            parse("keep = [{ css = \"p\", then = [{ css = \"a\" }] }]").1,
            ["the step does not say where to go"]
        );
    }
}
