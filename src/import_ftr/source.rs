//! The lines of a site file.

/// A site file.
#[derive(Debug, Clone)]
pub struct FtrFile {
    /// Its name, such as `example.org.txt`.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// A line of a site file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// From 1.
    pub(super) number: usize,
    /// What it says.
    pub(super) content: Content,
}

/// What a line says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Content {
    /// A comment, without its sign.
    Comment(String),
    /// A directive.
    Directive(Directive),
    /// Something without a colon; the original passes over it.
    Other(String),
}

/// A directive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Directive {
    /// Its name.
    pub(super) name: String,
    /// What stands in brackets behind the name.
    pub(super) argument: Option<String>,
    /// Its value.
    pub(super) value: String,
}

/// Reads the lines of a file. Blank lines are left out.
pub(super) fn lines(text: &str) -> Vec<Line> {
    let numbered = text.trim_start_matches('\u{feff}').lines().enumerate();
    numbered
        .filter_map(|(at, line)| {
            content(line.trim()).map(|content| Line {
                number: at + 1,
                content,
            })
        })
        .collect()
}

fn content(line: &str) -> Option<Content> {
    if line.is_empty() {
        return None;
    }
    if let Some(comment) = line.strip_prefix('#') {
        return Some(Content::Comment(comment.trim().to_owned()));
    }
    // As the original does: the first colon parts name and value, even where it stands in the brackets.
    let Some((name, value)) = line.split_once(':') else {
        return Some(Content::Other(line.to_owned()));
    };
    let (name, value) = (name.trim(), value.trim().to_owned());
    let bracketed = name.strip_suffix(')').and_then(|inner| inner.split_once('('));
    let (name, argument) = bracketed.map_or((name, None), |(name, argument)| (name, Some(argument.to_owned())));
    Some(Content::Directive(Directive {
        name: name.to_owned(),
        argument,
        value,
    }))
}

/// The host that a file is for, and whether it is for the hosts below that instead.
pub(super) fn host(name: &str) -> (String, bool) {
    let host = name.strip_suffix(".txt").unwrap_or(name).to_lowercase();
    match host.strip_prefix('.') {
        Some(domain) => (domain.to_owned(), true),
        None => (host, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_directives_comments_or_nothing() {
        let found = lines("\u{feff}# Note\n\nbody: //a[@b='c:d']\nreplace_string(<a>): <b>\nno colon\n");
        assert_eq!(found.iter().map(|line| line.number).collect::<Vec<_>>(), [1, 3, 4, 5]);
        assert_eq!(found[0].content, Content::Comment("Note".to_owned()));
        assert_eq!(
            found[1].content,
            Content::Directive(Directive {
                name: "body".to_owned(),
                argument: None,
                value: "//a[@b='c:d']".to_owned()
            })
        );
        assert!(
            matches!(&found[2].content, Content::Directive(d) if d.argument.as_deref() == Some("<a>") && d.value == "<b>")
        );
        assert!(matches!(found[3].content, Content::Other(_)));
    }

    #[test]
    fn a_colon_in_brackets_breaks_the_directive_as_in_the_original() {
        assert!(
            matches!(&lines("replace_string(a:b): c")[0].content, Content::Directive(d) if d.name == "replace_string(a" && d.value == "b): c")
        );
    }

    #[test]
    fn a_file_name_is_a_host() {
        assert_eq!(host("News.example.org.txt"), ("news.example.org".to_owned(), false));
        assert_eq!(host(".example.org.txt"), ("example.org".to_owned(), true));
    }
}
