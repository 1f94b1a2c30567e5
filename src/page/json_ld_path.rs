//! Single values of a page's JSON-LD, by their path; for rules that name one.

use std::sync::LazyLock;

use scraper::Selector;
use serde_json::Value;

use crate::limits::{JSON_LD_BYTES_MAX, JSON_LD_DEPTH_MAX};
use crate::page::Dom;

static SCRIPTS: LazyLock<Selector> =
    LazyLock::new(|| Selector::parse("script[type='application/ld+json']").expect("a fixed valid selector"));

/// The values at a dotted path, such as `author.name`, of the first object that has it: the page's JSON-LD objects in
/// order, with those in lists and under `@graph`. A list on the way gives the values of all its members.
pub fn json_ld_value(dom: &Dom, path: &str) -> Vec<String> {
    for script in dom.html().select(&SCRIPTS) {
        let text: String = script.text().collect();
        if text.len() > JSON_LD_BYTES_MAX {
            continue;
        }
        let Ok(root) = serde_json::from_str::<Value>(text.trim()) else {
            continue;
        };
        let found = first_with(&root, path, 0);
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}

fn first_with(value: &Value, path: &str, depth: usize) -> Vec<String> {
    if depth > JSON_LD_DEPTH_MAX {
        return Vec::new();
    }
    let mut found = Vec::new();
    match value {
        Value::Array(members) => {
            found = members
                .iter()
                .map(|member| first_with(member, path, depth + 1))
                .find(|values| !values.is_empty())
                .unwrap_or_default();
        }
        Value::Object(fields) => {
            collect(value, path, &mut found);
            if found.is_empty() {
                found = fields
                    .get("@graph")
                    .map(|graph| first_with(graph, path, depth + 1))
                    .unwrap_or_default();
            }
        }
        _ => {}
    }
    found
}

/// Collects the scalar values at the path below a value.
fn collect(value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::Array(members) => members.iter().for_each(|member| collect(member, path, found)),
        Value::Object(fields) if !path.is_empty() => {
            let (key, rest) = path.split_once('.').unwrap_or((path, ""));
            if let Some(inner) = fields.get(key) {
                collect(inner, rest, found);
            }
        }
        Value::String(text) if path.is_empty() => found.push(text.clone()),
        Value::Number(number) if path.is_empty() => found.push(number.to_string()),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;

    #[test]
    fn paths_go_through_lists_and_graphs() {
        let page = r#"<script type="application/ld+json">{"@graph": [{"@type": "WebSite"}, {"headline": "H", "author": [{"name": "A"}, {"name": "B"}]}]}</script>"#;
        let dom = Dom::parse(page, &Limits::default()).unwrap();
        assert_eq!(json_ld_value(&dom, "headline"), ["H"]);
        assert_eq!(json_ld_value(&dom, "author.name"), ["A", "B"]);
        assert!(json_ld_value(&dom, "author").is_empty());
    }
}
