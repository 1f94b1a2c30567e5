//! Expressions that give a value, such as a title, to a source of metadata.

use crate::import_ftr::path::Translator;
use crate::import_ftr::refusal::Refusal;
use crate::import_ftr::selection::{Choice, Selection, Stage};
use crate::import_ftr::subject::escape;
use crate::import_ftr::xpath::{Expr, check, is_node_set, parse};
use crate::rules::is_selector;
use crate::rules::pattern::regex;

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// It is fixed.
    Fixed(String),
    /// Nodes.
    Nodes {
        /// Which ones.
        selections: Vec<Selection>,
        /// Whether only the first one counts.
        first: bool,
        /// Picks the value out of its text, by its first group.
        pattern: Option<String>,
    },
}

/// A translation, with the reasons why it is only nearly the same.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Translated<T> {
    /// What was made.
    pub(super) what: T,
    /// Why it is not exactly the same; empty where it is.
    pub(super) notes: Vec<String>,
}

/// Translates an expression that gives nodes.
pub(super) fn nodes(text: &str) -> Result<Translated<Vec<Selection>>, Refusal> {
    let expr = sound(text)?;
    let mut translator = Translator::default();
    let what = translator.nodes(&expr)?;
    runs(&what)?;
    Ok(Translated {
        what,
        notes: translator.notes,
    })
}

/// Translates an expression that gives a value.
pub(super) fn value(text: &str) -> Result<Translated<Value>, Refusal> {
    let expr = sound(text)?;
    let mut translator = Translator::default();
    let what = value_of(&expr, &mut translator)?;
    if let Value::Nodes { selections, .. } = &what {
        runs(selections)?;
    }
    Ok(Translated {
        what,
        notes: translator.notes,
    })
}

/// Makes sure that the engines of selectors and patterns take what was made.
fn runs(selections: &[Selection]) -> Result<(), Refusal> {
    for stage in selections.iter().flat_map(|selection| &selection.stages) {
        if !stage.is_text() && !is_selector(&stage.css) {
            return Err(Refusal::inexpressible(format!(
                "the selector engine does not take `{}`",
                stage.css
            )));
        }
        if let Some(test) = stage.tests.iter().find(|test| regex(&test.pattern).is_err()) {
            return Err(Refusal::inexpressible(format!(
                "the pattern engine does not take `{}`",
                test.pattern
            )));
        }
    }
    Ok(())
}

/// Reads an expression. What an engine refuses finds nothing.
fn sound(text: &str) -> Result<Expr, Refusal> {
    let expr = parse(text).map_err(|why| Refusal::dead(format!("no engine takes it: {why}")))?;
    // One part of a union that can't run does no harm on pages that never lead there.
    let whole = match &expr {
        Expr::Union(parts) if parts.iter().any(|part| check(part).is_ok()) && parts.iter().all(is_node_set) => Ok(()),
        other => check(other),
    };
    whole.map_err(|why| Refusal::dead(format!("engines give up on it: {why}")))?;
    Ok(expr)
}

fn value_of(expr: &Expr, translator: &mut Translator) -> Result<Value, Refusal> {
    match expr {
        Expr::Literal(text) => Ok(Value::Fixed(text.clone())),
        Expr::Call(name, arguments) if name != "id" => call(name, arguments, translator),
        _ => Ok(Value::Nodes {
            selections: translator.nodes(expr)?,
            first: false,
            pattern: None,
        }),
    }
}

fn call(name: &str, arguments: &[Expr], translator: &mut Translator) -> Result<Value, Refusal> {
    if let ("string" | "normalize-space", [Expr::Literal(text)]) = (name, arguments) {
        return Ok(Value::Fixed(text.clone()));
    }
    let mut cut = Cut::default();
    let nodes = cut.read(name, arguments)?;
    let selections = translator.nodes(nodes)?;
    let first = first_of(selections)?;
    Ok(Value::Nodes {
        selections: vec![first],
        first: true,
        pattern: cut.pattern(),
    })
}

/// The first node of all: the string of several nodes is that of the first one.
fn first_of(selections: Vec<Selection>) -> Result<Selection, Refusal> {
    let plain: Option<Vec<&str>> = selections.iter().map(Selection::as_css).collect();
    let attribute = selections.first().and_then(|selection| selection.attribute.clone());
    if selections.iter().any(|selection| selection.attribute != attribute) {
        return Err(Refusal::inexpressible("the first of elements and attributes"));
    }
    if let Some(css) = plain {
        let stage = Stage {
            pick: Some(Choice::Nth(0)),
            ..Stage::new("", css.join(", "))
        };
        return Ok(Selection {
            stages: vec![stage],
            attribute,
        });
    }
    let mut selections = selections;
    match (selections.pop(), selections.is_empty()) {
        (Some(mut only), true) => {
            let texts = only.stages.last().is_some_and(Stage::is_text);
            only.stages.push(Stage {
                pick: Some(Choice::Nth(0)),
                ..Stage::new("all", if texts { "" } else { "*" })
            });
            Ok(only)
        }
        _ => Err(Refusal::inexpressible("the first node that several rules find")),
    }
}

/// What string functions cut out of a text, as a pattern.
#[derive(Debug, Default)]
struct Cut {
    /// Whether white space is folded before anything is cut.
    folded: bool,
    /// What lies before the value.
    before: String,
    /// What the value is.
    inner: Option<String>,
    /// What lies behind the value.
    after: String,
}

impl Cut {
    /// Reads a function and those inside it, innermost first. Gives the nodes that it begins with.
    fn read<'a>(&mut self, name: &str, arguments: &'a [Expr]) -> Result<&'a Expr, Refusal> {
        let Some((subject, rest)) = arguments.split_first() else {
            return Err(Refusal::inexpressible(format!("`{name}()` of the document")));
        };
        let nodes = match subject {
            Expr::Call(inner, arguments) if inner != "id" => self.read(inner, arguments)?,
            Expr::Literal(_) | Expr::Number(_) => return Err(Refusal::inexpressible("a function of a fixed text")),
            nodes => nodes,
        };
        self.apply(name, subject, rest)?;
        Ok(nodes)
    }

    fn apply(&mut self, name: &str, subject: &Expr, rest: &[Expr]) -> Result<(), Refusal> {
        match (name, rest) {
            ("string", []) => Ok(()),
            ("normalize-space", []) => {
                self.folded |= self.is_empty();
                Ok(())
            }
            ("substring-after", [Expr::Literal(mark)]) if self.inner.is_none() && self.after.is_empty() => {
                let mark = self.mark(mark);
                self.before.extend([".*?", &mark]);
                Ok(())
            }
            ("substring-before", [Expr::Literal(mark)]) if self.inner.is_none() && self.after.is_empty() => {
                self.after = self.mark(mark);
                Ok(())
            }
            ("substring", [Expr::Number(start)]) if self.is_empty() => self.substring(*start, subject, None),
            ("substring", [Expr::Number(start), length]) if self.is_empty() => {
                self.substring(*start, subject, Some(length))
            }
            _ => Err(Refusal::inexpressible(format!(
                "`{name}()` of this, or around other functions"
            ))),
        }
    }

    fn is_empty(&self) -> bool {
        self.before.is_empty() && self.after.is_empty() && self.inner.is_none()
    }

    /// A fixed text as a pattern; a blank stands for white space where that was folded.
    fn mark(&self, text: &str) -> String {
        let escaped = escape(text);
        if self.folded {
            escaped.replace(' ', r"[ \t\r\n]+")
        } else {
            escaped
        }
    }

    /// `substring(text, start)`, and with a length that is a number or `string-length(text) - n`.
    fn substring(&mut self, start: f64, subject: &Expr, length: Option<&Expr>) -> Result<(), Refusal> {
        let refusal = || Refusal::inexpressible("`substring()` with computed ends");
        let skipped = count((start - 1.0).max(0.0)).ok_or_else(refusal)?;
        self.before = format!(".{{{skipped}}}");
        match length {
            None => self.inner = Some(".*".to_owned()),
            Some(Expr::Number(length)) if start >= 1.0 => {
                self.inner = Some(format!(".{{0,{}}}", count(*length).ok_or_else(refusal)?));
            }
            Some(Expr::Sum {
                left,
                right,
                minus: true,
            }) => {
                let (Expr::Call(name, arguments), Expr::Number(less)) = (left.as_ref(), right.as_ref()) else {
                    return Err(refusal());
                };
                if name != "string-length" || arguments.first() != Some(subject) {
                    return Err(refusal());
                }
                // So many characters are left out at the end, beyond those left out at the start.
                let dropped = count(less - (start - 1.0)).ok_or_else(refusal)?;
                self.inner = Some(".*".to_owned());
                self.after = format!(".{{{dropped}}}$");
            }
            Some(_) => return Err(refusal()),
        }
        Ok(())
    }

    fn pattern(self) -> Option<String> {
        if self.is_empty() {
            return None;
        }
        let inner = self
            .inner
            .as_deref()
            .unwrap_or(if self.after.is_empty() { ".*" } else { ".*?" });
        Some(format!("(?s)^{}({inner}){}", self.before, self.after))
    }
}

fn count(number: f64) -> Option<usize> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked to be a whole number from 0 to 10 000"
    )]
    (number.fract() == 0.0 && (0.0..=10_000.0).contains(&number)).then_some(number as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import_ftr::selection::joined_keys;
    use crate::import_ftr::toml_text::inline_table;

    fn rule(text: &str) -> String {
        inline_table(&joined_keys(&nodes(text).unwrap().what).unwrap())
    }

    fn css(text: &str) -> String {
        let found = nodes(text).unwrap().what;
        found
            .iter()
            .map(|selection| selection.as_css().unwrap_or_else(|| panic!("{selection:?}")).to_owned())
            .collect::<Vec<_>>()
            .join(", ")
    }

    #[test]
    fn paths_become_selectors() {
        assert_eq!(css("//div[@id='a']/p[2]"), "div#a > p:nth-of-type(2)");
        assert_eq!(css("/html/body//*[@class]"), "html > body [class]");
        assert_eq!(css("//a/ancestor::div"), "div:has(a)");
        assert_eq!(css("//a[@b]/parent::*"), ":has(> a[b])");
        assert_eq!(css("//a/b/.."), ":has(> :is(a > b))");
        assert_eq!(css("//h2/following-sibling::*[1][self::p]"), "h2 + *:is(p)");
        assert_eq!(css("//a | //b/self::*"), "a, b");
        assert_eq!(
            css("//a//b//@c"),
            "a :is(b, b *)[c]".replace("a :is(b, b *)", ":is(a b, a b *)")
        );
    }

    #[test]
    fn what_css_can_not_say_becomes_steps() {
        assert_eq!(
            rule("(//a)[last()]/b"),
            "{ css = \"a\", nth-last = 0, then = [{ go = \"children\", css = \"b\" }] }"
        );
        assert_eq!(rule("//a/ancestor::div[1]"), "{ css = \"a\", up = \"div\" }");
        assert_eq!(
            rule("//a[text()='b']/../c"),
            "{ css = \"a\", where = [{ in = \"any-text\", re = \"^b$\" }], then = [{ go = \"parent\" }, { go = \"children\", css = \"c\" }] }"
        );
        assert_eq!(
            rule("//a/text()"),
            "{ css = \"a\", then = [{ go = \"children\", texts = true }] }"
        );
        assert_eq!(
            rule("//a[contains(b, 'c') and d]"),
            "{ css = \"a:has(> d)\", then = [{ go = \"children\", css = \"b:nth-of-type(1)\", where = [{ in = \"text\", re = \"c\" }] }, { go = \"parent\", css = \"a:has(> d)\" }] }"
        );
        assert_eq!(
            rule("//a[b[.='c']]"),
            "{ css = \"a\", then = [{ go = \"children\", css = \"b\", where = [{ in = \"text\", re = \"^c$\" }] }, { go = \"parent\", css = \"a\" }] }"
        );
    }

    #[test]
    fn or_between_text_and_css_forks() {
        assert_eq!(
            rule("//a[@b or contains(., 'c')]"),
            "{ css = \"a[b]\", or = [{ css = \"a\", where = [{ in = \"text\", re = \"c\" }] }] }"
        );
    }

    #[test]
    fn what_finds_nothing_is_dead() {
        for dead in [
            "//DIV",
            "//a/@itemProp",
            "div[@id='a']",
            "//a[0]",
            "//a[contains(@b='c')]",
            "Jane Doe",
            "//a[",
        ] {
            assert!(matches!(nodes(dead), Err(Refusal::Dead(_))), "{dead}");
        }
        assert_eq!(css("//DIV | //div"), "div");
        assert_eq!(css("//a[contains(@b='c')] | //div"), "div");
        assert!(!nodes("//a[contains(@b='c')] | //div").unwrap().notes.is_empty());
    }

    #[test]
    fn what_can_not_be_said_is_refused() {
        for refused in [
            "//a[@b=@c]",
            "//a/@*",
            "//a[position() mod 2 = 1]",
            "concat(//a, //b)",
            "//a/node()",
        ] {
            assert!(
                matches!(value(refused), Err(Refusal::Inexpressible(_))),
                "{refused}: {:?}",
                value(refused)
            );
        }
    }

    fn pattern(text: &str) -> String {
        match value(text).unwrap().what {
            Value::Nodes { pattern, .. } => pattern.unwrap(),
            Value::Fixed(text) => panic!("{text}"),
        }
    }

    #[test]
    fn string_functions_become_patterns() {
        assert_eq!(
            pattern("substring-before(substring-after(//a, 'By '), ' |')"),
            r"(?s)^.*?By (.*?) \|"
        );
        assert_eq!(
            pattern("substring-after(normalize-space(//a), 'By ')"),
            r"(?s)^.*?By[ \t\r\n]+(.*)"
        );
        assert_eq!(pattern("substring(//a, 4)"), "(?s)^.{3}(.*)");
        assert_eq!(
            pattern("substring(//a, 2, string-length(//a) - 2)"),
            "(?s)^.{1}(.*).{1}$"
        );
        assert_eq!(value("string('Jane')").unwrap().what, Value::Fixed("Jane".to_owned()));
    }
}
