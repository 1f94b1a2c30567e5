//! Reads the `[expect]` part of a rule file.

use crate::rules::model::{Expect, FIELDS, OnDrift};
use crate::toml_file::TableReader;

const ON_DRIFT: &[(&str, OnDrift)] = &[
    ("warn", OnDrift::Warn),
    ("fallback", OnDrift::Fallback),
    ("hold", OnDrift::Hold),
];

/// How many pages a judgement looks back on, where a file does not say.
const WINDOW: u64 = 50;

/// Share of pages that may fall short, where a file does not say.
const TOLERATE: f64 = 0.2;

pub(super) fn parse(table: TableReader<'_>) -> Expect {
    let count = |key, default| table.integer(key, 0..=1_000_000).map_or(default, |count| count.value);
    let names: Vec<&str> = FIELDS.iter().map(|(name, _)| *name).collect();
    let mut fields = Vec::new();
    for name in table.strings("fields") {
        match FIELDS.iter().find(|(known, _)| *known == name.value) {
            Some((_, field)) => fields.push(*field),
            None => table.fault(
                "fields",
                &name.span,
                format!("`{}` is no field", name.value),
                format!("fields are: {}", names.join(", ")),
            ),
        }
    }
    let expect = Expect {
        min_chars: usize::try_from(count("min-chars", 0)).unwrap_or(usize::MAX),
        max_removed: table.number("max-removed", 0.0..=1.0).unwrap_or(1.0),
        must_fire: table.strings("must-fire").into_iter().map(|name| name.value).collect(),
        fields,
        window: usize::try_from(count("window", WINDOW))
            .unwrap_or(usize::MAX)
            .clamp(1, 10_000),
        tolerate: table.number("tolerate", 0.0..=1.0).unwrap_or(TOLERATE),
        on_drift: table.word("on-drift", ON_DRIFT).unwrap_or(OnDrift::Warn),
    };
    table.finish();
    expect
}
