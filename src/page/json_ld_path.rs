//! Single values of a page's JSON-LD, by their path; for rules that name one.

use serde_json::Value;

use crate::limits::JSON_LD_DEPTH_MAX;
use crate::page::Dom;
use crate::page::metadata::documents;

/// The values at a dotted path, such as `author.name`, of the first object that has it: the page's JSON-LD objects in
/// order, with those in lists and under `@graph`. A list on the way gives the values of all its members.
pub fn json_ld_value(dom: &Dom, path: &str) -> Vec<String> {
    documents(dom)
        .map(|document| first_with(&document, path, 0))
        .find(|values| !values.is_empty())
        .unwrap_or_default()
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

    #[test]
    fn scripts_are_read_as_for_metadata() {
        let page = "<script type='application/ld+json'>broken</script>
            <script type='Application/LD+JSON'><!--
            {\"headline\": \"line\nbreak\"} --></script>";
        let dom = Dom::parse(page, &Limits::default()).unwrap();
        assert_eq!(json_ld_value(&dom, "headline"), ["line break"]);
    }
}
