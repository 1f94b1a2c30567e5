//! Reads values of the configuration; every fault is told, and a faulty value counts as absent.

use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use crate::clean::render::{FORMATS, Format};
use crate::rules::Class;
use crate::rules::class::CLASSES;
use crate::toml_file::{Located, TableReader};

/// A key that is absent, or wrong and reported, leaves the default.
pub(super) fn set<T>(slot: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *slot = value;
    }
}

pub(super) fn number<T: TryFrom<u64>>(
    table: &TableReader<'_>,
    key: &'static str,
    range: RangeInclusive<u64>,
) -> Option<T> {
    table
        .integer(key, range)
        .and_then(|number| T::try_from(number.value).ok())
}

pub(super) fn folder(table: &TableReader<'_>, key: &'static str) -> Option<PathBuf> {
    let path = table.string(key)?;
    if path.value.is_empty() || path.value.contains('\0') {
        table.fault(
            key,
            &path.span,
            format!("`{key}` names no folder"),
            "write a path, such as \"spool\" or \"/var/lib/dehusk\"",
        );
        return None;
    }
    Some(PathBuf::from(path.value))
}

/// An address with a port that only this machine can reach; an empty one is none. What the daemon tells is not for the
/// network, and nobody checks who asks.
pub(super) fn loopback_address(table: &TableReader<'_>, key: &'static str) -> Option<SocketAddr> {
    let text = table.string(key)?;
    if text.value.is_empty() {
        return None;
    }
    let help = "write an address of this machine alone with a port, such as \"127.0.0.1:9464\" or \"[::1]:9464\"";
    match text.value.parse::<SocketAddr>() {
        Ok(address) if address.ip().is_loopback() => return Some(address),
        Ok(_) => table.fault(
            key,
            &text.span,
            format!("`{key}` can be reached from other machines"),
            help,
        ),
        Err(_) => table.fault(key, &text.span, format!("`{key}` is no address with a port"), help),
    }
    None
}

/// Names of classes; unknown ones are faults.
pub(super) fn classes(table: &TableReader<'_>, key: &'static str) -> Vec<Class> {
    let mut classes = Vec::new();
    for name in table.strings(key) {
        let class = CLASSES.iter().find(|(word, _)| *word == name.value);
        if class.is_none() {
            let words: Vec<&str> = CLASSES.iter().map(|(word, _)| *word).collect();
            let help = format!("classes are: {}", words.join(", "));
            table.fault(key, &name.span, format!("`{}` is no class", name.value), help);
        }
        classes.extend(class.map(|(_, class)| *class));
    }
    classes
}

pub(super) fn formats(table: &TableReader<'_>) -> Option<Vec<Format>> {
    let names = table.strings("formats");
    if !table.has("formats") {
        return None;
    }
    let mut formats = Vec::new();
    for name in &names {
        formats.extend(format(table, name, &formats));
    }
    if names.is_empty() {
        table.fault(
            "formats",
            &table.value_span("formats"),
            "`formats` is empty",
            format!("name at least one of {}", known_formats()),
        );
    }
    Some(formats).filter(|formats| !formats.is_empty())
}

fn format(table: &TableReader<'_>, name: &Located<String>, before: &[Format]) -> Option<Format> {
    let Some((_, format)) = FORMATS.iter().find(|(word, _)| *word == name.value) else {
        table.fault(
            "formats",
            &name.span,
            format!("`{}` is no format", name.value),
            format!("what may stand here: {}", known_formats()),
        );
        return None;
    };
    if before.contains(format) {
        table.fault(
            "formats",
            &name.span,
            format!("`{}` stands twice", name.value),
            "name each format once",
        );
        return None;
    }
    Some(*format)
}

fn known_formats() -> String {
    FORMATS.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ")
}
