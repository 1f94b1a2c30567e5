//! JSON. Field names are trafilatura's where it has the field.

use serde_json::{Map, Value, json};

use super::plain;
use crate::clean::extraction::{Extraction, Fate, TracedBlock};
use crate::rules::Class;

/// The version of the shape of these objects.
const SCHEMA: u32 = 1;

/// The metadata of a page: what it says about itself, and how it was cleaned. Fields without a value are null.
pub fn metadata_json(extraction: &Extraction) -> Value {
    let own = &extraction.metadata;
    let date = |stamp: &Option<crate::page::date::Stamp>| stamp.as_ref().map(ToString::to_string);
    let warnings: Vec<String> = extraction.warnings.iter().map(ToString::to_string).collect();
    let removed: Map<String, Value> = extraction
        .removed()
        .iter()
        .map(|(class, count)| (class.name().to_owned(), json!(count)))
        .collect();
    json!({
        "schema": SCHEMA,
        "title": own.title,
        "author": own.author,
        "date": date(&own.date),
        "date_modified": date(&own.date_modified),
        "url": own.url,
        "hostname": own.hostname,
        "sitename": own.sitename,
        "description": own.description,
        "categories": own.categories,
        "tags": own.tags,
        "language": own.language,
        "image": own.image,
        "pagetype": own.pagetype,
        "id": own.id,
        "site": extraction.site,
        "identified_by": extraction.identified_by.name(),
        "evidence": extraction.evidence,
        "method": extraction.method.name(),
        "rule_set": extraction.rule_set,
        "kind": extraction.kind.name(),
        "charset": extraction.charset,
        "kept_ratio": (extraction.kept_ratio() * 1000.0).round() / 1000.0,
        "removed": removed,
        "confidence": extraction.confidence.map(|f1| (f64::from(f1) * 1000.0).round() / 1000.0),
        "overlays": extraction.overlays,
        "held": extraction.held.as_ref().map(|held| held.to.as_str()),
        "warnings": warnings,
        "version": env!("CARGO_PKG_VERSION"),
    })
}

/// Metadata and text in one object.
pub fn page_json(extraction: &Extraction) -> Value {
    let mut page = metadata_json(extraction);
    if let Some(fields) = page.as_object_mut() {
        fields.insert(
            "text".to_owned(),
            Value::String(plain(extraction, false).trim_end().to_owned()),
        );
    }
    page
}

/// Every block in order with what became of it and why.
pub fn removals_json(extraction: &Extraction) -> Value {
    extraction.blocks.iter().map(block_json).collect()
}

/// The removed blocks of these classes, in order.
pub fn side_json(extraction: &Extraction, classes: &[Class]) -> Value {
    let of_class = |traced: &&TracedBlock| match &traced.fate {
        Fate::Removed(removal) => classes.contains(&removal.class),
        Fate::Kept | Fate::Title => false,
    };
    let removed: Value = extraction.blocks.iter().filter(of_class).map(block_json).collect();
    json!({ "schema": SCHEMA, "removed": removed })
}

fn block_json(traced: &TracedBlock) -> Value {
    let fate = match &traced.fate {
        Fate::Kept => "kept",
        Fate::Title => "title",
        Fate::Removed(_) => "removed",
    };
    let mut block = json!({ "fate": fate, "text": traced.block.text });
    if let Some(fields) = block.as_object_mut() {
        if traced.block.line > 0 {
            fields.insert("line".to_owned(), json!(traced.block.line));
        }
        if let Fate::Removed(removal) = &traced.fate {
            fields.insert("class".to_owned(), json!(removal.class.name()));
            fields.insert("rule".to_owned(), rule_json(&removal.rule));
        }
        if !traced.edits.is_empty() {
            let edits = traced
                .edits
                .iter()
                .map(|edit| json!({ "rule": rule_json(&edit.rule), "before": edit.before }))
                .collect();
            fields.insert("edits".to_owned(), edits);
        }
    }
    block
}

fn rule_json(rule: &crate::rules::RuleInfo) -> Value {
    json!({ "key": rule.key, "pattern": rule.pattern, "id": rule.id, "file": &*rule.origin.file, "line": rule.origin.line })
}
