//! What a predicate asks of a node: as CSS where CSS can say it, else as a test of text, a position, or a way inward.

use crate::import_ftr::ending::ending;
use crate::import_ftr::existence::{element_name, exists, inner};
use crate::import_ftr::place::Position;
use crate::import_ftr::refusal::Refusal;
use crate::import_ftr::selection::Test;
use crate::import_ftr::subject::{Subject, compare_to, subject};
use crate::import_ftr::xpath::{Axis, Comparison, Expr, NodeTest, Path, Step};

/// What a predicate asks.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Condition {
    /// Nothing.
    Always,
    /// What no page has, and why.
    Never(String),
    /// What this compound selector says.
    Css(String),
    /// A test.
    Test(Test),
    /// A place among its like.
    Position(Position),
    /// An element inside that passes tests.
    Inner(Inner),
    /// All of these.
    All(Vec<Condition>),
    /// One of these.
    Any(Vec<Condition>),
}

/// An element inside that passes tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Inner {
    /// Whether it has to be a child.
    pub(super) child: bool,
    /// Which elements.
    pub(super) css: String,
    /// The tests.
    pub(super) tests: Vec<Test>,
}

impl Condition {
    /// The condition as part of a compound selector, where CSS can say it.
    pub(super) fn as_css(&self) -> Option<String> {
        match self {
            Self::Always => Some(String::new()),
            Self::Never(_) => Some(":not(*)".to_owned()),
            Self::Css(css) => Some(css.clone()),
            Self::All(parts) => parts.iter().map(Self::as_css).collect(),
            Self::Any(parts) => {
                let parts: Option<Vec<String>> = parts.iter().map(Self::as_css).collect();
                parts.map(|parts| format!(":is({})", parts.join(", ")))
            }
            Self::Test(_) | Self::Position(_) | Self::Inner(_) => None,
        }
    }

    fn negated(self) -> Result<Self, Refusal> {
        Ok(match self {
            Self::Always => Self::Never("nothing is left over".to_owned()),
            Self::Never(_) => Self::Always,
            Self::Css(css) => Self::Css(format!(":not({css})")),
            Self::Test(test) => Self::Test(Test { not: !test.not, ..test }),
            Self::All(parts) => any(parts.into_iter().map(Self::negated).collect::<Result<_, _>>()?),
            Self::Any(parts) => all(parts.into_iter().map(Self::negated).collect::<Result<_, _>>()?),
            Self::Position(_) | Self::Inner(_) => {
                return Err(Refusal::inexpressible(
                    "`not()` around a place or around the text of elements inside",
                ));
            }
        })
    }
}

/// What a predicate asks.
pub(super) fn condition(expr: &Expr) -> Result<Condition, Refusal> {
    match expr {
        Expr::Or(parts) => parts.iter().map(condition).collect::<Result<_, _>>().map(any),
        Expr::And(parts) => parts.iter().map(condition).collect::<Result<_, _>>().map(all),
        Expr::Number(number) => Ok(nth(*number)),
        Expr::Sum { .. } => from_end(expr),
        Expr::Compare(comparison, left, right) => comparison_of(*comparison, left, right),
        Expr::Call(name, arguments) => call(name, arguments, expr),
        Expr::Path(path) => exists(path),
        Expr::Literal(text) if !text.is_empty() => Ok(Condition::Always),
        _ => Err(Refusal::inexpressible("a predicate of this kind")),
    }
}

/// All of these conditions.
pub(super) fn all(parts: Vec<Condition>) -> Condition {
    if let Some(never) = parts.iter().find(|part| matches!(part, Condition::Never(_))) {
        return never.clone();
    }
    let mut parts: Vec<Condition> = parts.into_iter().filter(|part| *part != Condition::Always).collect();
    if parts.len() < 2 {
        parts.pop().unwrap_or(Condition::Always)
    } else {
        Condition::All(parts)
    }
}

/// One of these conditions. Tests of one place become one test.
fn any(parts: Vec<Condition>) -> Condition {
    let never = parts.iter().find(|part| matches!(part, Condition::Never(_))).cloned();
    if parts.contains(&Condition::Always) {
        return Condition::Always;
    }
    let mut joined: Vec<Condition> = Vec::new();
    for part in parts.into_iter().filter(|part| !matches!(part, Condition::Never(_))) {
        match (joined.last_mut(), part) {
            (Some(Condition::Test(before)), Condition::Test(test))
                if before.place == test.place && !before.not && !test.not =>
            {
                before.pattern = format!("{}|{}", before.pattern, test.pattern);
            }
            (_, part) => joined.push(part),
        }
    }
    match joined.len() {
        0 => never.unwrap_or(Condition::Always),
        1 => joined.pop().unwrap_or(Condition::Always),
        _ => Condition::Any(joined),
    }
}

/// A whole number from 1 on.
fn whole(number: f64) -> Option<usize> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked to be a whole number from 1 to 10 000"
    )]
    (number.fract() == 0.0 && (1.0..=10_000.0).contains(&number)).then_some(number as usize)
}

fn nth(number: f64) -> Condition {
    whole(number).map_or_else(
        || Condition::Never(format!("positions begin at 1, there is none of {number}")),
        |nth| Condition::Position(Position::Nth(nth)),
    )
}

/// `last()`, `last() - n`.
fn from_end(expr: &Expr) -> Result<Condition, Refusal> {
    match expr {
        Expr::Call(name, _) if name == "last" => Ok(Condition::Position(Position::NthLast(0))),
        Expr::Sum {
            left,
            right,
            minus: true,
        } => match (left.as_ref(), right.as_ref()) {
            (Expr::Call(name, _), Expr::Number(number)) if name == "last" => Ok(whole(*number)
                .map_or(Condition::Position(Position::NthLast(0)), |back| {
                    Condition::Position(Position::NthLast(back))
                })),
            _ => Err(Refusal::inexpressible("a computed position")),
        },
        _ => Err(Refusal::inexpressible("a computed position")),
    }
}

fn call(name: &str, arguments: &[Expr], expr: &Expr) -> Result<Condition, Refusal> {
    match (name, arguments) {
        ("not", [inner]) => condition(inner)?.negated(),
        ("boolean", [inner]) => condition(inner),
        ("false", _) => Ok(Condition::Never("`false()` never holds".to_owned())),
        ("last", _) => from_end(expr),
        ("true" | "position", _) => Ok(Condition::Always),
        ("contains" | "starts-with", [hay, Expr::Literal(needle)]) => {
            let operator = if name == "contains" { "*=" } else { "^=" };
            match first_child(hay) {
                Some(child) => of_child(&child, &compare_to(&Subject::itself(), operator, needle)?),
                None => compare_to(&subject(hay)?, operator, needle),
            }
        }
        ("normalize-space", inner) => {
            let place = match inner {
                [] => Subject::itself(),
                [inner] => subject(inner)?,
                _ => return Err(Refusal::inexpressible("`normalize-space()` of this")),
            };
            place.nonblank()
        }
        _ => Err(Refusal::inexpressible(format!(
            "`{name}()` as a predicate of this kind"
        ))),
    }
}

/// The name of the child whose text a path gives to a function: the first one's.
fn first_child(expr: &Expr) -> Option<String> {
    let Expr::Path(Path { absolute: false, steps }) = expr else {
        return None;
    };
    match steps.as_slice() {
        [step] if step.axis == Axis::Child && step.predicates.is_empty() && matches!(step.test, NodeTest::Name(_)) => {
            element_name(&step.test).ok()
        }
        _ => None,
    }
}

fn of_child(name: &str, found: &Condition) -> Result<Condition, Refusal> {
    match found {
        Condition::Always => Ok(Condition::Always),
        found => inner(Axis::Child, &format!("{name}:nth-of-type(1)"), found),
    }
}

fn comparison_of(comparison: Comparison, left: &Expr, right: &Expr) -> Result<Condition, Refusal> {
    if let (Expr::Call(name, _), Expr::Number(number)) = (left, right)
        && name == "position"
    {
        return position(comparison, *number);
    }
    if let (Expr::Call(name, _), Expr::Call(..) | Expr::Sum { .. }, Comparison::Equal) = (left, right, comparison)
        && name == "position"
    {
        return from_end(right);
    }
    match (left, right) {
        (value, Expr::Literal(text)) | (Expr::Literal(text), value) => equality(comparison, value, text),
        _ => Err(Refusal::inexpressible("a comparison of two things of the page")),
    }
}

fn position(comparison: Comparison, number: f64) -> Result<Condition, Refusal> {
    let place = whole(number);
    match (comparison, place) {
        (Comparison::Equal, _) => Ok(nth(number)),
        (Comparison::More, Some(n)) => Ok(Condition::Position(Position::Behind(n))),
        (Comparison::AtLeast, Some(1)) | (Comparison::More, None) => Ok(Condition::Always),
        (Comparison::AtLeast, Some(n)) => Ok(Condition::Position(Position::Behind(n - 1))),
        (Comparison::Less, Some(n)) => Ok(Condition::Position(Position::Before(n))),
        (Comparison::AtMost, Some(n)) => Ok(Condition::Position(Position::Before(n + 1))),
        _ => Err(Refusal::inexpressible("a position compared like this")),
    }
}

fn equality(comparison: Comparison, value: &Expr, text: &str) -> Result<Condition, Refusal> {
    let operator = match comparison {
        Comparison::Equal => "=",
        Comparison::Unequal => "!=",
        _ => return Err(Refusal::inexpressible("a string compared by size")),
    };
    if let Some(end) = ending(value, text) {
        return compare_to(&end, if operator == "=" { "$=" } else { "!$=" }, text);
    }
    if let Some(path) = longer_path(value) {
        return exists(&with_value(path, comparison, text));
    }
    compare_to(&subject(value)?, operator, text)
}

/// A path of several steps, or to an element: comparing it asks whether one of its nodes has the value.
fn longer_path(value: &Expr) -> Option<&Path> {
    let Expr::Path(path) = value else { return None };
    let last = path.steps.last()?;
    let element = last.axis == Axis::Child && matches!(last.test, NodeTest::Name(_) | NodeTest::AnyName);
    (path.steps.len() > 1 || path.absolute || element || !last.predicates.is_empty()).then_some(path)
}

/// The path to those of its nodes that have the value.
fn with_value(path: &Path, comparison: Comparison, text: &str) -> Path {
    let mut path = path.clone();
    let itself = Step {
        axis: Axis::Itself,
        test: NodeTest::Node,
        predicates: Vec::new(),
    };
    let of_itself = |steps| Box::new(Expr::Path(Path { absolute: false, steps }));
    let literal = Box::new(Expr::Literal(text.to_owned()));
    let attribute = path
        .steps
        .pop_if(|last| last.axis == Axis::Attribute || last.test == NodeTest::Text && last.axis == Axis::Child);
    let compared = attribute.map_or_else(|| of_itself(vec![itself]), |step| of_itself(vec![step]));
    if let Some(last) = path.steps.last_mut() {
        last.predicates.push(Expr::Compare(comparison, compared, literal));
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import_ftr::xpath::parse;

    /// What the first predicate of the second step (behind `//`) asks.
    fn asks(predicate: &str) -> Condition {
        let Expr::Path(path) = parse(&format!("//a[{predicate}]")).unwrap() else {
            panic!()
        };
        condition(&path.steps[1].predicates[0]).unwrap()
    }

    fn css(predicate: &str) -> String {
        asks(predicate)
            .as_css()
            .unwrap_or_else(|| panic!("{:?}", asks(predicate)))
    }

    #[test]
    fn attributes_become_attribute_selectors() {
        assert_eq!(css("@id='x'"), "#x");
        assert_eq!(css("contains(@class, 'x') and not(@href)"), "[class*='x']:not([href])");
        assert_eq!(
            css("@a!='x' or starts-with(@b, 'y')"),
            ":is([a]:not([a='x']), [b^='y'])"
        );
        assert_eq!(css("contains(concat(' ', normalize-space(@class), ' '), ' x ')"), ".x");
        assert_eq!(
            css("contains(concat(' ', @class, ' '), ' x')"),
            ":is([class^='x'], [class*=' x'])"
        );
        assert_eq!(
            css("substring(@href, string-length(@href) - 3) = '.jpg'"),
            "[href$='.jpg']"
        );
    }

    #[test]
    fn paths_become_has_and_is() {
        assert_eq!(css("./b/c"), ":has(> b > c)");
        assert_eq!(
            css(".//b[@x][2]/@c"),
            ":has(b[x]:is(b[x] ~ b[x]):not(b[x] ~ b[x] ~ b[x])[c])"
        );
        assert_eq!(css("ancestor::nav"), ":is(nav *)");
        assert_eq!(css("following-sibling::p[@x]"), ":has(~ p[x])");
        assert_eq!(css("b/@c = 'd'"), ":has(> b[c='d'])");
    }

    #[test]
    fn text_becomes_tests() {
        let test = |place: &str, pattern: &str, not| {
            Condition::Test(Test {
                place: place.to_owned(),
                pattern: pattern.to_owned(),
                not,
            })
        };
        assert_eq!(asks("contains(., 'a.b')"), test("text", r"a\.b", false));
        assert_eq!(asks("text() = 'a'"), test("any-text", "^a$", false));
        assert_eq!(asks("not(starts-with(text(), 'a'))"), test("first-text", "^a", true));
        assert_eq!(asks("contains(., 'a') or contains(., 'b')"), test("text", "a|b", false));
        assert!(matches!(
            asks("b[contains(., 'c')]"),
            Condition::Inner(Inner { child: true, .. })
        ));
    }

    #[test]
    fn capitals_are_never_found() {
        assert!(matches!(asks("@itemProp='x'"), Condition::Never(_)));
        assert_eq!(css("@itemProp='x' or @itemprop='x'"), "[itemprop='x']");
    }

    #[test]
    fn places_are_told() {
        assert_eq!(asks("last()-1"), Condition::Position(Position::NthLast(1)));
        assert_eq!(asks("position()>2"), Condition::Position(Position::Behind(2)));
        assert_eq!(asks("position()=last()"), Condition::Position(Position::NthLast(0)));
    }
}
