//! The directives of site files, and what each is for us.

use crate::import_ftr::source::Directive;

/// What a directive is for us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A source of this metadata field.
    Meta(&'static str),
    /// The main content.
    Keep,
    /// Elements that go.
    Strip,
    /// Attributes that go.
    StripAttribute,
    /// Elements that go, by a part of their id or class.
    StripByName,
    /// Elements that are put into another one.
    Wrap,
    /// Pages that are not articles.
    Skip(&'static str),
    /// What is searched in the source.
    Find,
    /// What takes its place.
    Replace,
    /// The page that a test is about, or what it must hold.
    Test,
    /// Whether files of other layers count.
    Inherit,
    /// Whether the main content is thinned out.
    Prune,
    /// Nothing is to be done to the same effect, because of this.
    Nothing(&'static str),
    /// Another program's business, because of this.
    Outside(&'static str),
    /// The original passes over it; what was meant.
    Ignored(&'static str),
}

const FETCHING: &str = "fetching is not cleaning";
const LOGIN: &str = "logging in is not cleaning";
const PARSING: &str = "pages are parsed as the HTML standard says";
const PICTURES: &str = "texts have no pictures";

/// Every directive with a plain name.
const DIRECTIVES: &[(&str, Kind)] = &[
    (
        "autodetect_next_page",
        Kind::Ignored("the original passes over it; it was about fetching"),
    ),
    ("autodetect_on_failure", Kind::Inherit),
    ("author", Kind::Meta("author")),
    ("body", Kind::Keep),
    (
        "convert_double_br_tags",
        Kind::Ignored("the original passes over it; what it asks for is `html.break`"),
    ),
    ("date", Kind::Meta("date")),
    (
        "dissolve",
        Kind::Ignored("the original passes over it; what it asks for is `html.unwrap`"),
    ),
    ("find_string", Kind::Find),
    ("footnotes", Kind::Ignored("the original passes over it")),
    ("if_page_contains", Kind::Outside(FETCHING)),
    ("insert_detected_image", Kind::Outside(PICTURES)),
    ("login_extra_fields", Kind::Outside(LOGIN)),
    ("login_password_field", Kind::Outside(LOGIN)),
    ("login_uri", Kind::Outside(LOGIN)),
    ("login_username_field", Kind::Outside(LOGIN)),
    ("native_ad_clue", Kind::Skip("native-ads")),
    ("next_page_link", Kind::Outside(FETCHING)),
    ("not_logged_in_xpath", Kind::Skip("login-wall")),
    ("parser", Kind::Outside(PARSING)),
    (
        "post_strip_attr",
        Kind::Ignored("the original passes over it; texts have no attributes anyway"),
    ),
    ("prune", Kind::Prune),
    ("replace_string", Kind::Replace),
    ("requires_login", Kind::Outside(LOGIN)),
    ("single_page_link", Kind::Outside(FETCHING)),
    ("single_page_link_in_feed", Kind::Outside(FETCHING)),
    ("skip_id_or_class", Kind::Ignored("the original passes over it")),
    (
        "skip_json_ld",
        Kind::Nothing("a site's rules come before the page's JSON-LD anyway"),
    ),
    ("src_lazy_load_attr", Kind::Outside(PICTURES)),
    ("strip", Kind::Strip),
    ("strip_attr", Kind::StripAttribute),
    ("strip_comments", Kind::Ignored("the original passes over it")),
    ("strip_id_or_class", Kind::StripByName),
    ("strip_image_src", Kind::Nothing(PICTURES)),
    ("test_contains", Kind::Test),
    ("test_url", Kind::Test),
    ("tidy", Kind::Outside(PARSING)),
    ("title", Kind::Meta("title")),
];

/// Every directive with something in brackets.
const WITH_ARGUMENT: &[(&str, Kind)] = &[
    ("http_header", Kind::Outside(FETCHING)),
    (
        "move_into",
        Kind::Ignored("the original passes over it; nothing here moves elements"),
    ),
    ("replace_string", Kind::Replace),
    ("wrap_in", Kind::Wrap),
];

/// What a directive is; or what may have been meant.
pub(super) fn kind(directive: &Directive) -> Result<Kind, String> {
    let known = if directive.argument.is_some() {
        WITH_ARGUMENT
    } else {
        DIRECTIVES
    };
    if let Some((_, kind)) = known.iter().find(|(name, _)| *name == directive.name) {
        return Ok(*kind);
    }
    let near = known
        .iter()
        .map(|(name, _)| (strsim::damerau_levenshtein(&directive.name, name), *name))
        .min();
    let meant = near.filter(|(distance, name)| *distance <= name.len().div_ceil(3));
    let hint = meant.map_or(String::new(), |(_, name)| format!("; `{name}` was meant, most likely"));
    Err(format!("there is no directive `{}`{hint}", directive.name))
}

/// Whether a directive's value is an expression that the import translates.
pub(super) fn has_expression(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Meta(_) | Kind::Keep | Kind::Strip | Kind::StripAttribute | Kind::Wrap | Kind::Skip(_)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_told_with_what_was_meant() {
        let directive = |name: &str, argument: Option<&str>| Directive {
            name: name.to_owned(),
            argument: argument.map(str::to_owned),
            value: String::new(),
        };
        assert_eq!(kind(&directive("body", None)), Ok(Kind::Keep));
        assert_eq!(kind(&directive("replace_string", Some("a"))), Ok(Kind::Replace));
        assert_eq!(
            kind(&directive("titl", None)),
            Err("there is no directive `titl`; `title` was meant, most likely".to_owned())
        );
        assert_eq!(
            kind(&directive("https", None)),
            Err("there is no directive `https`".to_owned())
        );
    }
}
