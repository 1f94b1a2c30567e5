//! Paths as conditions: whether they lead anywhere.

use crate::import_ftr::condition::{Condition, Inner, all, condition};
use crate::import_ftr::css;
use crate::import_ftr::place::{before_css, behind_css, place_css};
use crate::import_ftr::refusal::Refusal;
use crate::import_ftr::selection::Test;
use crate::import_ftr::subject::{Subject, is_itself, is_nonblank};
use crate::import_ftr::xpath::{Axis, NodeTest, Path, Step};

/// Whether a path from here, or from the document, leads anywhere.
pub(super) fn exists(path: &Path) -> Result<Condition, Refusal> {
    if !path.absolute {
        return exists_from(&path.steps);
    }
    let inside = exists_from(&path.steps)?
        .as_css()
        .ok_or_else(|| Refusal::inexpressible("text elsewhere in the page as a condition"))?;
    Ok(Condition::Css(format!(":is(:root{inside}, :root{inside} *)")))
}

fn exists_from(steps: &[Step]) -> Result<Condition, Refusal> {
    match steps {
        [] => Ok(Condition::Always),
        [first, rest @ ..] if is_itself(first) => exists_from(rest),
        [first, second, rest @ ..] if first.is_anywhere() && second.axis == Axis::Child => {
            leads(Axis::Descendant, second, rest)
        }
        [first, second] if first.is_anywhere() && second.axis == Axis::Attribute => {
            let attribute = attribute_there(second)?;
            Ok(Condition::Css(format!(":is({attribute}, :has({attribute}))")))
        }
        [first, ..] if first.is_anywhere() => Err(Refusal::inexpressible("`//` before an axis in a predicate")),
        [first, rest @ ..] => leads(first.axis, first, rest),
    }
}

fn attribute_there(step: &Step) -> Result<String, Refusal> {
    match &step.test {
        NodeTest::Name(name) if step.predicates.is_empty() => Ok(format!("[{}]", css::identifier(name))),
        _ => Err(Refusal::inexpressible("an attribute of any name, or with a predicate")),
    }
}

fn leads(axis: Axis, step: &Step, rest: &[Step]) -> Result<Condition, Refusal> {
    if axis == Axis::Attribute {
        return Subject::attribute(step).map(|subject| subject.is_there());
    }
    if step.test == NodeTest::Text {
        return text_there(axis, step);
    }
    let name = match element_name(&step.test) {
        Ok(name) => name,
        Err(never) => return Ok(never),
    };
    if let Some(chain) = relative(axis, step, rest) {
        return Ok(Condition::Css(format!(":has({})", chain.trim_start())));
    }
    let mut parts = conditions(step, &name)?;
    parts.push(exists_from(rest)?);
    match all(parts) {
        Condition::Never(why) => Ok(Condition::Never(why)),
        found => neighbour(axis, &name, &found),
    }
}

/// What the predicates of an element on the way ask. Behind `//` a step goes along `child` still, and places count so.
fn conditions(step: &Step, name: &str) -> Result<Vec<Condition>, Refusal> {
    let mut parts: Vec<Condition> = Vec::new();
    for predicate in &step.predicates {
        let part = match condition(predicate)? {
            Condition::Position(position) => {
                let so_far: Option<String> = parts.iter().map(Condition::as_css).collect();
                let css = so_far
                    .filter(|_| step.axis == Axis::Child)
                    .and_then(|suffix| place_css(name, &suffix, position));
                Condition::Css(css.ok_or_else(|| Refusal::inexpressible("a position in a predicate"))?)
            }
            other => other,
        };
        parts.push(part);
    }
    Ok(parts)
}

/// A path that only leads forward, as the inside of one `:has()`; nothing where it leads elsewhere.
fn relative(axis: Axis, step: &Step, rest: &[Step]) -> Option<String> {
    let combinator = match axis {
        Axis::Child => " > ",
        Axis::Descendant => " ",
        Axis::FollowingSibling => " ~ ",
        _ => return None,
    };
    let name = element_name(&step.test).ok()?;
    let parts = conditions(step, &name).ok()?;
    let suffix: String = parts.iter().map(Condition::as_css).collect::<Option<String>>()?;
    let here = format!("{combinator}{}", css::with(&name, &suffix));
    if !css::fits_in_has(&here) {
        return None;
    }
    let after = match rest {
        [] => String::new(),
        [last] if last.axis == Axis::Attribute => Subject::attribute(last).ok()?.is_there().as_css()?,
        [first, second, rest @ ..] if first.is_anywhere() && second.axis == Axis::Child => {
            relative(Axis::Descendant, second, rest)?
        }
        [first, rest @ ..] => relative(first.axis, first, rest)?,
    };
    Some(format!("{here}{after}"))
}

/// The name of an element as CSS; names in capitals are never found, since parsers write all names small.
pub(super) fn element_name(test: &NodeTest) -> Result<String, Condition> {
    match test {
        NodeTest::Name(name) if name.chars().any(char::is_uppercase) => Err(Condition::Never(format!(
            "element names are in small letters in every parsed page, `{name}` is not"
        ))),
        NodeTest::Name(name) => Ok(css::identifier(name)),
        NodeTest::AnyName | NodeTest::Node => Ok("*".to_owned()),
        NodeTest::Text | NodeTest::Other => Err(Condition::Never("comments and the like hold no text".to_owned())),
    }
}

/// A condition that there is such an element in a direction.
fn neighbour(axis: Axis, name: &str, found: &Condition) -> Result<Condition, Refusal> {
    let Some(suffix) = found.as_css() else {
        return inner(axis, name, found);
    };
    let there = css::with(name, &suffix);
    let upward = |css: String| Ok(Condition::Css(css));
    let forward = |css: String| {
        if css::fits_in_has(&there) {
            Ok(Condition::Css(css))
        } else {
            inner(axis, name, found)
        }
    };
    match axis {
        Axis::Itself if there == "*" => Ok(Condition::Always),
        Axis::Itself => upward(if name == "*" { suffix } else { format!(":is({there})") }),
        Axis::Parent => upward(format!(":is({there} > *)")),
        Axis::Ancestor => upward(format!(":is({there} *)")),
        Axis::AncestorOrSelf => upward(format!(":is({there}, {there} *)")),
        Axis::PrecedingSibling => upward(format!(":is({there} ~ *)")),
        Axis::Child => forward(format!(":has(> {there})")),
        Axis::Descendant => forward(format!(":has({there})")),
        Axis::DescendantOrSelf => forward(format!(":is({there}, :has({there}))")),
        Axis::FollowingSibling => forward(format!(":has(~ {there})")),
        Axis::Following => forward(before_css(&there)),
        Axis::Preceding => forward(behind_css(&there)),
        Axis::Attribute | Axis::Namespace => Err(Refusal::inexpressible("this axis")),
    }
}

/// An element inside whose text has to pass tests.
pub(super) fn inner(axis: Axis, name: &str, found: &Condition) -> Result<Condition, Refusal> {
    let parts = match found {
        Condition::All(parts) => parts.clone(),
        other => vec![other.clone()],
    };
    let mut inner = Inner {
        child: axis == Axis::Child,
        css: name.to_owned(),
        tests: Vec::new(),
    };
    for part in parts {
        match (part.as_css(), part) {
            (Some(css), _) => inner.css = css::with(&inner.css, &css),
            (None, Condition::Test(test)) => inner.tests.push(test),
            _ => return Err(Refusal::inexpressible("nested predicates over text")),
        }
    }
    match axis {
        Axis::Child | Axis::Descendant => Ok(Condition::Inner(inner)),
        Axis::Itself if inner.css == "*" => Ok(all(inner.tests.into_iter().map(Condition::Test).collect())),
        _ => Err(Refusal::inexpressible(
            "the text of elements in this direction as a condition",
        )),
    }
}

/// A piece of text inside that satisfies the predicates.
fn text_there(axis: Axis, step: &Step) -> Result<Condition, Refusal> {
    let found = all(step
        .predicates
        .iter()
        .map(condition)
        .collect::<Result<Vec<_>, Refusal>>()?);
    let test = |place: &str, pattern: &str| {
        Ok(Condition::Test(Test {
            place: place.to_owned(),
            pattern: pattern.to_owned(),
            not: false,
        }))
    };
    match (axis, &found) {
        (Axis::Child, Condition::Always) => test("any-text", ""),
        (Axis::Child, Condition::Test(inner)) if inner.place == "text" && !inner.not => {
            test("any-text", &inner.pattern)
        }
        // One character of the whole text is one of some piece.
        (Axis::Descendant, Condition::Test(inner))
            if inner.place == "text" && !inner.not && is_nonblank(&inner.pattern) =>
        {
            test("text", &inner.pattern)
        }
        _ => Err(Refusal::inexpressible(
            "a condition on pieces of text in this direction",
        )),
    }
}
