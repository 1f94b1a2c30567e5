//! dehusk.toml(5), from the configuration that shows every key with its default and a comment.

use roff::{Inline, Roff, bold, roman};

use crate::page::{file_format, inlines, item, see_also};

const CONFIGURATION: &str = include_str!("../../config/dehusk.toml");

/// Lines that a reader of the page asks for first.
const FILES: [(&str, &str); 3] = [
    ("./dehusk.toml", "Read where `--config` names no other file."),
    (
        "/etc/dehusk/dehusk.toml",
        "Read where that one is absent. The service reads it.",
    ),
    ("/var/lib/dehusk", "The spool of the service."),
];

/// The whole page.
pub(crate) fn page() -> String {
    let mut roff = file_format("dehusk.toml", "the configuration of dehusk");
    let mut comment = Comment::default();
    let mut is_begun = false;
    for line in CONFIGURATION.lines() {
        if let Some(text) = line.strip_prefix('#') {
            comment.add(text);
        } else if let Some(section) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            head(&mut roff, section, &mut is_begun);
        } else if let Some((key, value)) = line.split_once(" = ") {
            item(&mut roff, term(key, value), &comment.take());
        } else if !comment.is_empty() {
            roff.control("SH", ["DESCRIPTION"]);
            roff.text(inlines(&comment.take()));
        }
    }
    roff.control("SH", ["FILES"]);
    for (path, meaning) in FILES {
        item(&mut roff, vec![bold(path)], meaning);
    }
    see_also(&mut roff, "dehusk.toml");
    roff.render()
}

fn head(roff: &mut Roff, section: &str, is_begun: &mut bool) {
    if !*is_begun {
        roff.control("SH", ["KEYS"]);
        *is_begun = true;
    }
    roff.control("SS", [format!("[{section}]").as_str()]);
}

fn term(key: &str, value: &str) -> Vec<Inline> {
    vec![bold(key), roman(format!(" = {value}"))]
}

/// The comment lines since the last key.
#[derive(Default)]
struct Comment {
    text: String,
}

impl Comment {
    fn add(&mut self, line: &str) {
        if !self.text.is_empty() {
            self.text.push(' ');
        }
        self.text.push_str(line.trim());
    }

    fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    fn take(&mut self) -> String {
        std::mem::take(&mut self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_stands_in_the_page_with_its_default() {
        let file: toml::Table = CONFIGURATION.parse().unwrap();
        let page = page();
        for (section, keys) in &file {
            assert!(page.contains(&format!(".SS [{section}]\n")), "[{section}]");
            for key in keys.as_table().unwrap().keys() {
                let key = key.replace('-', "\\-");
                assert!(page.contains(&format!(".TP\n\\fB{key}\\fR = ")), "{key}: {page}");
            }
        }
    }

    #[test]
    fn a_comment_stands_below_its_key() {
        let page = page();
        let (_, below) = page.split_once("\\fBsettle\\-ms\\fR").unwrap();
        assert!(
            below
                .lines()
                .nth(1)
                .unwrap()
                .starts_with("A file whose writer has closed it"),
            "{below}"
        );
    }
}
