//! Selections that go a step further.

use crate::import_ftr::condition::Inner;
use crate::import_ftr::css;
use crate::import_ftr::place::{before_css, behind_css};
use crate::import_ftr::predicates::{Found, Way};
use crate::import_ftr::refusal::Refusal;
use crate::import_ftr::selection::{Choice, Selection, Stage};
use crate::import_ftr::xpath::Axis;

/// `following-sibling::*[1]` with conditions that CSS can say is what CSS writes as `+`.
fn right_behind(way: Way, name: &str, found: &Found) -> Option<Found> {
    let first =
        way == Way::Along(Axis::FollowingSibling) && name == "*" && found.suffix.is_empty() && found.tests.is_empty();
    if !first || found.pick != Some(Choice::Nth(0)) || found.later.iter().any(|stage| !stage.is_plain()) {
        return None;
    }
    let suffix = found.later.iter().map(|stage| stage.css.as_str()).collect();
    Some(Found {
        suffix,
        ..Found::default()
    })
}

/// A selection of those of its nodes that satisfy more.
pub(super) fn tightened(selection: &Selection, name: &str, found: &Found) -> Selection {
    let mut next = selection.clone();
    let suffix = if name == "*" {
        found.suffix.clone()
    } else {
        format!(":is({name}){}", found.suffix)
    };
    let Some(last) = next.stages.last_mut() else {
        return next;
    };
    if last.pick.is_none() && !last.is_text() && found.pick.is_none() {
        last.css = css::with(&last.css, &suffix);
        last.tests.extend(found.tests.iter().cloned());
    } else if !suffix.is_empty() || !found.tests.is_empty() || found.pick.is_some() {
        next.stages.push(stage("same", &css::with("*", &suffix), found));
    }
    completed(next, found)
}

/// A selection that one selector tells, with the tests of its last step.
pub(super) fn merged(css: String, found: &Found) -> Selection {
    let stage = Stage {
        tests: found.tests.clone(),
        ..Stage::new("", css)
    };
    completed(
        Selection {
            stages: vec![stage],
            attribute: None,
        },
        found,
    )
}

/// The step as part of one selector, where CSS can say it.
pub(super) fn in_css(css: &str, way: Way, name: &str, found: &Found) -> Option<Selection> {
    if let Some(found) = right_behind(way, name, found) {
        return Some(merged(css::with(&format!("{css} + *"), &found.suffix), &found));
    }
    if found.pick.is_some() {
        return None;
    }
    joined(css, way, &css::with(name, &found.suffix)).map(|css| merged(css, found))
}

/// The step as stages of its own.
pub(super) fn by_stages(selection: &Selection, way: Way, compound: &str, found: &Found) -> Selection {
    let mut next = selection.clone();
    match way {
        Way::Anywhere if found.pick.is_some() => {
            next.stages.push(Stage::new("within", "*"));
            next.stages.push(stage("children", compound, found));
        }
        Way::Anywhere => next.stages.push(stage("inside", compound, found)),
        Way::Along(axis) => next.stages.push(stage(go(axis), compound, found)),
    }
    completed(next, found)
}

/// A stage with what the predicates came to.
pub(super) fn stage(go: &'static str, css: &str, found: &Found) -> Stage {
    Stage {
        go,
        css: css.to_owned(),
        tests: found.tests.clone(),
        pick: found.pick,
    }
}

/// Adds what a step's predicates ask beyond its own stage.
fn completed(mut selection: Selection, found: &Found) -> Selection {
    if let Some(inner) = &found.inner {
        through(&mut selection, inner);
    }
    selection.stages.extend(found.later.iter().cloned());
    selection
}

/// Goes to the elements inside that pass the tests, and back to where it came from.
fn through(selection: &mut Selection, inner: &Inner) {
    let Some(back_to) = selection.stages.last().map(|stage| stage.css.clone()) else {
        return;
    };
    let (inward, back) = if inner.child {
        ("children", "parent")
    } else {
        ("inside", "ancestors")
    };
    selection.stages.push(Stage {
        tests: inner.tests.clone(),
        ..Stage::new(inward, inner.css.clone())
    });
    selection.stages.push(Stage::new(back, back_to));
}

/// Where the first step of a path leads.
pub(super) fn from_document(way: Way, name: &str, found: &Found) -> Result<Option<Selection>, Refusal> {
    let compound = css::with(name, &found.suffix);
    match way {
        Way::Along(Axis::Itself) => Ok(None),
        Way::Along(Axis::Child) if name == "html" || name == "*" => Ok(Some(merged(
            if name == "*" {
                css::with("*", &format!(":root{}", found.suffix))
            } else {
                compound
            },
            found,
        ))),
        Way::Along(Axis::Child) => Err(Refusal::dead(format!(
            "it begins at the document, whose only element is `html`, not `{name}`: `//` is missing"
        ))),
        Way::Anywhere if found.pick.is_some() => {
            let stages = vec![Stage::new("", "*"), stage("children", &compound, found)];
            Ok(Some(completed(
                Selection {
                    stages,
                    attribute: None,
                },
                found,
            )))
        }
        Way::Anywhere | Way::Along(Axis::Descendant | Axis::DescendantOrSelf) => Ok(Some(completed(
            Selection {
                stages: vec![stage("", &compound, found)],
                attribute: None,
            },
            found,
        ))),
        Way::Along(_) => Err(Refusal::dead("nothing lies around the document")),
    }
}

/// A selector and a step behind it as one selector, where CSS can say it.
fn joined(css: &str, way: Way, compound: &str) -> Option<String> {
    let axis = match way {
        Way::Anywhere => Axis::Descendant,
        Way::Along(axis) => axis,
    };
    let nested = css::grouped(css);
    let holding = |inside: String| css::fits_in_has(css).then(|| css::with(compound, &inside));
    match axis {
        Axis::Child => Some(format!("{css} > {compound}")),
        Axis::Descendant => Some(format!("{css} {compound}")),
        Axis::DescendantOrSelf if compound == "*" => Some(format!(":is({css}, {css} *)")),
        Axis::DescendantOrSelf => Some(format!("{compound}:is({css}, {css} *)")),
        Axis::FollowingSibling => Some(format!("{css} ~ {compound}")),
        Axis::PrecedingSibling => holding(format!(":has(~ {nested})")),
        Axis::Parent => holding(format!(":has(> {nested})")),
        Axis::Ancestor => holding(format!(":has({nested})")),
        Axis::AncestorOrSelf => holding(format!(":is({css}, :has({nested}))")),
        Axis::Following => holding(behind_css(&nested)),
        Axis::Preceding => holding(before_css(&nested)),
        Axis::Itself | Axis::Attribute | Axis::Namespace => None,
    }
}

/// The word of our rule language for an axis.
pub(super) fn go(axis: Axis) -> &'static str {
    match axis {
        Axis::Child => "children",
        Axis::Descendant => "inside",
        Axis::DescendantOrSelf => "within",
        Axis::Parent => "parent",
        Axis::Ancestor | Axis::AncestorOrSelf => "ancestors",
        Axis::FollowingSibling => "next",
        Axis::PrecedingSibling => "previous",
        Axis::Following => "after",
        Axis::Preceding => "before",
        Axis::Itself | Axis::Attribute | Axis::Namespace => "same",
    }
}
