//! Holds `config/dehusk.toml` equal to the defaults that are built in.

use std::collections::BTreeSet;

use dehusk::config::Config;
use dehusk::toml_file::SourceFile;

const FILE: &str = include_str!("../config/dehusk.toml");

/// A key that nothing is called like, so that the reader lists what may stand there instead of guessing.
const NO_KEY: &str = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";

fn keys_that_are_read(section: Option<&str>) -> BTreeSet<String> {
    let head = section.map_or_else(String::new, |section| format!("[{section}]\n"));
    let (_, faults) = Config::parse(&SourceFile::new("probe", format!("{head}{NO_KEY} = 1\n")));
    let fault = faults.first().expect("an unknown key is a fault");
    let listed = fault
        .help
        .strip_prefix("what may stand here: ")
        .expect("the reader lists its keys");
    listed.split(", ").map(str::to_owned).collect()
}

#[test]
fn the_file_parses_to_the_defaults() {
    let (config, faults) = Config::parse(&SourceFile::new("config/dehusk.toml", FILE));
    assert!(
        faults.is_empty(),
        "{}",
        faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    );
    assert_eq!(config, Config::default());
}

#[test]
fn every_key_stands_in_the_file() {
    let file: toml::Table = FILE.parse().expect("the file is TOML");
    let sections: BTreeSet<String> = file.keys().cloned().collect();
    assert_eq!(sections, keys_that_are_read(None));
    for (section, keys) in &file {
        let keys: BTreeSet<String> = keys
            .as_table()
            .expect("only sections at the top")
            .keys()
            .cloned()
            .collect();
        assert_eq!(keys, keys_that_are_read(Some(section)), "[{section}]");
    }
}

#[test]
fn every_key_has_a_comment_above() {
    let mut before = "";
    for line in FILE.lines() {
        assert!(
            !line.contains(" = ") || line.starts_with('#') || before.starts_with('#'),
            "no comment above: {line}"
        );
        before = line;
    }
}
