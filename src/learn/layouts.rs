//! Which samples come from the same templates.

use std::collections::BTreeSet;

use super::names::Trust;
use super::study::StudiedPage;
use super::worth::number;

/// Pages that share this much of the smaller one's class names come from the same templates.
const SHARED_MIN: f64 = 0.5;

/// Groups pages by layout, each group in the order of the pages, the largest group first.
pub(super) fn group(pages: &[&StudiedPage]) -> Vec<Vec<usize>> {
    let names: Vec<BTreeSet<&str>> = pages.iter().map(|page| class_names(page)).collect();
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (at, own) in names.iter().enumerate() {
        let likeness = |group: &Vec<usize>| {
            let sum: f64 = group
                .iter()
                .filter_map(|other| names.get(*other))
                .map(|other| shared(own, other))
                .sum();
            sum / number(group.len().max(1))
        };
        let best = groups
            .iter_mut()
            .map(|group| (likeness(group), group))
            .filter(|(likeness, _)| *likeness >= SHARED_MIN)
            .max_by(|a, b| a.0.total_cmp(&b.0));
        match best {
            Some((_, group)) => group.push(at),
            None => groups.push(vec![at]),
        }
    }
    groups.sort_by_key(|group| std::cmp::Reverse(group.len()));
    groups
}

/// Names of elements that hold text; those that tell about looks are left out.
fn class_names(page: &StudiedPage) -> BTreeSet<&str> {
    let names = page
        .named
        .iter()
        .filter(|(css, named)| css.starts_with('.') && named.trust == Trust::Name);
    names.map(|(css, _)| css.as_str()).collect()
}

fn shared(one: &BTreeSet<&str>, other: &BTreeSet<&str>) -> f64 {
    number(one.intersection(other).count()) / number(one.len().min(other.len()).max(1))
}

/// A selector that all pages of a group have, and no other page.
pub(super) fn mark_of(group: &[usize], pages: &[&StudiedPage]) -> Option<String> {
    let inside = |at: &usize| group.contains(at);
    let first = pages.get(*group.first()?)?;
    let mut marks: Vec<(Trust, usize, &str)> = first
        .named
        .iter()
        .filter(|(css, _)| {
            pages
                .iter()
                .enumerate()
                .all(|(at, page)| page.named.contains_key(*css) == inside(&at))
        })
        .map(|(css, named)| (named.trust, css.len(), css.as_str()))
        .collect();
    marks.sort_unstable();
    marks.first().map(|(_, _, css)| (*css).to_owned())
}
