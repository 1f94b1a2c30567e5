//! Reads an `XPath` expression.

use super::token::{Token, tokens};
use super::tree::{AXES, Axis, Comparison, Expr, NodeTest, Path, Step};

/// Deepest nesting that is read; what goes deeper is nobody's rule.
const DEPTH_MAX: usize = 40;

const COMPARISONS: &[(&str, Comparison)] = &[
    ("=", Comparison::Equal),
    ("!=", Comparison::Unequal),
    ("<=", Comparison::AtMost),
    (">=", Comparison::AtLeast),
    ("<", Comparison::Less),
    (">", Comparison::More),
];

/// Names that are node tests where brackets follow.
const NODE_TESTS: &[(&str, NodeTest)] = &[
    ("text", NodeTest::Text),
    ("node", NodeTest::Node),
    ("comment", NodeTest::Other),
    ("processing-instruction", NodeTest::Other),
];

/// Reads an expression. Fails with what an engine would refuse it for.
pub(in crate::import_ftr) fn parse(text: &str) -> Result<Expr, String> {
    let mut parser = Parser {
        tokens: tokens(text)?,
        at: 0,
        depth: 0,
    };
    let expr = parser.or()?;
    match parser.peek() {
        None => Ok(expr),
        Some(token) => Err(format!("{} is too much", shown(token))),
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

fn shown(token: &Token) -> String {
    match token {
        Token::Name(name) => format!("`{name}`"),
        Token::Literal(text) => format!("'{text}'"),
        Token::Number(number) => format!("`{number}`"),
        Token::Mark(mark) => format!("`{mark}`"),
    }
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn peek_second(&self) -> Option<&Token> {
        self.tokens.get(self.at + 1)
    }

    fn at_mark(&self, mark: &str) -> bool {
        matches!(self.peek(), Some(Token::Mark(found)) if *found == mark)
    }

    fn take(&mut self, mark: &str) -> bool {
        let found = self.at_mark(mark);
        self.at += usize::from(found);
        found
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Name(name)) if name == word);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, mark: &str) -> Result<(), String> {
        if self.take(mark) {
            Ok(())
        } else {
            Err(format!("`{mark}` is missing"))
        }
    }

    fn or(&mut self) -> Result<Expr, String> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err("it is nested too deep".to_owned());
        }
        let mut parts = vec![self.and()?];
        while self.take_word("or") {
            parts.push(self.and()?);
        }
        self.depth -= 1;
        Ok(one_or(parts, Expr::Or))
    }

    fn and(&mut self) -> Result<Expr, String> {
        let mut parts = vec![self.compare()?];
        while self.take_word("and") {
            parts.push(self.compare()?);
        }
        Ok(one_or(parts, Expr::And))
    }

    fn compare(&mut self) -> Result<Expr, String> {
        let mut left = self.sum()?;
        while let Some((mark, comparison)) = COMPARISONS.iter().find(|(mark, _)| self.at_mark(mark)) {
            self.take(mark);
            left = Expr::Compare(*comparison, Box::new(left), Box::new(self.sum()?));
        }
        Ok(left)
    }

    fn sum(&mut self) -> Result<Expr, String> {
        let mut left = self.product()?;
        loop {
            let minus = self.at_mark("-");
            if !minus && !self.at_mark("+") {
                return Ok(left);
            }
            self.at += 1;
            left = Expr::Sum {
                left: Box::new(left),
                right: Box::new(self.product()?),
                minus,
            };
        }
    }

    fn product(&mut self) -> Result<Expr, String> {
        let mut left = self.union()?;
        loop {
            let operator = ["div", "mod"].into_iter().find(|word| self.take_word(word));
            let Some(operator) = operator.or_else(|| self.take("*").then_some("*")) else {
                return Ok(left);
            };
            self.union()?;
            left = Expr::Arithmetic(operator);
        }
    }

    fn union(&mut self) -> Result<Expr, String> {
        if self.take("-") {
            self.union()?;
            return Ok(Expr::Arithmetic("-"));
        }
        let mut parts = vec![self.path()?];
        while self.take("|") {
            parts.push(self.path()?);
        }
        Ok(one_or(parts, Expr::Union))
    }

    fn path(&mut self) -> Result<Expr, String> {
        if !self.at_primary() {
            return self.location_path();
        }
        let primary = self.primary()?;
        let predicates = self.predicates()?;
        let steps = if self.at_mark("/") || self.at_mark("//") {
            self.more_steps()?
        } else {
            Vec::new()
        };
        if predicates.is_empty() && steps.is_empty() {
            return Ok(primary);
        }
        Ok(Expr::Filter {
            primary: Box::new(primary),
            predicates,
            steps,
        })
    }

    fn at_primary(&self) -> bool {
        match self.peek() {
            Some(Token::Literal(_) | Token::Number(_) | Token::Mark("(" | "$")) => true,
            Some(Token::Name(name)) => {
                self.peek_second() == Some(&Token::Mark("(")) && !NODE_TESTS.iter().any(|(test, _)| test == name)
            }
            _ => false,
        }
    }

    fn primary(&mut self) -> Result<Expr, String> {
        let token = self.peek().cloned();
        self.at += 1;
        match token {
            Some(Token::Literal(text)) => Ok(Expr::Literal(text)),
            Some(Token::Number(number)) => Ok(Expr::Number(number)),
            Some(Token::Name(name)) => self.arguments().map(|arguments| Expr::Call(name, arguments)),
            Some(Token::Mark("$")) => Err("variables have no value here".to_owned()),
            _ => {
                let inner = self.or()?;
                self.expect(")")?;
                Ok(inner)
            }
        }
    }

    fn arguments(&mut self) -> Result<Vec<Expr>, String> {
        self.expect("(")?;
        let mut arguments = Vec::new();
        if self.take(")") {
            return Ok(arguments);
        }
        loop {
            arguments.push(self.or()?);
            if self.take(")") {
                return Ok(arguments);
            }
            self.expect(",")?;
        }
    }

    fn location_path(&mut self) -> Result<Expr, String> {
        let absolute = self.at_mark("/") || self.at_mark("//");
        if !absolute {
            let mut steps = vec![self.step()?];
            steps.extend(self.more_steps()?);
            return Ok(Expr::Path(Path { absolute, steps }));
        }
        // A slash alone is the document.
        let alone = self.at_mark("/") && !self.peek_second().is_some_and(begins_step);
        let steps = if alone { Vec::new() } else { self.more_steps()? };
        self.at += usize::from(alone);
        Ok(Expr::Path(Path { absolute, steps }))
    }

    /// Steps that each follow a slash.
    fn more_steps(&mut self) -> Result<Vec<Step>, String> {
        let mut steps = Vec::new();
        loop {
            if self.take("//") {
                steps.push(Step {
                    axis: Axis::DescendantOrSelf,
                    test: NodeTest::Node,
                    predicates: Vec::new(),
                });
            } else if !self.take("/") {
                return Ok(steps);
            }
            steps.push(self.step()?);
        }
    }

    fn step(&mut self) -> Result<Step, String> {
        let short = [(".", Axis::Itself), ("..", Axis::Parent)]
            .into_iter()
            .find(|(mark, _)| self.take(mark));
        if let Some((_, axis)) = short {
            return Ok(Step {
                axis,
                test: NodeTest::Node,
                predicates: Vec::new(),
            });
        }
        let axis = self.axis()?;
        let test = self.node_test()?;
        Ok(Step {
            axis,
            test,
            predicates: self.predicates()?,
        })
    }

    fn axis(&mut self) -> Result<Axis, String> {
        if self.take("@") {
            return Ok(Axis::Attribute);
        }
        let Some(Token::Name(name)) = self.peek().filter(|_| self.peek_second() == Some(&Token::Mark("::"))) else {
            return Ok(Axis::Child);
        };
        let found = AXES.iter().find(|(word, _)| word == name).map(|(_, axis)| *axis);
        let axis = found.ok_or_else(|| format!("`{name}` is no axis"))?;
        self.at += 2;
        Ok(axis)
    }

    fn node_test(&mut self) -> Result<NodeTest, String> {
        if self.take("*") {
            return Ok(NodeTest::AnyName);
        }
        let Some(Token::Name(name)) = self.peek().cloned() else {
            return Err(self.peek().map_or_else(
                || "it ends too early".to_owned(),
                |token| format!("{} stands where a name belongs", shown(token)),
            ));
        };
        self.at += 1;
        if !self.at_mark("(") {
            return Ok(NodeTest::Name(name));
        }
        let test = NODE_TESTS
            .iter()
            .find(|(word, _)| *word == name)
            .map(|(_, test)| test.clone());
        self.arguments()?;
        test.ok_or_else(|| format!("`{name}()` is no node test"))
    }

    fn predicates(&mut self) -> Result<Vec<Expr>, String> {
        let mut predicates = Vec::new();
        while self.take("[") {
            predicates.push(self.or()?);
            self.expect("]")?;
        }
        Ok(predicates)
    }
}

fn begins_step(token: &Token) -> bool {
    matches!(token, Token::Name(_) | Token::Mark("." | ".." | "@" | "*"))
}

fn one_or(mut parts: Vec<Expr>, several: fn(Vec<Expr>) -> Expr) -> Expr {
    if parts.len() > 1 {
        return several(parts);
    }
    parts.pop().expect("the caller puts one in")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(text: &str) -> Vec<Step> {
        match parse(text).unwrap() {
            Expr::Path(path) => path.steps,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_path_is_its_steps() {
        let found = steps("//div[@id='a'][2]/following-sibling::*/..");
        assert_eq!(found.len(), 4);
        assert!(found[0].is_anywhere());
        assert_eq!(found[1].predicates.len(), 2);
        assert_eq!(
            (found[2].axis, &found[2].test),
            (Axis::FollowingSibling, &NodeTest::AnyName)
        );
        assert_eq!(found[3].axis, Axis::Parent);
    }

    #[test]
    fn words_are_operators_only_between_values() {
        assert!(matches!(parse("//a[@b or @c and not(@d)]").unwrap(), Expr::Path(_)));
        assert!(matches!(parse("//or/and").unwrap(), Expr::Path(_)));
    }

    #[test]
    fn brackets_filter_what_is_in_them() {
        let Expr::Filter { predicates, steps, .. } = parse("(//a | //b)[last()]/c").unwrap() else {
            panic!()
        };
        assert_eq!((predicates.len(), steps.len()), (1, 1));
    }

    #[test]
    fn what_engines_refuse_is_refused() {
        for wrong in [
            "",
            "///a",
            "//a[@b=]",
            "//a[",
            "Some Author",
            "//a[b",
            "//$x",
            "//wrong::a",
            "//a)",
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
