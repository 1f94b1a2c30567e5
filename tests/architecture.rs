//! Holds the sources to the arrows that ARCHITECTURE.md draws.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Modules that are pure, as ARCHITECTURE.md says.
const PURE: &[&str] = &[
    "limits",
    "text",
    "toml_file",
    "page",
    "rules",
    "clean",
    "drift",
    "scaffold",
    "import_ftr",
    "record",
    "learn",
];

/// What pure modules must not name outside their tests.
const IMPURE_NAMES: &[&str] = &[
    "std::fs",
    "std::net",
    "std::env::var",
    "std::process",
    "std::thread",
    "std::time",
    "std::io::std",
    "tokio",
    "tracing",
    "println!",
    "eprintln!",
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The rows of the table of modules: a module and what it may use.
fn arrows() -> BTreeMap<String, BTreeSet<String>> {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let rows = text.lines().filter(|line| line.starts_with("| `"));
    let names = |cell: &str| {
        cell.split('`')
            .skip(1)
            .step_by(2)
            .map(str::to_owned)
            .collect::<BTreeSet<String>>()
    };
    rows.map(|row| {
        let cells: Vec<&str> = row.split('|').collect();
        (names(cells[1]).into_iter().next().unwrap(), names(cells[2]))
    })
    .collect()
}

fn sources(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_path_buf()];
    }
    let mut found: Vec<PathBuf> = fs::read_dir(path)
        .unwrap()
        .flatten()
        .flat_map(|entry| sources(&entry.path()))
        .collect();
    found.sort();
    found.retain(|path| path.extension().is_some_and(|ending| ending == "rs"));
    found
}

/// The source of a file without its tests, which may do what they like.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    text.split("#[cfg(test)]").next().unwrap().to_owned()
}

fn module_of(path: &Path) -> String {
    let relative = path.strip_prefix(root().join("src")).unwrap();
    let first = relative.components().next().unwrap().as_os_str().to_string_lossy();
    first.trim_end_matches(".rs").to_owned()
}

#[test]
fn every_module_uses_only_what_its_arrow_allows() {
    let arrows = arrows();
    let mut wrong = Vec::new();
    for path in sources(&root().join("src")) {
        let module = module_of(&path);
        if ["main", "lib"].contains(&module.as_str()) {
            continue;
        }
        let allowed = arrows
            .get(&module)
            .unwrap_or_else(|| panic!("ARCHITECTURE.md has no row for `{module}`"));
        let code = code(&path);
        for used in code
            .split("crate::")
            .skip(1)
            .map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap())
        {
            if used != module && arrows.contains_key(used) && !allowed.contains(used) {
                wrong.push(format!("{}: `{module}` uses `{used}`", path.display()));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "arrows that ARCHITECTURE.md does not draw:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn the_table_has_no_circle_and_no_module_that_is_not_there() {
    let arrows = arrows();
    let mut placed: BTreeSet<&String> = BTreeSet::new();
    while placed.len() < arrows.len() {
        let next: Vec<&String> = arrows
            .iter()
            .filter(|(module, uses)| !placed.contains(module) && uses.iter().all(|used| placed.contains(used)))
            .map(|(module, _)| module)
            .collect();
        assert!(
            !next.is_empty(),
            "the arrows run in a circle, or name a module without a row; placed: {placed:?}"
        );
        placed.extend(next);
    }
    let present: BTreeSet<String> = sources(&root().join("src"))
        .iter()
        .map(|path| module_of(path))
        .filter(|name| name != "main" && name != "lib")
        .collect();
    assert_eq!(present, arrows.keys().cloned().collect());
}

#[test]
fn the_core_is_pure() {
    let mut wrong = Vec::new();
    for path in sources(&root().join("src"))
        .iter()
        .filter(|path| PURE.contains(&module_of(path).as_str()))
    {
        let code = code(path);
        let named = IMPURE_NAMES.iter().filter(|name| code.contains(**name));
        wrong.extend(named.map(|name| format!("{}: {name}", path.display())));
    }
    assert!(wrong.is_empty(), "the core must not touch these:\n{}", wrong.join("\n"));
}
