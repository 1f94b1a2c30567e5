//! Metadata that a site's rules read from a page.

use std::sync::Arc;

use scraper::ElementRef;

use crate::clean::extraction::TracedBlock;
use crate::clean::select::select_among;
use crate::page::date::{self, Stamp};
use crate::page::json_ld_path::json_ld_value;
use crate::page::{Dom, Metadata};
use crate::rules::elements;
use crate::rules::model::{MetaSource, ReplaceRule, Rules, SourceKind};
use crate::rules::pattern::LinePosition;
use crate::rules::selector_index::Matches;
use crate::rules::{Field, RuleInfo};
use crate::text::fold;

/// Several authors are joined by this, as trafilatura does.
const AUTHOR_SEPARATOR: &str = "; ";

/// The elements of an HTML page, as far as rules speak of them.
pub struct Elements<'a> {
    /// The page's tree.
    pub dom: &'a Dom,
    /// Which of its elements the rules' selectors name.
    pub matches: &'a Matches<'a>,
}

impl Elements<'_> {
    /// The attribute, or the text, of every node that a source means.
    fn texts<'s>(&'s self, wanted: &Wanted<'s>) -> impl Iterator<Item = String> + 's {
        let tree = &self.dom.html().tree;
        let nodes = select_among(self.dom.html(), wanted.elements, self.matches.of(wanted.info));
        // A source that would have to look too far has no value.
        let nodes = nodes.unwrap_or_default();
        let attribute = wanted.attribute;
        let nodes = nodes.into_iter().filter_map(|node| tree.get(node));
        nodes.filter_map(move |node| match (attribute, ElementRef::wrap(node)) {
            (Some(name), element) => element?.attr(name).map(str::to_owned),
            (None, Some(element)) => Some(element.text().collect::<String>()),
            (None, None) => node.value().as_text().map(|text| text.to_string()),
        })
    }
}

/// What a source wants of a page.
struct Wanted<'s> {
    info: &'s Arc<RuleInfo>,
    elements: &'s elements::Elements,
    attribute: Option<&'s str>,
}

/// Reads every field that the rules have sources for into `metadata`; lines that a source takes are removed. Gives the
/// sources that had a value.
pub fn read(
    rules: &Rules,
    page: Option<&Elements<'_>>,
    blocks: &mut [TracedBlock],
    metadata: &mut Metadata,
) -> Vec<Arc<RuleInfo>> {
    let mut fired = Vec::new();
    for (field, sources) in &rules.meta {
        for source in sources {
            let (values, line) = values(source, page, blocks);
            if set(*field, values, source, metadata) {
                take(source, line, blocks);
                fired.push(Arc::clone(&source.info));
                break;
            }
        }
    }
    fired
}

/// Cleans a title by the rules' replacements.
pub fn clean_title(title: &str, replacements: &[ReplaceRule]) -> String {
    let replaced = replacements.iter().fold(title.to_owned(), |title, rule| {
        rule.regex.replace_all(&title, rule.with.as_str()).into_owned()
    });
    let folded = fold(&replaced).into_owned();
    if folded.is_empty() { title.to_owned() } else { folded }
}

/// The values that a source has, and the line that it found them in, if it looks at lines.
fn values(source: &MetaSource, page: Option<&Elements<'_>>, blocks: &[TracedBlock]) -> (Vec<String>, Option<usize>) {
    let values = match &source.kind {
        SourceKind::Value(value) => vec![value.clone()],
        SourceKind::JsonLd(path) => page.map(|page| json_ld_value(page.dom, path)).unwrap_or_default(),
        SourceKind::Css {
            elements,
            attribute,
            regex,
            many,
        } => {
            let wanted = Wanted {
                info: &source.info,
                elements,
                attribute: attribute.as_deref(),
            };
            page.map(|page| of_elements(page.texts(&wanted), regex.as_ref(), *many))
                .unwrap_or_default()
        }
        SourceKind::Line { .. } | SourceKind::Dateline { .. } => {
            return line(source, blocks).map_or((Vec::new(), None), |(at, value)| (vec![value], Some(at)));
        }
    };
    (values, None)
}

fn of_elements(texts: impl Iterator<Item = String>, regex: Option<&regex::Regex>, many: bool) -> Vec<String> {
    let picked = texts.filter_map(|text| regex.map_or_else(|| Some(text.clone()), |regex| first_group(regex, &text)));
    let found = picked
        .map(|text| fold(&text).into_owned())
        .filter(|text| !text.is_empty());
    found.take(if many { usize::MAX } else { 1 }).collect()
}

/// The line that a source finds its value in, and the value.
fn line(source: &MetaSource, blocks: &[TracedBlock]) -> Option<(usize, String)> {
    let count = blocks.iter().filter(|traced| traced.is_kept()).count();
    let kept = blocks
        .iter()
        .enumerate()
        .filter(|(_, traced)| traced.is_kept())
        .enumerate();
    kept.map(|(index, (at, traced))| (LinePosition { index, count }, at, traced.block.text.as_str()))
        .find_map(|(position, at, text)| line_value(source, position, text).map(|value| (at, value)))
}

fn line_value(source: &MetaSource, position: LinePosition, text: &str) -> Option<String> {
    match &source.kind {
        SourceKind::Line {
            regex, within, last, ..
        } if position.allowed(*within, *last) => first_group(regex, text),
        SourceKind::Dateline { within, .. } if position.allowed(Some(*within), None) => {
            date::dateline(text).map(|stamp| stamp.to_string())
        }
        _ => None,
    }
}

/// The first group that took part, or the whole match where the pattern has none; none where that is blank, since a
/// pattern such as `^(a)|` finds nothing everywhere.
fn first_group(regex: &regex::Regex, text: &str) -> Option<String> {
    if text.len() > crate::limits::PATTERN_LINE_BYTES_MAX {
        return None;
    }
    let captures = regex.captures(text)?;
    let group = captures.iter().skip(1).flatten().next().or_else(|| captures.get(0))?;
    Some(group.as_str().to_owned()).filter(|found| !found.trim().is_empty())
}

/// Removes the line that a source took its value from.
fn take(source: &MetaSource, line: Option<usize>, blocks: &mut [TracedBlock]) {
    let takes = matches!(
        source.kind,
        SourceKind::Line { take: true, .. } | SourceKind::Dateline { take: true, .. }
    );
    if let Some(traced) = line.filter(|_| takes).and_then(|at| blocks.get_mut(at)) {
        traced.remove(&source.info);
    }
}

/// Puts values into a field; says whether there was anything to put.
fn set(field: Field, values: Vec<String>, source: &MetaSource, metadata: &mut Metadata) -> bool {
    let Some(first) = values.first().cloned() else {
        return false;
    };
    match field {
        Field::Title => metadata.title = Some(first),
        Field::Author => metadata.author = Some(values.join(AUTHOR_SEPARATOR)),
        Field::Url => metadata.url = Some(first),
        Field::Id => metadata.id = Some(first),
        Field::Language => metadata.language = Some(primary_subtag(&first)),
        Field::Sitename => metadata.sitename = Some(first),
        Field::Description => metadata.description = Some(first),
        Field::Tags => metadata.tags = values,
        Field::Date => {
            let Some(stamp) = stamp(&first, source) else {
                return false;
            };
            metadata.date = Some(stamp);
        }
    }
    true
}

/// The language alone of a tag such as `en-GB` (RFC 5646).
fn primary_subtag(tag: &str) -> String {
    tag.split(['-', '_']).next().unwrap_or_default().to_lowercase()
}

fn stamp(text: &str, source: &MetaSource) -> Option<Stamp> {
    let stamp = match &source.format {
        Some(format) => date::with_format(text, format)?,
        None => date::find(text)?,
    };
    match &source.zone {
        Some(zone) => date::in_zone(stamp, zone).or(Some(stamp)),
        None => Some(stamp),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::Block;
    use crate::rules::RuleFile;
    use crate::toml_file::SourceFile;

    #[test]
    fn a_pattern_that_finds_nothing_gives_no_empty_title() {
        let text = "schema = 1\nsite = \"a.b\"\n[meta]\ntitle = [{ re = '^(Cats)|' }]";
        let rules = RuleFile::parse(&SourceFile::new("f", text)).0.unwrap().rules;
        let title = |lines: &[&str]| {
            let block = |line: &&str| TracedBlock::new(Block::paragraph(*line), None);
            let mut blocks: Vec<TracedBlock> = lines.iter().map(block).collect();
            let mut metadata = Metadata::default();
            read(&rules, None, &mut blocks, &mut metadata);
            metadata.title
        };
        assert_eq!(title(&["Dogs", "Cats", "Birds"]).as_deref(), Some("Cats"));
        assert_eq!(title(&["Dogs"]), None);
    }
}
