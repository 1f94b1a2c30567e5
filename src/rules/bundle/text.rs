//! A bundle's file: TOML, so that people can read and compare it.

use std::fmt::Write as _;

use serde::Deserialize;

use super::{BUNDLE_FORMAT, Bundle, BundleError, FileOrigin, Settings};
use crate::limits::Limits;
use crate::rules::class::{CLASSES, Class};
use crate::toml_file::SourceFile;

const HEAD: &str = "# Rules of dehusk in one file, made by `dehusk bundle`. To change them, edit the rule files that it was made of.\n";

/// What every bundle begins with, whatever its form.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Head {
    format: u64,
    #[serde(default)]
    made_by: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct BundleText {
    #[serde(rename = "format")]
    _format: u64,
    made_by: String,
    hash: String,
    settings: SettingsText,
    #[serde(default)]
    rule_file: Vec<FileText>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct SettingsText {
    drafts: bool,
    keep_classes: Vec<String>,
    limits: LimitsText,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "they are called as in the configuration")]
struct LimitsText {
    page_bytes_max: u64,
    inflated_bytes_max: u64,
    inflate_ratio_max: u64,
    tree_depth_max: usize,
    tree_nodes_max: usize,
    tree_attributes_max: usize,
    element_attributes_max: usize,
    blocks_max: usize,
    lines_max: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileText {
    from: String,
    name: String,
    text: String,
}

pub(super) fn parse(bytes: &[u8]) -> Result<Bundle, BundleError> {
    let no_bundle = |why: String| BundleError::NoBundle { why };
    let text = std::str::from_utf8(bytes).map_err(|error| no_bundle(error.to_string()))?;
    let head: Head = toml::from_str(text).map_err(|error| {
        // A bundle that was cut off, or whose text was broken, begins as one.
        let why = error.message().to_owned();
        if text.starts_with(HEAD) {
            BundleError::Damaged { why }
        } else {
            no_bundle(why)
        }
    })?;
    if head.format > BUNDLE_FORMAT {
        return Err(BundleError::Newer {
            format: head.format,
            made_by: head.made_by,
        });
    }
    let damaged = |why: String| BundleError::Damaged { why };
    let read: BundleText = toml::from_str(text).map_err(|error| damaged(error.message().to_owned()))?;
    let named = read.hash.clone();
    let bundle = read.checked().map_err(damaged)?;
    let found = bundle.hash();
    if named == found {
        Ok(bundle)
    } else {
        Err(BundleError::OtherHash { named, found })
    }
}

impl BundleText {
    fn checked(self) -> Result<Bundle, String> {
        let class = |name: &String| {
            let known = CLASSES.iter().find(|(word, _)| word == name);
            known
                .map(|(_, class)| *class)
                .ok_or_else(|| format!("`{name}` is no class"))
        };
        let file = |file: FileText| {
            let from = [FileOrigin::Shipped, FileOrigin::User]
                .into_iter()
                .find(|from| from.name() == file.from);
            let from = from.ok_or_else(|| format!("`{}` is no origin of a rule file", file.from))?;
            Ok((from, SourceFile::new(file.name, file.text)))
        };
        Ok(Bundle {
            made_by: self.made_by,
            settings: Settings {
                drafts: self.settings.drafts,
                keep_classes: self
                    .settings
                    .keep_classes
                    .iter()
                    .map(class)
                    .collect::<Result<_, String>>()?,
                limits: self.settings.limits.into(),
            },
            files: self.rule_file.into_iter().map(file).collect::<Result<_, String>>()?,
        })
    }
}

impl From<LimitsText> for Limits {
    fn from(text: LimitsText) -> Self {
        Self {
            page_bytes_max: text.page_bytes_max,
            inflated_bytes_max: text.inflated_bytes_max,
            inflate_ratio_max: text.inflate_ratio_max,
            tree_depth_max: text.tree_depth_max,
            tree_nodes_max: text.tree_nodes_max,
            tree_attributes_max: text.tree_attributes_max,
            element_attributes_max: text.element_attributes_max,
            blocks_max: text.blocks_max,
            lines_max: text.lines_max,
        }
    }
}

pub(super) fn render(bundle: &Bundle) -> String {
    let mut text = format!(
        "{HEAD}format = {BUNDLE_FORMAT}\nmade-by = {}\nhash = {}\n\n[settings]\n{}",
        quoted(env!("CARGO_PKG_VERSION")),
        quoted(&bundle.hash()),
        settings(&bundle.settings)
    );
    for (from, file) in &bundle.files {
        let (from, name) = (quoted(from.name()), quoted(&file.name));
        text.push_str(&format!(
            "\n[[rule-file]]\nfrom = {from}\nname = {name}\ntext = {}\n",
            long(&file.text)
        ));
    }
    text
}

/// The settings as they stand in a bundle, and in its hash.
pub(super) fn settings(settings: &Settings) -> String {
    let mut classes: Vec<&str> = settings.keep_classes.iter().map(|class| Class::name(*class)).collect();
    classes.sort_unstable();
    classes.dedup();
    let classes: Vec<String> = classes.into_iter().map(quoted).collect();
    let mut text = format!(
        "drafts = {}\nkeep-classes = [{}]\n\n[settings.limits]\n",
        settings.drafts,
        classes.join(", ")
    );
    // Every limit by name, so that a new one can't be forgotten here.
    let Limits {
        page_bytes_max,
        inflated_bytes_max,
        inflate_ratio_max,
        tree_depth_max,
        tree_nodes_max,
        tree_attributes_max,
        element_attributes_max,
        blocks_max,
        lines_max,
    } = &settings.limits;
    let numbers: [(&str, &dyn std::fmt::Display); 9] = [
        ("page-bytes-max", page_bytes_max),
        ("inflated-bytes-max", inflated_bytes_max),
        ("inflate-ratio-max", inflate_ratio_max),
        ("tree-depth-max", tree_depth_max),
        ("tree-nodes-max", tree_nodes_max),
        ("tree-attributes-max", tree_attributes_max),
        ("element-attributes-max", element_attributes_max),
        ("blocks-max", blocks_max),
        ("lines-max", lines_max),
    ];
    for (key, number) in numbers {
        writeln!(text, "{key} = {number}").expect("writing to a string never fails");
    }
    text
}

/// A text in lines of its own where TOML takes it as it is, else quoted.
fn long(text: &str) -> String {
    let is_awkward = |c: char| c.is_control() && c != '\n' && c != '\t';
    if text.contains("'''") || text.ends_with('\'') || text.contains(is_awkward) {
        return quoted(text);
    }
    format!("'''\n{text}'''")
}

/// A basic string.
fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            control if control.is_control() => {
                write!(quoted, "\\u{:04X}", u32::from(control)).expect("writing to a string never fails");
            }
            plain => quoted.push(plain),
        }
    }
    quoted.push('"');
    quoted
}
