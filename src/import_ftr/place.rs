//! Places in the page as CSS.

use crate::import_ftr::css;

/// A place among its like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Position {
    /// The so-manieth, from 1.
    Nth(usize),
    /// The so-manieth from the end, from 0.
    NthLast(usize),
    /// Behind the so-manieth, from 1.
    Behind(usize),
    /// Before the so-manieth, from 1.
    Before(usize),
}

/// A place among siblings of the same name, and with the same further conditions, as a compound's suffix.
pub(super) fn place_css(name: &str, suffix: &str, position: Position) -> Option<String> {
    if !suffix.is_empty() {
        return place_among(&css::with(name, suffix), position);
    }
    let kind = if name == "*" { "child" } else { "of-type" };
    Some(match position {
        Position::Nth(nth) => format!(":nth-{kind}({nth})"),
        Position::NthLast(nth) => format!(":nth-last-{kind}({})", nth + 1),
        Position::Behind(nth) => format!(":nth-{kind}(n+{})", nth + 1),
        Position::Before(nth) => format!(":nth-{kind}(-n+{})", nth - 1),
    })
}

/// Longest chain of siblings that is written out; beyond it a step counts.
const CHAIN_MAX: usize = 3;

/// The same for siblings that satisfy a compound: CSS has no `:nth-child(n of …)` here, but it can say that so many of
/// them stand before.
fn place_among(compound: &str, position: Position) -> Option<String> {
    let chain = |count: usize| vec![compound; count].join(" ~ ");
    let behind = |count: usize| {
        if count == 0 {
            String::new()
        } else {
            format!(":is({})", chain(count + 1))
        }
    };
    match position {
        Position::Nth(nth) if nth <= CHAIN_MAX => Some(format!("{}:not({})", behind(nth - 1), chain(nth + 1))),
        Position::Behind(nth) if nth <= CHAIN_MAX => Some(behind(nth)),
        Position::Before(nth) if nth <= CHAIN_MAX => Some(format!(":not({})", chain(nth))),
        Position::NthLast(nth) if nth < CHAIN_MAX && css::fits_in_has(compound) => {
            let before = if nth == 0 {
                String::new()
            } else {
                format!(":has(~ {})", chain(nth))
            };
            Some(format!("{before}:not(:has(~ {}))", chain(nth + 1)))
        }
        _ => None,
    }
}

/// What stands behind an element in the page, as a compound.
pub(super) fn behind_css(there: &str) -> String {
    format!(":is(:is({there}, :has({there})) ~ *, :is({there}, :has({there})) ~ * *)")
}

/// What stands before an element in the page and does not hold it, as a compound.
pub(super) fn before_css(there: &str) -> String {
    format!(":is(:has(~ {there}), :has(~ * {there}), :has(~ {there}) *, :has(~ * {there}) *)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_among_their_like() {
        assert_eq!(place_css("p", "", Position::Nth(2)).unwrap(), ":nth-of-type(2)");
        assert_eq!(place_css("*", "", Position::Before(3)).unwrap(), ":nth-child(-n+2)");
        assert_eq!(
            place_css("p", ".x", Position::Nth(2)).unwrap(),
            ":is(p.x ~ p.x):not(p.x ~ p.x ~ p.x)"
        );
        assert_eq!(place_css("p", ".x", Position::NthLast(0)).unwrap(), ":not(:has(~ p.x))");
        assert_eq!(place_css("p", ".x", Position::Nth(9)), None);
    }
}
