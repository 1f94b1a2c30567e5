//! What an engine refuses although it can read it.

use super::tree::{Expr, NodeTest, Path, Step};

/// The functions of `XPath` 1.0: name, fewest and most arguments.
const FUNCTIONS: &[(&str, usize, usize)] = &[
    ("boolean", 1, 1),
    ("ceiling", 1, 1),
    ("concat", 2, usize::MAX),
    ("contains", 2, 2),
    ("count", 1, 1),
    ("false", 0, 0),
    ("floor", 1, 1),
    ("id", 1, 1),
    ("lang", 1, 1),
    ("last", 0, 0),
    ("local-name", 0, 1),
    ("name", 0, 1),
    ("namespace-uri", 0, 1),
    ("normalize-space", 0, 1),
    ("not", 1, 1),
    ("number", 0, 1),
    ("position", 0, 0),
    ("round", 1, 1),
    ("starts-with", 2, 2),
    ("string", 0, 1),
    ("string-length", 0, 1),
    ("substring", 2, 3),
    ("substring-after", 2, 2),
    ("substring-before", 2, 2),
    ("sum", 1, 1),
    ("translate", 3, 3),
    ("true", 0, 0),
];

/// Finds a fault that makes an engine give up at run time. Fails with what it is.
pub(in crate::import_ftr) fn check(expr: &Expr) -> Result<(), String> {
    match expr {
        Expr::Or(parts) | Expr::And(parts) => check_all(parts),
        Expr::Compare(_, left, right) | Expr::Sum { left, right, .. } => check(left).and_then(|()| check(right)),
        Expr::Union(parts) => {
            if let Some(part) = parts.iter().find(|part| !is_node_set(part)) {
                return Err(format!("`|` joins nodes, but {} gives none", what(part)));
            }
            check_all(parts)
        }
        Expr::Path(Path { steps, .. }) => steps.iter().try_for_each(check_step),
        Expr::Filter {
            primary,
            predicates,
            steps,
        } => {
            if !is_node_set(primary) {
                return Err(format!("{} gives no nodes to choose from", what(primary)));
            }
            check(primary)?;
            check_all(predicates)?;
            steps.iter().try_for_each(check_step)
        }
        Expr::Call(name, arguments) => check_call(name, arguments),
        Expr::Literal(_) | Expr::Number(_) | Expr::Arithmetic(_) => Ok(()),
    }
}

fn check_all(parts: &[Expr]) -> Result<(), String> {
    parts.iter().try_for_each(check)
}

fn check_step(step: &Step) -> Result<(), String> {
    if let NodeTest::Name(name) = &step.test
        && let Some((prefix, _)) = name.split_once(':').filter(|(prefix, _)| *prefix != "xml")
    {
        return Err(format!("the prefix `{prefix}` stands for no name space"));
    }
    check_all(&step.predicates)
}

fn check_call(name: &str, arguments: &[Expr]) -> Result<(), String> {
    let Some((_, fewest, most)) = FUNCTIONS.iter().find(|(known, _, _)| *known == name) else {
        return Err(format!("there is no function `{name}`"));
    };
    let count = arguments.len();
    if count < *fewest || count > *most {
        return Err(format!("`{name}` takes no {count} arguments"));
    }
    check_all(arguments)
}

/// Whether an expression gives nodes.
pub(in crate::import_ftr) fn is_node_set(expr: &Expr) -> bool {
    match expr {
        Expr::Path(_) | Expr::Union(_) | Expr::Filter { .. } => true,
        Expr::Call(name, _) => name == "id",
        _ => false,
    }
}

fn what(expr: &Expr) -> String {
    match expr {
        Expr::Call(name, _) => format!("`{name}()`"),
        Expr::Literal(text) => format!("'{text}'"),
        _ => "a condition".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    #[test]
    fn calls_and_unions_that_no_engine_takes_are_found() {
        let fault = |text: &str| check(&parse(text).unwrap()).unwrap_err();
        assert_eq!(fault("//a[contains(@b='c')]"), "`contains` takes no 1 arguments");
        assert_eq!(fault("//a[contain(@b, 'c')]"), "there is no function `contain`");
        assert_eq!(
            fault("//a[contains(@b,'c') | contains(@b,'d')]"),
            "`|` joins nodes, but `contains()` gives none"
        );
        assert_eq!(fault("//fb:like"), "the prefix `fb` stands for no name space");
    }

    #[test]
    fn sound_expressions_pass() {
        assert!(check(&parse("(//a[not(@b)] | id('c'))[last() - 1]/text()").unwrap()).is_ok());
    }
}
