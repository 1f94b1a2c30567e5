//! Lists the rule files under `config/`, so that they become part of the program.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs, io};

/// Folders of rule files, in the order of their layers.
const FOLDERS: [&str; 3] = ["config", "config/families", "config/sites"];

fn main() -> io::Result<()> {
    let root = env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?;
    let mut table = String::from("&[\n");
    for folder in FOLDERS {
        println!("cargo::rerun-if-changed={folder}");
        for name in rule_files(&Path::new(&root).join(folder))? {
            let path = format!("{root}/{folder}/{name}");
            let shown = format!("{folder}/{name}").replacen("config", "shipped", 1);
            writeln!(table, "    ({shown:?}, include_str!({path:?})),").map_err(io::Error::other)?;
        }
    }
    table.push_str("]\n");
    let out = env::var("OUT_DIR").map_err(io::Error::other)?;
    write_table(&Path::new(&out).join("shipped_rules.rs"), &table)
}

fn rule_files(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        // The daemon's configuration lies beside the rules and is none.
        if Path::new(&name).extension().is_some_and(|ending| ending == "toml") && name != "dehusk.toml" {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

#[expect(
    clippy::disallowed_methods,
    reason = "a build script writes its output in one go; nobody reads it meanwhile"
)]
fn write_table(path: &Path, table: &str) -> io::Result<()> {
    fs::write(path, table)
}
