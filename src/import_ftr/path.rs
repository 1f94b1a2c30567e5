//! Location paths to selections: as much CSS as it takes, and steps of our rule language from there.

use crate::import_ftr::condition::{Condition, condition};
use crate::import_ftr::css;
use crate::import_ftr::existence::element_name;
use crate::import_ftr::extend::{by_stages, from_document, go, in_css, merged, stage, tightened};
use crate::import_ftr::place::Position;
use crate::import_ftr::predicates::{Found, Way, choice, founds, tightenings};
use crate::import_ftr::refusal::Refusal;
use crate::import_ftr::selection::{Choice, Selection, Stage};
use crate::import_ftr::subject::Subject;
use crate::import_ftr::xpath::{Axis, Expr, NodeTest, Path, Step, check};

/// Ways that one path may fork into by `or`; beyond it nobody reads the rule.
const FORKS_MAX: usize = 12;

/// Translates paths, and notes on the way where the result is not exactly the same.
#[derive(Debug, Default)]
pub(super) struct Translator {
    /// Why the result is only nearly the same.
    pub(super) notes: Vec<String>,
}

/// Where a path has come to.
#[derive(Debug, Clone)]
struct Place {
    /// The nodes; none at the document.
    selection: Option<Selection>,
    /// The name of the last element.
    name: String,
}

impl Translator {
    /// The nodes of an expression that gives nodes; the selections are joined.
    pub(super) fn nodes(&mut self, expr: &Expr) -> Result<Vec<Selection>, Refusal> {
        match expr {
            Expr::Path(path) => self.path(path),
            Expr::Union(parts) => self.union(parts),
            Expr::Filter {
                primary,
                predicates,
                steps,
            } => self.filter(primary, predicates, steps),
            Expr::Call(name, arguments) if name == "id" => Self::by_id(arguments),
            _ => Err(Refusal::dead("it gives a value where the original wants elements")),
        }
    }

    /// Parts that find nothing, or that engines give up on, are left out, as long as one is left.
    fn union(&mut self, parts: &[Expr]) -> Result<Vec<Selection>, Refusal> {
        let mut joined = Vec::new();
        let mut dead = None;
        for part in parts {
            if let Err(why) = check(part) {
                self.notes.push(format!(
                    "engines give up on a part of it where the page has what leads there: {why}"
                ));
                dead = Some(Refusal::Dead(why));
                continue;
            }
            match self.nodes(part) {
                Ok(selections) => joined.extend(selections),
                Err(Refusal::Dead(why)) => dead = Some(Refusal::Dead(why)),
                Err(refusal) => return Err(refusal),
            }
        }
        if let Some(refusal) = dead.filter(|_| joined.is_empty()) {
            Err(refusal)
        } else {
            Ok(joined)
        }
    }

    fn by_id(arguments: &[Expr]) -> Result<Vec<Selection>, Refusal> {
        match arguments {
            [Expr::Literal(id)] if !id.contains(char::is_whitespace) => {
                let stage = Stage {
                    pick: Some(Choice::Nth(0)),
                    ..Stage::new("", css::attribute("id", "=", id))
                };
                Ok(vec![Selection {
                    stages: vec![stage],
                    attribute: None,
                }])
            }
            _ => Err(Refusal::inexpressible("`id()` of several or computed ids")),
        }
    }

    fn path(&mut self, path: &Path) -> Result<Vec<Selection>, Refusal> {
        let start = Place {
            selection: None,
            name: String::new(),
        };
        self.steps(vec![start], &path.steps)
    }

    fn steps(&mut self, start: Vec<Place>, steps: &[Step]) -> Result<Vec<Selection>, Refusal> {
        let mut places = start;
        let mut rest = steps;
        while let Some((first, others)) = rest.split_first() {
            let (way, step, after) = match others.split_first() {
                Some((second, after)) if first.is_anywhere() && second.axis == Axis::Child => {
                    (Way::Anywhere, second, after)
                }
                _ => (Way::Along(first.axis), first, others),
            };
            if first.is_anywhere()
                && way != Way::Anywhere
                && others
                    .first()
                    .is_some_and(|next| !matches!(next.axis, Axis::Attribute | Axis::Itself))
            {
                self.note("`//` before this axis begins at pieces of text too in the original");
            }
            let mut next = Vec::new();
            for place in &places {
                next.extend(self.step(place, way, step)?);
            }
            if next.len() > FORKS_MAX {
                return Err(Refusal::inexpressible("too many ways through `or`"));
            }
            (places, rest) = (next, after);
        }
        let selections: Option<Vec<Selection>> = places.into_iter().map(|place| place.selection).collect();
        selections.ok_or_else(|| Refusal::inexpressible("the document itself"))
    }

    fn step(&mut self, place: &Place, way: Way, step: &Step) -> Result<Vec<Place>, Refusal> {
        if place
            .selection
            .as_ref()
            .is_some_and(|selection| selection.attribute.is_some())
        {
            return Err(Refusal::inexpressible("a step from an attribute"));
        }
        if step.axis == Axis::Attribute {
            return attribute(place, step);
        }
        let name = if step.test == NodeTest::Text {
            String::new()
        } else {
            element_name(&step.test).map_err(refused)?
        };
        if step.test == NodeTest::Node && !node_is_element(way, step) {
            return Err(Refusal::inexpressible("nodes of any kind"));
        }
        let founds = founds(&name, way, step)?;
        if step.test == NodeTest::Text {
            return founds.iter().map(|found| text_step(place, way, found)).collect();
        }
        let next = founds.iter().map(|found| match &place.selection {
            None => from_document(way, &name, found),
            Some(selection) => Ok(Some(self.attached(selection, &place.name, (way, &name), found))),
        });
        next.map(|selection| {
            Ok(Place {
                selection: selection?,
                name: name.clone(),
            })
        })
        .collect()
    }

    /// A selection that goes a step further.
    fn attached(&mut self, selection: &Selection, before: &str, (way, name): (Way, &str), found: &Found) -> Selection {
        let compound = css::with(name, &found.suffix);
        if way == Way::Along(Axis::Itself) {
            return tightened(selection, name, found);
        }
        if let Some(css) = selection.as_css() {
            if found.pick.is_none() && way == Way::Along(Axis::Child) && (before, name) == ("table", "tr") {
                self.note("the HTML standard puts a `tbody` between `table` and `tr`, the original's parser none");
                return merged(format!(":is({css}, {css} > tbody) > {compound}"), found);
            }
            if let Some(further) = in_css(css, way, name, found) {
                return further;
            }
        }
        if found.inner.as_ref().is_some_and(|inner| !inner.child) {
            self.note("what holds the text may also be another element of the same kind around it");
        }
        if way == Way::Along(Axis::AncestorOrSelf) {
            self.note("`ancestor-or-self` with a place or text: only ancestors are looked at");
        }
        by_stages(selection, way, &compound, found)
    }

    fn note(&mut self, why: &str) {
        self.notes.push(why.to_owned());
    }

    /// `(nodes)[predicate]/steps`.
    fn filter(&mut self, primary: &Expr, predicates: &[Expr], steps: &[Step]) -> Result<Vec<Selection>, Refusal> {
        let mut selections = self.nodes(primary)?;
        for predicate in predicates {
            let condition = condition(predicate)?;
            selections = match condition {
                Condition::Position(position) => vec![picked(selections, position)?],
                Condition::Never(why) => return Err(Refusal::dead(why)),
                other => {
                    let founds = tightenings(other)?;
                    selections
                        .iter()
                        .flat_map(|selection| founds.iter().map(|found| tightened(selection, "*", found)))
                        .collect()
                }
            };
        }
        if steps.is_empty() {
            return Ok(selections);
        }
        let places = selections
            .into_iter()
            .map(|selection| Place {
                selection: Some(selection),
                name: String::new(),
            })
            .collect();
        self.steps(places, steps)
    }
}

/// Whether `node()` on this way can only be an element, or leads on to one.
fn node_is_element(way: Way, step: &Step) -> bool {
    let upward = matches!(
        way,
        Way::Along(Axis::Parent | Axis::Ancestor | Axis::AncestorOrSelf | Axis::Itself)
    );
    upward || step.is_anywhere()
}

fn refused(condition: Condition) -> Refusal {
    match condition {
        Condition::Never(why) => Refusal::Dead(why),
        _ => Refusal::inexpressible("a name of this kind"),
    }
}

/// The step to an attribute: the elements that have it.
fn attribute(place: &Place, step: &Step) -> Result<Vec<Place>, Refusal> {
    let name = match Subject::attribute(step)? {
        Subject::Attribute(name) => name,
        Subject::Never(why) => return Err(Refusal::Dead(why)),
        _ => return Err(Refusal::inexpressible("attributes of any name")),
    };
    let Some(selection) = &place.selection else {
        return Err(Refusal::dead("the document has no attributes"));
    };
    let found = Found {
        suffix: format!("[{}]", css::identifier(&name)),
        ..Found::default()
    };
    let mut next = tightened(selection, "*", &found);
    next.attribute = Some(name);
    Ok(vec![Place {
        selection: Some(next),
        name: String::new(),
    }])
}

/// A step to pieces of text.
fn text_step(place: &Place, way: Way, found: &Found) -> Result<Place, Refusal> {
    if !found.suffix.is_empty() || found.inner.is_some() {
        return Err(Refusal::inexpressible("pieces of text chosen by what lies around them"));
    }
    let mut selection = place.selection.clone().unwrap_or_else(|| Selection::plain("*"));
    let go = match way {
        Way::Anywhere if place.selection.is_none() || found.pick.is_some() => {
            if place.selection.is_some() {
                selection.stages.push(Stage::new("within", "*"));
            }
            "children"
        }
        Way::Anywhere => "inside",
        Way::Along(_) if place.selection.is_none() => return Err(Refusal::dead("no text lies right in the document")),
        Way::Along(axis) => go(axis),
    };
    selection.stages.push(stage(go, "", found));
    selection.stages.extend(found.later.iter().cloned());
    Ok(Place {
        selection: Some(selection),
        name: String::new(),
    })
}

/// The so-manieth of all nodes together.
fn picked(selections: Vec<Selection>, position: Position) -> Result<Selection, Refusal> {
    let pick = Some(choice(position)?);
    let plain: Option<Vec<&str>> = selections.iter().map(Selection::as_css).collect();
    let attribute = selections.first().and_then(|selection| selection.attribute.clone());
    if selections.iter().any(|selection| selection.attribute != attribute) {
        return Err(Refusal::inexpressible("a place among elements and attributes"));
    }
    if let Some(css) = plain {
        let stage = Stage {
            pick,
            ..Stage::new("", css.join(", "))
        };
        return Ok(Selection {
            stages: vec![stage],
            attribute,
        });
    }
    let mut selections = selections;
    let (Some(mut selection), true) = (selections.pop(), selections.is_empty()) else {
        return Err(Refusal::inexpressible("a place among the results of several rules"));
    };
    if let [only] = selection.stages.as_mut_slice()
        && only.pick.is_none()
    {
        only.pick = pick;
        return Ok(selection);
    }
    let texts = selection.stages.last().is_some_and(Stage::is_text);
    selection.stages.push(Stage {
        pick,
        ..Stage::new("all", if texts { "" } else { "*" })
    });
    Ok(selection)
}
