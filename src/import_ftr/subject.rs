//! The strings that predicates compare: attributes, texts, names.

use crate::import_ftr::condition::Condition;
use crate::import_ftr::css;
use crate::import_ftr::refusal::Refusal;
use crate::import_ftr::selection::Test;
use crate::import_ftr::xpath::{Axis, Expr, NodeTest, Path, Step};

/// A fixed text as a pattern. Dashes only mean something in brackets, where these texts never stand.
pub(super) fn escape(text: &str) -> String {
    regex::escape(text).replace(r"\-", "-")
}

/// White space as `XPath` knows it.
const BLANK: &str = r"[ \t\r\n]";

/// Anything else.
const NONBLANK: &str = r"[^ \t\r\n]";

/// A string of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Subject {
    /// An attribute's value.
    Attribute(String),
    /// An attribute's value with white space folded.
    FoldedAttribute(String),
    /// An attribute's value with a blank before and after it; `folded` says whether white space is folded in it.
    SpacedAttribute {
        /// Its name.
        name: String,
        /// Whether white space is folded.
        folded: bool,
    },
    /// The value of any attribute.
    AnyAttribute,
    /// Text. Functions take its first piece, comparisons any.
    Text {
        /// Where functions look.
        function: &'static str,
        /// Where comparisons look.
        comparison: &'static str,
        /// Whether white space is folded.
        folded: bool,
    },
    /// The element's name.
    Name,
    /// What no page has, and why.
    Never(String),
}

impl Subject {
    /// The whole text of the node.
    pub(super) fn itself() -> Self {
        Self::Text {
            function: "text",
            comparison: "text",
            folded: false,
        }
    }

    /// An attribute that a step names.
    pub(super) fn attribute(step: &Step) -> Result<Self, Refusal> {
        match &step.test {
            _ if !step.predicates.is_empty() => Err(Refusal::inexpressible("an attribute with a predicate")),
            NodeTest::Name(name) if name.chars().any(char::is_uppercase) => Ok(Self::Never(format!(
                "attribute names are in small letters in every parsed page, `@{name}` is not"
            ))),
            NodeTest::Name(name) if name.contains(':') => Ok(Self::Never(format!(
                "no attribute of an HTML page is in a name space, `@{name}` would be"
            ))),
            NodeTest::Name(name) => Ok(Self::Attribute(name.clone())),
            NodeTest::AnyName | NodeTest::Node => Ok(Self::AnyAttribute),
            NodeTest::Text | NodeTest::Other => Ok(Self::Never("attributes hold no pieces of text".to_owned())),
        }
    }

    /// The condition that it is there.
    pub(super) fn is_there(&self) -> Condition {
        match self {
            Self::Never(why) => Condition::Never(why.clone()),
            Self::Attribute(name) | Self::FoldedAttribute(name) | Self::SpacedAttribute { name, .. } => {
                Condition::Css(format!("[{}]", css::identifier(name)))
            }
            Self::AnyAttribute => test("@*", String::new()),
            Self::Text { comparison, .. } => test(comparison, String::new()),
            Self::Name => Condition::Always,
        }
    }

    /// The condition that there is more than white space.
    pub(super) fn nonblank(&self) -> Result<Condition, Refusal> {
        match self {
            Self::Attribute(name) => Ok(test(&format!("@{name}"), NONBLANK.to_owned())),
            Self::Text { function, .. } => Ok(test(function, NONBLANK.to_owned())),
            _ => Err(Refusal::inexpressible("`normalize-space()` of this")),
        }
    }

    fn folded(self) -> Result<Self, Refusal> {
        match self {
            Self::Attribute(name) => Ok(Self::FoldedAttribute(name)),
            Self::Text {
                function,
                comparison: _,
                ..
            } => Ok(Self::Text {
                function,
                comparison: function,
                folded: true,
            }),
            Self::Never(why) => Ok(Self::Never(why)),
            _ => Err(Refusal::inexpressible("`normalize-space()` of this")),
        }
    }
}

/// Whether a pattern asks for one character that is no white space.
pub(super) fn is_nonblank(pattern: &str) -> bool {
    pattern == NONBLANK
}

fn test(place: &str, pattern: String) -> Condition {
    Condition::Test(Test {
        place: place.to_owned(),
        pattern,
        not: false,
    })
}

/// The string that an expression is.
pub(super) fn subject(expr: &Expr) -> Result<Subject, Refusal> {
    match expr {
        Expr::Path(Path { absolute: false, steps }) => match steps.as_slice() {
            [step] => of_step(step),
            [itself, step] if is_itself(itself) => of_step(step),
            _ => Err(Refusal::inexpressible(
                "the text of the first of several nodes as a condition",
            )),
        },
        Expr::Call(name, arguments) => of_call(name, arguments),
        _ => Err(Refusal::inexpressible("a value of this kind as a condition")),
    }
}

/// Whether a step stays where it is.
pub(super) fn is_itself(step: &Step) -> bool {
    step.axis == Axis::Itself && step.test == NodeTest::Node && step.predicates.is_empty()
}

fn of_step(step: &Step) -> Result<Subject, Refusal> {
    match (step.axis, &step.test) {
        (Axis::Attribute, _) => Subject::attribute(step),
        _ if is_itself(step) => Ok(Subject::itself()),
        (Axis::Child, NodeTest::Text) if step.predicates.is_empty() => Ok(Subject::Text {
            function: "first-text",
            comparison: "any-text",
            folded: false,
        }),
        _ => Err(Refusal::inexpressible(
            "the text of the first of several nodes as a condition",
        )),
    }
}

fn of_call(name: &str, arguments: &[Expr]) -> Result<Subject, Refusal> {
    match (name, arguments) {
        ("string" | "normalize-space", []) => of_call(
            name,
            &[Expr::Path(Path {
                absolute: false,
                steps: vec![Step {
                    axis: Axis::Itself,
                    test: NodeTest::Node,
                    predicates: Vec::new(),
                }],
            })],
        ),
        // The string of several nodes is that of the first one.
        ("string", [inner]) => Ok(match subject(inner)? {
            Subject::Text { function, folded, .. } => Subject::Text {
                function,
                comparison: function,
                folded,
            },
            other => other,
        }),
        ("normalize-space", [inner]) => subject(inner)?.folded(),
        ("name" | "local-name", []) => Ok(Subject::Name),
        ("concat", [Expr::Literal(before), inner, Expr::Literal(after)]) if before == " " && after == " " => {
            match subject(inner)? {
                Subject::Attribute(name) => Ok(Subject::SpacedAttribute { name, folded: false }),
                Subject::FoldedAttribute(name) => Ok(Subject::SpacedAttribute { name, folded: true }),
                Subject::Never(why) => Ok(Subject::Never(why)),
                _ => Err(Refusal::inexpressible("`concat()` of this")),
            }
        }
        _ => Err(Refusal::inexpressible(format!("`{name}()` as a value to compare"))),
    }
}

/// The condition that a string is, contains (`*=`), begins (`^=`) or ends (`$=`) with a text; `!` in front turns it round.
pub(super) fn compare_to(subject: &Subject, operator: &str, text: &str) -> Result<Condition, Refusal> {
    if matches!(operator, "*=" | "^=" | "$=") && text.is_empty() {
        return Ok(Condition::Always);
    }
    match subject {
        Subject::Never(why) => Ok(Condition::Never(why.clone())),
        Subject::Attribute(name) => Ok(Condition::Css(attribute(name, operator, text))),
        Subject::FoldedAttribute(name) => Ok(folded(&format!("@{name}"), operator, text)),
        Subject::SpacedAttribute { name, folded: true } if operator == "*=" => Ok(spaced_folded(name, text)),
        Subject::SpacedAttribute { name, folded: false } if operator == "*=" => Ok(spaced(name, text)),
        Subject::SpacedAttribute { .. } => Err(Refusal::inexpressible("`concat()` compared like this")),
        Subject::AnyAttribute if operator == "=" || operator == "!=" => plain("@*", operator, text),
        Subject::AnyAttribute => Err(Refusal::inexpressible("the first of all attributes")),
        Subject::Text {
            function, folded: true, ..
        } => Ok(folded(function, operator, text)),
        Subject::Text {
            function, comparison, ..
        } => plain(
            if operator.ends_with("*=") || operator.ends_with("^=") {
                function
            } else {
                comparison
            },
            operator,
            text,
        ),
        Subject::Name if operator == "=" => Ok(Condition::Css(format!(":is({})", css::identifier(text)))),
        Subject::Name => Err(Refusal::inexpressible("a part of the element's name")),
    }
}

fn attribute(name: &str, operator: &str, text: &str) -> String {
    match operator {
        "!=" => format!("[{}]:not({})", css::identifier(name), css::attribute(name, "=", text)),
        "!$=" => format!(":not({})", css::attribute(name, "$=", text)),
        _ => css::attribute(name, operator, text),
    }
}

/// A comparison of text as it stands.
fn plain(place: &str, operator: &str, text: &str) -> Result<Condition, Refusal> {
    let pattern = anchored(operator, &escape(text));
    if operator.starts_with('!') {
        // `!=` asks for a piece that differs, which is not the opposite of `=` where there are several.
        if place.starts_with("any") || place == "@*" {
            return Err(Refusal::inexpressible("`!=` of several pieces"));
        }
        return Ok(Condition::Test(Test {
            place: place.to_owned(),
            pattern,
            not: true,
        }));
    }
    Ok(test(place, pattern))
}

fn anchored(operator: &str, pattern: &str) -> String {
    match operator.trim_start_matches('!') {
        "=" => format!("^{pattern}$"),
        "^=" => format!("^{pattern}"),
        "$=" => format!("{pattern}$"),
        _ => pattern.to_owned(),
    }
}

/// A comparison of text with its white space folded.
fn folded(place: &str, operator: &str, text: &str) -> Condition {
    if text.contains("  ") || text.contains(['\t', '\r', '\n']) {
        return Condition::Never("folded text has no white space like this".to_owned());
    }
    let words: Vec<String> = text.split(' ').filter(|word| !word.is_empty()).map(escape).collect();
    let mut pattern = words.join(&format!("{BLANK}+"));
    let (before, after) = (text.starts_with(' '), text.ends_with(' '));
    let edge = operator.trim_start_matches('!');
    if before && matches!(edge, "=" | "^=") || after && matches!(edge, "=" | "$=") {
        return Condition::Never("folded text neither begins nor ends with a blank".to_owned());
    }
    if before {
        pattern = format!("{NONBLANK}{BLANK}+{pattern}");
    }
    if after {
        pattern = format!("{pattern}{BLANK}+{NONBLANK}");
    }
    if matches!(edge, "=" | "^=") {
        pattern = format!("^{BLANK}*{pattern}");
    }
    if matches!(edge, "=" | "$=") {
        pattern = format!("{pattern}{BLANK}*$");
    }
    Condition::Test(Test {
        place: place.to_owned(),
        pattern,
        not: operator.starts_with('!'),
    })
}

/// A text in `concat(' ', normalize-space(@a), ' ')`.
fn spaced_folded(name: &str, text: &str) -> Condition {
    let words: Vec<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
    if words.is_empty() {
        return if text == " " {
            Condition::Always
        } else {
            Condition::Never("folded text has no white space like this".to_owned())
        };
    }
    if text.contains("  ") || text.contains(['\t', '\r', '\n']) {
        return Condition::Never("folded text has no white space like this".to_owned());
    }
    match (words.as_slice(), text.starts_with(' '), text.ends_with(' ')) {
        ([word], true, true) => Condition::Css(css::attribute(name, "~=", word)),
        ([word], false, false) => Condition::Css(css::attribute(name, "*=", word)),
        (words, before, after) => {
            let words: Vec<String> = words.iter().map(|word| escape(word)).collect();
            let begin = if before {
                format!("(?:^|{BLANK})")
            } else {
                String::new()
            };
            let end = if after { format!("(?:{BLANK}|$)") } else { String::new() };
            test(
                &format!("@{name}"),
                format!("{begin}{}{end}", words.join(&format!("{BLANK}+"))),
            )
        }
    }
}

/// A text in `concat(' ', @a, ' ')`.
fn spaced(name: &str, text: &str) -> Condition {
    let at = |operator: &str, text: &str| css::attribute(name, operator, text);
    let begin = text.strip_prefix(' ').filter(|rest| !rest.is_empty());
    let end = text.strip_suffix(' ').filter(|rest| !rest.is_empty());
    let whole = begin
        .and_then(|rest| rest.strip_suffix(' '))
        .filter(|rest| !rest.is_empty());
    if text == " " {
        return Condition::Always;
    }
    let mut parts: Vec<String> = Vec::new();
    parts.extend(whole.map(|rest| at("=", rest)));
    parts.extend(begin.map(|rest| at("^=", rest)));
    parts.extend(end.map(|rest| at("$=", rest)));
    parts.push(at("*=", text));
    Condition::Css(if parts.len() == 1 {
        parts.concat()
    } else {
        format!(":is({})", parts.join(", "))
    })
}
