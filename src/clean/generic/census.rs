//! One pass over a page's tree that counts what blocks do not show, and gathers the signs that tell its kind.

use ego_tree::{NodeId, NodeRef};
use html5ever::{LocalName, local_name};
use rustc_hash::FxHashMap;
use scraper::Node;
use scraper::node::Element;

use crate::clean::generic::names;
use crate::clean::generic::outline::Branch;
use crate::page::Dom;
use crate::page::elements::attribute;
use crate::text::as_f32;

/// Most signs of a page that are kept.
const SIGNS_MAX: usize = 400;

/// Longest sign, in bytes.
const SIGN_BYTES_MAX: usize = 40;

/// What one pass has counted.
#[derive(Debug, Default, Clone)]
pub struct Census {
    /// Cells of tables.
    pub cells: f32,
    /// `time` elements.
    pub times: f32,
    /// Items of lists.
    pub items: f32,
    /// Headings of level 1.
    pub main_headings: f32,
    /// Bytes of JSON-LD.
    pub data_bytes: f32,
    /// What tells the kind of the page: types in JSON-LD and Open Graph, the generator, names of the outermost elements.
    pub signs: Vec<String>,
}

/// Counts what the page holds, and for every branch its links, images and controls.
pub(super) fn take(dom: &Dom, known: &FxHashMap<NodeId, usize>, branches: &mut [Branch]) -> Census {
    let mut census = Census::default();
    // What is still to be visited, the next one last, each with the branch around it.
    let mut ahead: Vec<(NodeRef<'_, Node>, Option<usize>)> = vec![(dom.html().tree.root(), None)];
    while let Some((node, around)) = ahead.pop() {
        ahead.extend(node.next_sibling().map(|next| (next, around)));
        let Node::Element(element) = node.value() else {
            ahead.extend(node.first_child().map(|child| (child, around)));
            continue;
        };
        let branch = known.get(&node.id()).copied().or(around);
        ahead.extend(node.first_child().map(|child| (child, branch)));
        census.count(node, element);
        if let Some(branch) = branch.and_then(|at| branches.get_mut(at)) {
            count_in(branch, &element.name.local);
        }
    }
    census.signs.sort_unstable();
    census.signs.dedup();
    census
}

fn count_in(branch: &mut Branch, tag: &LocalName) {
    match *tag {
        local_name!("a") => branch.sums.links += 1.0,
        local_name!("img") => branch.sums.images += 1.0,
        local_name!("input") | local_name!("textarea") | local_name!("select") | local_name!("button") => {
            branch.sums.controls += 1.0;
        }
        _ => {}
    }
}

impl Census {
    fn count(&mut self, node: NodeRef<'_, Node>, element: &Element) {
        match element.name.local {
            local_name!("td") => self.cells += 1.0,
            local_name!("time") => self.times += 1.0,
            local_name!("li") => self.items += 1.0,
            local_name!("h1") => self.main_headings += 1.0,
            local_name!("script") => self.read_script(node, element),
            local_name!("meta") => self.read_meta(element),
            local_name!("body") | local_name!("html") => names::each_word(element, &mut |word| self.sign("body", word)),
            _ => {}
        }
    }

    /// Keeps a sign of a kind.
    pub(super) fn sign(&mut self, kind: &str, word: &str) {
        if self.signs.len() < SIGNS_MAX && word.len() <= SIGN_BYTES_MAX {
            self.signs.push(format!("{kind}:{word}"));
        }
    }

    fn read_meta(&mut self, element: &Element) {
        let Some(name) = attribute(element, "property").or_else(|| attribute(element, "name")) else {
            return;
        };
        let content = attribute(element, "content").unwrap_or_default();
        if name.eq_ignore_ascii_case("og:type") {
            self.sign("og", &content.trim().to_lowercase());
        } else if name.eq_ignore_ascii_case("generator") {
            let word = content
                .split(|c: char| !c.is_alphanumeric())
                .find(|word| !word.is_empty());
            self.sign("generator", &word.unwrap_or_default().to_lowercase());
        }
    }

    fn read_script(&mut self, node: NodeRef<'_, Node>, element: &Element) {
        if !attribute(element, "type").is_some_and(|kind| kind.contains("ld+json")) {
            return;
        }
        for text in node.children().filter_map(|child| child.value().as_text()) {
            self.data_bytes += as_f32(text.len());
            types_of(text, |kind| self.sign("data", kind));
        }
    }

    /// Keeps the signs that a page's own address gives: how deep it lies, and the words of its path.
    pub(super) fn read_address(&mut self, url: &str) {
        let path = url.splitn(4, '/').nth(3).unwrap_or_default();
        let depth = path.split(['/', '?']).filter(|part| !part.is_empty()).count();
        self.sign("depth", &depth.min(6).to_string());
        if path.bytes().any(|byte| byte.is_ascii_digit()) {
            self.sign("path", "#");
        }
        names::words(path, &mut |word| self.sign("path", word));
    }
}

/// Finds the values of all `@type` keys without parsing: scripts with faults tell them too.
fn types_of(text: &str, mut visit: impl FnMut(&str)) {
    for after in text.split("\"@type\"").skip(1) {
        let value = after.trim_start().strip_prefix(':').map(str::trim_start);
        let one = value
            .and_then(|value| value.strip_prefix('"'))
            .and_then(|value| value.split('"').next());
        let several = value
            .and_then(|value| value.strip_prefix('['))
            .and_then(|value| value.split(']').next());
        one.into_iter().for_each(&mut visit);
        let parts = several.into_iter().flat_map(|list| list.split('"').skip(1).step_by(2));
        parts.for_each(&mut visit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;

    fn census(html: &str) -> Census {
        let dom = Dom::parse(html, &Limits::default()).unwrap();
        take(&dom, &FxHashMap::default(), &mut [])
    }

    #[test]
    fn types_of_scripts_are_signs_even_where_the_script_is_broken() {
        let found =
            census("<script type='application/ld+json'>{\"@type\": \"Recipe\", {\"@type\":[\"A\",\"B\"]</script>");
        assert_eq!(found.signs, ["data:A", "data:B", "data:Recipe"]);
        assert!(found.data_bytes > 30.0);
    }

    #[test]
    fn metas_and_the_body_give_signs() {
        let found = census(
            "<meta property=og:type content=Article><meta name=generator content='Hugo 0.1'><body class=single-post>",
        );
        assert_eq!(
            found.signs,
            ["body:post", "body:single", "generator:hugo", "og:article"]
        );
    }

    #[test]
    fn addresses_tell_their_depth_and_words() {
        let mut census = Census::default();
        census.read_address("https://gazette.example/blog/2024/no-vote");
        assert_eq!(census.signs, ["depth:3", "path:#", "path:blog", "path:no", "path:vote"]);
    }
}
