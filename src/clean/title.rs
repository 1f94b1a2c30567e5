//! The title: out of the text, into the metadata.

use std::sync::{Arc, LazyLock};

use crate::clean::captures::clean_title;
use crate::clean::extraction::{Edit, Fate, TracedBlock};
use crate::page::{BlockKind, Metadata};
use crate::rules::model::{DedupeKind, Rules};
use crate::rules::{Class, RuleInfo};
use crate::text::line_key;

/// Longest first line of a text dump, in characters, that can be a title.
const TITLE_CHARS_MAX: usize = 250;

/// Longest first line that can be a title although it ends like a sentence.
const TITLE_SENTENCE_CHARS_MAX: usize = 160;

/// Among how many first kept blocks the title of a page is looked for.
const TITLE_WITHIN: usize = 12;

static TITLE_REPEATED: LazyLock<Arc<RuleInfo>> =
    LazyLock::new(|| RuleInfo::built_in("title", "the title once more among the first lines", Class::Repeat));

/// Settles the title: cleans it, marks the block that is the title, drops further copies near the top.
pub(super) fn settle(blocks: &mut [TracedBlock], metadata: &mut Metadata, rules: &Rules, html: bool) {
    if metadata.title.is_none() {
        metadata.title = if html {
            first_heading(blocks)
        } else {
            first_line(blocks, rules)
        };
    }
    let Some(found) = metadata.title.take() else { return };
    let title = clean_title(&found, &rules.title_replace);
    let copies_go = rules
        .dedupe
        .as_ref()
        .is_none_or(|dedupe| dedupe.kind != DedupeKind::Off);
    mark(
        blocks,
        &[line_key(&found).into_owned(), line_key(&title).into_owned()],
        copies_go,
    );
    metadata.title = Some(title);
}

fn first_heading(blocks: &[TracedBlock]) -> Option<String> {
    let mut kept = blocks.iter().filter(|traced| traced.is_kept());
    kept.find(|traced| traced.block.kind == BlockKind::Heading(1))
        .map(|traced| traced.block.text.clone())
}

/// The first line of a text dump, if it can be a title; marks it.
fn first_line(blocks: &mut [TracedBlock], rules: &Rules) -> Option<String> {
    let first = blocks.iter_mut().find(|traced| traced.is_kept())?;
    let text = first.block.text.clone();
    let chars = text.chars().count();
    let sentence = text.ends_with(['.', '。']);
    if chars > TITLE_CHARS_MAX || sentence && chars > TITLE_SENTENCE_CHARS_MAX {
        return None;
    }
    first.fate = Fate::Title;
    let cleaned = clean_title(&text, &rules.title_replace);
    if let (true, Some(rule)) = (cleaned != text, rules.title_replace.first()) {
        first.edits.push(Edit {
            rule: Arc::clone(&rule.info),
            before: text.clone(),
        });
        first.block.text = cleaned;
    }
    Some(text)
}

/// Marks the first kept block that reads like the title as the title, where none is marked yet; drops the others.
fn mark(blocks: &mut [TracedBlock], keys: &[String], copies_go: bool) {
    let mut marked = blocks.iter().any(|traced| traced.fate == Fate::Title);
    for traced in blocks.iter_mut().filter(|traced| traced.is_kept()).take(TITLE_WITHIN) {
        if !keys.contains(&line_key(&traced.block.text).into_owned()) {
            continue;
        }
        if !marked {
            traced.fate = Fate::Title;
            marked = true;
        } else if copies_go {
            traced.remove(&TITLE_REPEATED);
        }
    }
}
