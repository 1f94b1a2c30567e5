//! Whether a page gives what its site's rules expect.

use std::collections::HashSet;

use crate::clean::extraction::{Extraction, Fate, Shortfall};
use crate::clean::marks::percent;
use crate::page::Metadata;
use crate::rules::Field;
use crate::rules::model::{Expect, FIELDS};

/// Every way in which a page falls short.
pub(super) fn shortfalls(extraction: &Extraction, expect: &Expect) -> Vec<Shortfall> {
    let mut found = Vec::new();
    let chars = extraction.kept().map(|block| block.text.chars().count()).sum();
    if chars < expect.min_chars {
        found.push(Shortfall::Chars {
            found: chars,
            min: expect.min_chars,
        });
    }
    let removed = 1.0 - extraction.kept_ratio();
    if removed > expect.max_removed {
        found.push(Shortfall::Removed {
            percent: percent(removed),
            max: percent(expect.max_removed),
        });
    }
    let fired = fired(extraction);
    let silent = expect.must_fire.iter().filter(|rule| !fired.contains(rule.as_str()));
    found.extend(silent.map(|rule| Shortfall::Silent { rule: rule.clone() }));
    let absent = FIELDS
        .iter()
        .filter(|(_, field)| expect.fields.contains(field) && !has(&extraction.metadata, *field));
    found.extend(absent.map(|(name, _)| Shortfall::Field { name }));
    found
}

/// The keys and ids of all rules that did something: removals, edits, and sources of metadata.
fn fired(extraction: &Extraction) -> HashSet<&str> {
    let mut fired = HashSet::new();
    for traced in &extraction.blocks {
        if let Fate::Removed(removal) = &traced.fate {
            fired.insert(removal.rule.key.as_str());
            fired.extend(removal.rule.id.as_deref());
        }
        for edit in &traced.edits {
            fired.insert(edit.rule.key.as_str());
            fired.extend(edit.rule.id.as_deref());
        }
    }
    for rule in &extraction.sources {
        fired.insert(rule.key.as_str());
        fired.extend(rule.id.as_deref());
    }
    fired
}

fn has(metadata: &Metadata, field: Field) -> bool {
    match field {
        Field::Title => metadata.title.is_some(),
        Field::Author => metadata.author.is_some(),
        Field::Date => metadata.date.is_some(),
        Field::Url => metadata.url.is_some(),
        Field::Id => metadata.id.is_some(),
        Field::Tags => !metadata.tags.is_empty(),
        Field::Language => metadata.language.is_some(),
        Field::Sitename => metadata.sitename.is_some(),
        Field::Description => metadata.description.is_some(),
    }
}
