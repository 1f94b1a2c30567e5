//! A learned rule with its evidence, and how it is written.

use crate::rules::Class;

/// Longest example in a comment, in characters.
const EXAMPLE_CHARS: usize = 60;

/// Words in names and lines that tell the class of what a rule removes, the first that is found counts.
const CLASS_WORDS: &[(&str, Class)] = &[
    ("related", Class::Related),
    ("recommend", Class::Related),
    ("more-", Class::Related),
    ("more ", Class::Related),
    ("most read", Class::Related),
    ("trending", Class::Related),
    ("newsletter", Class::Promo),
    ("subscri", Class::Promo),
    ("sign up", Class::Promo),
    ("signup", Class::Promo),
    ("promo", Class::Promo),
    ("comment", Class::Comments),
    ("advert", Class::Ad),
    ("sponsor", Class::Ad),
    ("breadcrumb", Class::Nav),
    ("nav", Class::Nav),
    ("menu", Class::Nav),
    ("sidebar", Class::Nav),
    ("share", Class::Nav),
    ("social", Class::Nav),
    ("footer", Class::Nav),
    ("header", Class::Nav),
    ("caption", Class::Caption),
    ("credit", Class::Credit),
    ("copyright", Class::Disclaimer),
    ("disclaimer", Class::Disclaimer),
    ("©", Class::Disclaimer),
    ("tags", Class::Tags),
];

/// A learned rule.
#[derive(Debug, Clone, PartialEq)]
pub struct LearnedRule {
    /// Its key in the rule file, such as `html.strip`.
    pub key: &'static str,
    /// What it names: a selector, a line, an expression.
    pub pattern: String,
    /// How it is written, a value of TOML.
    pub written: String,
    /// On how many samples it was seen.
    pub seen: usize,
    /// Of how many.
    pub of: usize,
    /// Words that it removes on a sample where it was seen, on average; 0 for rules that remove nothing.
    pub words: usize,
    /// Why it is proposed, where the key does not say it.
    pub why: &'static str,
    /// A piece of text that it names.
    pub example: String,
}

impl LearnedRule {
    /// The evidence, as it stands behind the rule.
    pub fn evidence(&self) -> String {
        let mut parts = vec![format!("on {} of {} pages", self.seen, self.of)];
        if self.words > 0 {
            parts.push(format!("{} words a page", self.words));
        }
        if !self.why.is_empty() {
            parts.push(self.why.to_owned());
        }
        if !self.example.is_empty() {
            parts.push(format!("such as: {}", excerpt(&self.example)));
        }
        parts.join("; ")
    }
}

/// The class that names and lines tell, if they do.
pub(super) fn class_of(pattern: &str) -> Option<Class> {
    let pattern = pattern.to_lowercase();
    CLASS_WORDS
        .iter()
        .find(|(word, _)| pattern.contains(word))
        .map(|(_, class)| *class)
}

/// A rule over elements or lines as a value of TOML: a string, or a table where there is more to say.
pub(super) fn written(name: &str, pattern: &str, more: &[String]) -> String {
    let class = class_of(pattern).map(|class| format!("as = {}", quoted(class.name())));
    let more: Vec<String> = more.iter().cloned().chain(class).collect();
    if more.is_empty() {
        return quoted(pattern);
    }
    format!("{{ {name} = {}, {} }}", quoted(pattern), more.join(", "))
}

/// A string of TOML, on one line.
pub(super) fn quoted(text: &str) -> String {
    let plain = !text.contains(['"', '\\', '\n', '\t']) && !text.chars().any(char::is_control);
    if plain {
        format!("\"{text}\"")
    } else if !text.contains(['\'', '\n']) && !text.chars().any(char::is_control) {
        format!("'{text}'")
    } else {
        let escaped: String = text.chars().flat_map(escape).collect();
        format!("\"{escaped}\"")
    }
}

fn escape(character: char) -> Vec<char> {
    match character {
        '"' | '\\' => vec!['\\', character],
        _ if character.is_control() => format!("\\u{:04X}", u32::from(character)).chars().collect(),
        _ => vec![character],
    }
}

/// The beginning of a text, for a comment.
pub(super) fn excerpt(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if line.chars().count() <= EXAMPLE_CHARS {
        return line;
    }
    let cut: String = line.chars().take(EXAMPLE_CHARS).collect();
    format!("{}…", cut.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_written_so_that_toml_reads_them_back() {
        for text in ["a", "it's", "say \"hi\"", "both ' and \"", r"back\slash", "tab\there"] {
            let table: toml::Table = format!("x = {}", quoted(text)).parse().unwrap();
            assert_eq!(table["x"].as_str(), Some(text));
        }
    }

    #[test]
    fn a_name_that_tells_its_class_is_written_with_it() {
        assert_eq!(
            written("css", ".related-box", &[]),
            r#"{ css = ".related-box", as = "related" }"#
        );
        assert_eq!(written("css", ".blob", &[]), "\".blob\"");
    }
}
