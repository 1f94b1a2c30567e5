//! The predicates of a step, in their order.

use crate::import_ftr::condition::{Condition, Inner, condition};
use crate::import_ftr::place::{Position, place_css};
use crate::import_ftr::refusal::Refusal;
use crate::import_ftr::selection::{Choice, Stage, Test};
use crate::import_ftr::xpath::{Axis, Step};

/// Which way a step goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// Along an axis.
    Along(Axis),
    /// `//`: anywhere inside, with places counted among siblings.
    Anywhere,
}

/// What the predicates of a step come to.
#[derive(Debug, Clone, Default)]
pub(super) struct Found {
    /// What CSS says, as a compound's suffix.
    pub(super) suffix: String,
    /// What it can't say.
    pub(super) tests: Vec<Test>,
    /// Which of them.
    pub(super) pick: Option<Choice>,
    /// What those picked have to satisfy.
    pub(super) later: Vec<Stage>,
    /// What has to lie inside.
    pub(super) inner: Option<Inner>,
}

/// What the predicates of a step come to; `or` between what CSS says and what it can't forks the way.
pub(super) fn founds(name: &str, way: Way, step: &Step) -> Result<Vec<Found>, Refusal> {
    let mut founds = vec![Found::default()];
    for predicate in &step.predicates {
        match condition(predicate)? {
            Condition::Never(why) => return Err(Refusal::Dead(why)),
            Condition::Position(position) => {
                let [found] = founds.as_mut_slice() else {
                    return Err(Refusal::inexpressible("a position behind `or` over text"));
                };
                place_among(found, name, way, position)?;
            }
            other => founds = forked(&founds, other)?,
        }
    }
    Ok(founds)
}

/// A place among what a step finds: in CSS where that can say it.
fn place_among(found: &mut Found, name: &str, way: Way, position: Position) -> Result<(), Refusal> {
    if found.pick.is_some() || !found.later.is_empty() || found.inner.is_some() {
        return Err(Refusal::inexpressible(
            "a position behind another one, or behind the text of elements inside",
        ));
    }
    let by_css = found.tests.is_empty() && !name.is_empty() && matches!(way, Way::Anywhere | Way::Along(Axis::Child));
    let css = if by_css {
        place_css(name, &found.suffix, position)
    } else {
        None
    };
    match css {
        Some(css) => found.suffix.push_str(&css),
        None => found.pick = Some(choice(position)?),
    }
    Ok(())
}

pub(super) fn choice(position: Position) -> Result<Choice, Refusal> {
    match position {
        Position::Nth(nth) => Ok(Choice::Nth(nth - 1)),
        Position::NthLast(nth) => Ok(Choice::NthLast(nth)),
        Position::Behind(nth) => Ok(Choice::SkipFirst(nth)),
        Position::Before(2) => Ok(Choice::Nth(0)),
        Position::Before(_) => Err(Refusal::inexpressible("the first several")),
    }
}

/// Each of these with each way to satisfy a condition.
fn forked(founds: &[Found], condition: Condition) -> Result<Vec<Found>, Refusal> {
    let ways = ways(condition)?;
    let mut forked = Vec::new();
    for found in founds {
        for way in &ways {
            let mut found = found.clone();
            // The way inward comes first: tests of the element itself wait until it leads back.
            let (inward, others): (Vec<&Condition>, Vec<&Condition>) =
                way.iter().partition(|atom| matches!(atom, Condition::Inner(_)));
            let selectors_first = others
                .iter()
                .filter(|atom| matches!(atom, Condition::Css(_)))
                .chain(&inward);
            let order = selectors_first.chain(others.iter().filter(|atom| !matches!(atom, Condition::Css(_))));
            order.copied().try_for_each(|atom| add(&mut found, atom))?;
            forked.push(found);
        }
    }
    Ok(forked)
}

/// The ways to satisfy a condition, each a list of what has to hold.
fn ways(condition: Condition) -> Result<Vec<Vec<Condition>>, Refusal> {
    if let Some(css) = condition.as_css() {
        return Ok(vec![if css.is_empty() {
            Vec::new()
        } else {
            vec![Condition::Css(css)]
        }]);
    }
    match condition {
        Condition::All(parts) => {
            let mut all: Vec<Vec<Condition>> = vec![Vec::new()];
            for part in parts {
                let part = ways(part)?;
                all = all
                    .iter()
                    .flat_map(|before| {
                        part.iter()
                            .map(move |after| [before.as_slice(), after.as_slice()].concat())
                    })
                    .collect();
            }
            Ok(all)
        }
        Condition::Any(parts) => Ok(parts.into_iter().map(ways).collect::<Result<Vec<_>, _>>()?.concat()),
        Condition::Position(_) => Err(Refusal::inexpressible("a position joined with other conditions")),
        atom => Ok(vec![vec![atom]]),
    }
}

fn add(found: &mut Found, atom: &Condition) -> Result<(), Refusal> {
    let late = found.pick.is_some() || found.inner.is_some() || !found.later.is_empty();
    match atom {
        Condition::Css(css) if late => found.later.push(Stage::new("same", css.clone())),
        Condition::Css(css) => found.suffix.push_str(css),
        Condition::Test(test) if late => found.later.push(Stage {
            tests: vec![test.clone()],
            ..Stage::new("same", "*")
        }),
        Condition::Test(test) => found.tests.push(test.clone()),
        Condition::Inner(inner) if !late && found.tests.is_empty() => found.inner = Some(inner.clone()),
        _ => {
            return Err(Refusal::inexpressible(
                "the text of several elements inside as a condition",
            ));
        }
    }
    Ok(())
}

/// The ways to tighten what was found by a condition.
pub(super) fn tightenings(condition: Condition) -> Result<Vec<Found>, Refusal> {
    forked(&[Found::default()], condition)
}
