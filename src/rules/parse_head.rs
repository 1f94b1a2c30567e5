//! The head of a rule file: its version, whose rules it holds, and a site's hosts.

use crate::rules::file::{Layer, SCHEMA};
use crate::toml_file::{Located, TableReader};

/// Keys that only count in the file of a site, and what to do with them elsewhere. The defaults are for every page, so
/// `match` counts in the files of families too, but not there.
const SITE_KEYS: &[(&str, &str)] = &[
    ("hosts", "put the hosts into the files of the sites"),
    ("uses", "name all families in the files of the sites, nearest first"),
    ("path", "put these rules into the files of the sites"),
    ("variant", "put these rules into the files of the sites"),
    ("test", "put the test into the file of a site that these rules are for"),
];

/// Whether the file speaks this version of the rule language.
pub(super) fn check_schema(root: &TableReader<'_>) {
    let help = format!("begin the file with `schema = {SCHEMA}`");
    if !root.has("schema") {
        root.fault("schema", &root.span(), "`schema` is missing", help);
        return;
    }
    let version = root.integer("schema", SCHEMA..=u64::from(u16::MAX));
    if let Some(version) = version.filter(|version| version.value != SCHEMA) {
        let found = format!(
            "this dehusk reads version {SCHEMA} of the rule language, not {}",
            version.value
        );
        root.fault(
            "schema",
            &version.span,
            found,
            format!("write `schema = {SCHEMA}`, or use a newer dehusk"),
        );
    }
}

/// Whose rules these are; none where the file does not say it, or says two things.
pub(super) fn layer(root: &TableReader<'_>) -> Option<Located<Layer>> {
    let site = root.string("site").map(|name| name_of(root, "site", name, Layer::Site));
    let family = root
        .string("family")
        .map(|name| name_of(root, "family", name, Layer::Family));
    let defaults = root.string("layer").and_then(|word| {
        if word.value == "defaults" {
            return Some(Located {
                value: Layer::Defaults,
                span: word.span,
            });
        }
        root.fault(
            "layer",
            &word.span,
            format!("`{}` is no layer", word.value),
            "write `layer = \"defaults\"`, or `family = \"name\"`, or `site = \"host\"`",
        );
        None
    });
    let mut layers: Vec<Located<Layer>> = [site, family, defaults].into_iter().flatten().collect();
    let help = "say whose rules these are, once: `site = \"host\"`, `family = \"name\"` or `layer = \"defaults\"`";
    if let Some(second) = layers.get(1) {
        root.fault("site", &second.span, "the file names more than one layer", help);
    }
    if !["site", "family", "layer"].iter().any(|key| root.has(key)) {
        root.fault("site", &root.span(), "the file says neither site nor family", help);
    }
    check_site_keys(root, layers.first());
    layers.pop()
}

fn check_site_keys(root: &TableReader<'_>, layer: Option<&Located<Layer>>) {
    let Some(Layer::Defaults | Layer::Family(_)) = layer.map(|layer| &layer.value) else {
        return;
    };
    let of_defaults = matches!(layer.map(|layer| &layer.value), Some(Layer::Defaults));
    let fingerprint = ("match", "put the fingerprint into the file of a site or of a family");
    let keys = SITE_KEYS.iter().chain(of_defaults.then_some(&fingerprint));
    for (key, help) in keys.filter(|(key, _)| root.has(key)) {
        root.fault(
            key,
            &root.value_span(key),
            format!("`{key}` counts only in the file of a site"),
            *help,
        );
    }
}

fn name_of(root: &TableReader<'_>, key: &str, name: Located<String>, layer: fn(String) -> Layer) -> Located<Layer> {
    let fine = !name.value.is_empty()
        && !name.value.starts_with('.')
        && !name
            .value
            .contains(|c: char| c.is_whitespace() || c.is_control() || "/\\:*".contains(c));
    if !fine {
        root.fault(
            key,
            &name.span,
            format!("`{}` can't be a name", name.value),
            "use letters, digits, dots and dashes, such as \"example.org\"",
        );
    }
    Located {
        value: layer(name.value),
        span: name.span,
    }
}

/// A site's hosts; its own name if it looks like one and no other is given.
pub(super) fn hosts(root: &TableReader<'_>, layer: Option<&Located<Layer>>) -> Vec<Located<String>> {
    let mut hosts = Vec::new();
    for host in root.strings("hosts") {
        let bare = host
            .value
            .strip_prefix("*.")
            .unwrap_or_else(|| host.value.trim_start_matches('='));
        if bare.contains('.') && !bare.contains(|c: char| c.is_whitespace() || "/:*@".contains(c)) {
            hosts.push(Located {
                value: host.value.to_lowercase(),
                span: host.span,
            });
        } else {
            let help = "write the bare host, such as \"example.org\" (it and its sub-domains), \"=example.org\" (it alone) or \
                 \"*.example.org\" (its sub-domains alone)";
            root.fault("hosts", &host.span, format!("`{}` is no host", host.value), help);
        }
    }
    match layer {
        Some(Located {
            value: Layer::Site(name),
            span,
        }) if hosts.is_empty() && !root.has("hosts") && name.contains('.') => {
            vec![Located {
                value: name.to_lowercase(),
                span: span.clone(),
            }]
        }
        _ => hosts,
    }
}
