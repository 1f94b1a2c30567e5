//! Which nodes a rule will mean: a CSS selector, and what our rule language has beyond it.

use crate::import_ftr::toml_text::{inline_table, text};

/// Nodes: those of the first stage, and step by step what lies from there.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Selection {
    /// The stages; the first one looks in the whole page.
    pub(super) stages: Vec<Stage>,
    /// The attribute that is meant, where it is one.
    pub(super) attribute: Option<String>,
}

/// A stage of a selection.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Stage {
    /// Which way it goes; the first stage goes nowhere.
    pub(super) go: &'static str,
    /// Which elements; empty for pieces of text.
    pub(super) css: String,
    /// What they have to satisfy beyond it.
    pub(super) tests: Vec<Test>,
    /// Which of them.
    pub(super) pick: Option<Choice>,
}

/// A test of text or of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Test {
    /// Where it looks, in the words of the rule language.
    pub(super) place: String,
    /// What it looks for.
    pub(super) pattern: String,
    /// Whether it must not be there.
    pub(super) not: bool,
}

/// Which of several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Choice {
    /// The so-manieth, from 0.
    Nth(usize),
    /// The so-manieth from the end, from 0.
    NthLast(usize),
    /// All but the first so many.
    SkipFirst(usize),
}

impl Stage {
    /// A stage that a selector tells.
    pub(super) fn new(go: &'static str, css: impl Into<String>) -> Self {
        Self {
            go,
            css: css.into(),
            tests: Vec::new(),
            pick: None,
        }
    }

    /// Whether a selector tells all of it.
    pub(super) fn is_plain(&self) -> bool {
        self.tests.is_empty() && self.pick.is_none()
    }

    /// Whether it means pieces of text.
    pub(super) fn is_text(&self) -> bool {
        self.css.is_empty()
    }

    fn keys(&self) -> Vec<(&'static str, String)> {
        let mut keys = Vec::new();
        if !self.tests.is_empty() {
            let tests: Vec<String> = self.tests.iter().map(Test::written).collect();
            keys.push(("where", format!("[{}]", tests.join(", "))));
        }
        keys.extend(self.pick.map(|pick| match pick {
            Choice::Nth(0) if self.go.is_empty() => ("first", "true".to_owned()),
            Choice::Nth(nth) => ("nth", nth.to_string()),
            Choice::NthLast(nth) => ("nth-last", nth.to_string()),
            Choice::SkipFirst(count) => ("skip-first", count.to_string()),
        }));
        keys
    }

    fn as_step(&self) -> String {
        let mut keys = vec![("go", text(self.go))];
        if self.is_text() {
            keys.push(("texts", "true".to_owned()));
        } else if self.css != "*" {
            keys.push(("css", text(&self.css)));
        }
        keys.extend(self.keys());
        inline_table(&keys)
    }
}

impl Test {
    fn written(&self) -> String {
        let mut keys = vec![("in", text(&self.place)), ("re", text(&self.pattern))];
        if self.not {
            keys.push(("not", "true".to_owned()));
        }
        inline_table(&keys)
    }
}

impl Selection {
    /// What one selector finds.
    pub(super) fn plain(css: impl Into<String>) -> Self {
        Self {
            stages: vec![Stage::new("", css)],
            attribute: None,
        }
    }

    /// The selector, where it tells everything.
    pub(super) fn as_css(&self) -> Option<&str> {
        match self.stages.as_slice() {
            [only] if only.is_plain() => Some(&only.css),
            _ => None,
        }
    }

    /// The keys of a table that says the same.
    pub(super) fn keys(&self) -> Vec<(&'static str, String)> {
        let Some((first, mut rest)) = self.stages.split_first() else {
            return Vec::new();
        };
        let mut keys = vec![("css", text(&first.css))];
        keys.extend(first.keys());
        if let Some((up, others)) = rest.split_first()
            && up.go == "ancestors"
            && up.tests.is_empty()
            && up.pick == Some(Choice::Nth(0))
        {
            keys.push(("up", text(&up.css)));
            rest = others;
        }
        if !rest.is_empty() {
            let steps: Vec<String> = rest.iter().map(Stage::as_step).collect();
            keys.push(("then", format!("[{}]", steps.join(", "))));
        }
        keys
    }
}

/// The keys of a table that means what any of these do; `None` where there are none.
pub(super) fn joined_keys(selections: &[Selection]) -> Option<Vec<(&'static str, String)>> {
    let plain: Vec<&str> = selections.iter().filter_map(Selection::as_css).collect();
    let mut others = selections.iter().filter(|selection| selection.as_css().is_none());
    let first = if plain.is_empty() {
        others.next().cloned()?
    } else {
        Selection::plain(plain.join(", "))
    };
    let mut keys = first.keys();
    let or: Vec<String> = others.map(|selection| inline_table(&selection.keys())).collect();
    if !or.is_empty() {
        keys.push(("or", format!("[{}]", or.join(", "))));
    }
    Some(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selection_is_written_with_as_few_keys_as_it_takes() {
        let mut selection = Selection::plain("p");
        assert_eq!(inline_table(&selection.keys()), "{ css = \"p\" }");
        selection.stages.push(Stage {
            pick: Some(Choice::Nth(0)),
            ..Stage::new("ancestors", "div")
        });
        selection.stages.push(Stage::new("next", ""));
        assert_eq!(
            inline_table(&selection.keys()),
            "{ css = \"p\", up = \"div\", then = [{ go = \"next\", texts = true }] }"
        );
    }

    #[test]
    fn plain_selections_join_into_one_selector() {
        let tested = Stage {
            tests: vec![Test {
                place: "text".to_owned(),
                pattern: "^a$".to_owned(),
                not: true,
            }],
            ..Stage::new("", "b")
        };
        let other = Selection {
            stages: vec![tested],
            attribute: None,
        };
        let keys = joined_keys(&[Selection::plain("a"), other, Selection::plain("c > d")]).unwrap();
        assert_eq!(
            inline_table(&keys),
            "{ css = \"a, c > d\", or = [{ css = \"b\", where = [{ in = \"text\", re = \"^a$\", not = true }] }] }"
        );
    }
}
