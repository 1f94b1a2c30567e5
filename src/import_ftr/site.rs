//! One site file's lines as rules of ours.

use std::collections::BTreeMap;

use crate::import_ftr::css;
use crate::import_ftr::directive::{Kind, has_expression, kind};
use crate::import_ftr::made::Made;
use crate::import_ftr::refusal::Refusal;
use crate::import_ftr::replacements::Replacements;
use crate::import_ftr::report::{Finding, Outcome};
use crate::import_ftr::selection::{Selection, joined_keys};
use crate::import_ftr::source::{Content, Directive, Line};
use crate::import_ftr::toml_text::{comment, inline_table, text};
use crate::import_ftr::value::{Translated, Value, nodes, value};

/// The rules of a site file.
#[derive(Debug, Clone, Default)]
pub(super) struct SiteRules {
    /// Lists of rules by their dotted key, each rule a TOML value or a comment.
    pub(super) lists: BTreeMap<&'static str, Vec<Entry>>,
    /// The `[[skip]]` tables: selector and folder.
    pub(super) skips: Vec<(String, &'static str)>,
    /// What became of each line.
    pub(super) findings: Vec<Finding>,
    /// Comments that belong to no rule.
    pub(super) comments: Vec<String>,
    /// Whether files of other layers count.
    pub(super) inherits: bool,
    /// The file's name.
    file: String,
    /// Comments that wait for the next rule.
    waiting: Vec<String>,
}

/// A rule, or a comment where a rule would stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Entry {
    /// A TOML value.
    Rule(String),
    /// A comment, with its sign.
    Comment(String),
}

/// Translates the lines of a file.
pub(super) fn rules(file: &str, lines: &[Line]) -> SiteRules {
    let mut site = SiteRules {
        inherits: true,
        file: file.to_owned(),
        ..SiteRules::default()
    };
    let replacements = Replacements::read(lines);
    for line in lines {
        let directive = match &line.content {
            Content::Comment(text) => {
                site.waiting.push(comment(text));
                continue;
            }
            Content::Directive(directive) => directive.clone(),
            Content::Other(text) => Directive {
                name: text.clone(),
                argument: None,
                value: String::new(),
            },
        };
        let kind = kind(&directive);
        let made = match &kind {
            Err(why) => Made::nothing(Outcome::Dead, why.clone()),
            Ok(Kind::Find) => Made::nothing(replacements.outcome(line.number), replacements.note(line.number)),
            Ok(Kind::Replace) => replacements.made(line.number),
            Ok(kind) => site.made(*kind, &directive, lines),
        };
        site.add(line.number, &directive, kind.is_ok_and(has_expression), made);
    }
    site.comments.append(&mut site.waiting);
    site
}

impl SiteRules {
    fn add(&mut self, line: usize, directive: &Directive, expression: bool, made: Made) {
        let Directive { name, argument, value } = directive;
        let shown = argument
            .as_ref()
            .map_or(name.clone(), |argument| format!("{name}({argument})"));
        let lost = matches!(made.outcome, Outcome::Dead | Outcome::Inexpressible);
        // A search's comments wait for what takes its place.
        let waits = name == "find_string" && made.outcome == Outcome::Exact;
        if made.key.is_empty() && made.skip.is_none() && !waits {
            self.comments.append(&mut self.waiting);
        } else if !made.key.is_empty() {
            let entries = self.lists.entry(made.key).or_default();
            entries.extend(self.waiting.drain(..).map(Entry::Comment));
            entries.extend(made.values.iter().cloned().map(Entry::Rule));
        }
        if lost {
            self.comments.push(comment(&format!(
                "{}, not taken over: {shown}: {value} ({})",
                made.outcome.name(),
                made.note
            )));
        }
        let written = made
            .skip
            .as_ref()
            .map_or_else(|| made.values.join(", "), |(css, _)| text(css));
        self.skips.extend(made.skip);
        self.findings.push(Finding {
            file: self.file.clone(),
            line,
            directive: if argument.is_some() && expression {
                format!("{name}()")
            } else {
                name.clone()
            },
            value: argument
                .as_ref()
                .filter(|_| !expression)
                .map_or(value.clone(), |argument| format!("({argument}) {value}")),
            expression,
            outcome: made.outcome,
            note: made.note,
            written,
        });
    }

    fn made(&mut self, kind: Kind, directive: &Directive, lines: &[Line]) -> Made {
        let value = directive.value.as_str();
        if value.is_empty() {
            return Made::nothing(Outcome::Dead, "it has no value");
        }
        let made = match kind {
            Kind::Meta(field) => meta(field, value),
            Kind::Keep => elements("html.keep", value),
            Kind::Strip => strip(value, lines),
            Kind::StripAttribute => strip_attribute(value, lines),
            Kind::StripByName => Ok(strip_by_name(value)),
            Kind::Wrap => wrap(directive),
            Kind::Skip(folder) => skip(value, folder),
            Kind::Inherit => Ok(self.inherit(value)),
            Kind::Prune => Ok(prune(value)),
            Kind::Test => Ok(Made::nothing(
                Outcome::Outside,
                "a page's address is no page: `[[test]]` needs a file",
            )),
            Kind::Nothing(why) => Ok(Made::nothing(Outcome::Exact, why)),
            Kind::Outside(why) => Ok(Made::nothing(Outcome::Outside, why)),
            Kind::Ignored(why) => Ok(Made::nothing(Outcome::Dead, why)),
            Kind::Find | Kind::Replace => Ok(Made::nothing(Outcome::Dead, "it stands alone")),
        };
        made.unwrap_or_else(|refusal| match refusal {
            Refusal::Dead(why) => Made::nothing(Outcome::Dead, why),
            Refusal::Inexpressible(why) => Made::nothing(Outcome::Inexpressible, why),
        })
    }

    fn inherit(&mut self, value: &str) -> Made {
        self.inherits = value == "yes";
        if self.inherits {
            return Made::nothing(Outcome::Exact, "that is so by default");
        }
        Made::nothing(
            Outcome::Approximate,
            "the general rules are left out; a page without main content is cleaned generically all the same",
        )
    }
}

fn prune(value: &str) -> Made {
    if value == "yes" {
        return Made::nothing(
            Outcome::Approximate,
            "what `html.keep` finds is not thinned out; strip rules take their place",
        );
    }
    Made::nothing(Outcome::Exact, "what `html.keep` finds is not thinned out anyway")
}

/// Selections as one rule: a string where a selector tells it, else a table.
fn one_rule(selections: &[Selection]) -> Option<String> {
    let keys = joined_keys(selections)?;
    match keys.as_slice() {
        [(_, css)] => Some(css.clone()),
        keys => Some(inline_table(keys)),
    }
}

/// Selections that mean elements or texts, not attributes.
fn without_attributes(found: Vec<Selection>) -> Result<Vec<Selection>, Refusal> {
    if found.iter().any(|selection| selection.attribute.is_some()) {
        return Err(Refusal::inexpressible("an attribute as main content"));
    }
    Ok(found)
}

fn elements(key: &'static str, expression: &str) -> Result<Made, Refusal> {
    let Translated { what, notes } = nodes(expression)?;
    Ok(Made::rules(
        key,
        one_rule(&without_attributes(what)?).into_iter().collect(),
        &notes,
    ))
}

/// Elements that go; each selection is a rule of its own.
fn strip(expression: &str, lines: &[Line]) -> Result<Made, Refusal> {
    let Translated { what, notes } = nodes(expression)?;
    let (attributes, elements): (Vec<Selection>, Vec<Selection>) =
        what.into_iter().partition(|selection| selection.attribute.is_some());
    if elements.is_empty() {
        return strip_attribute(expression, lines);
    }
    let note = (!attributes.is_empty()).then(|| "of the attributes in it nothing is left in a text".to_owned());
    let values = elements
        .iter()
        .filter_map(|selection| one_rule(std::slice::from_ref(selection)))
        .collect();
    let mut made = Made::rules("html.strip", values, &notes);
    made.note = note.unwrap_or(made.note);
    Ok(made)
}

/// Attributes leave no trace in a text. They matter where another rule looks at them: that one would come too late in
/// the original.
fn strip_attribute(expression: &str, lines: &[Line]) -> Result<Made, Refusal> {
    let what = match nodes(expression) {
        Ok(translated) => translated.what,
        Err(Refusal::Inexpressible(_)) if ends_in_attribute(expression) => Vec::new(),
        Err(refusal) => return Err(refusal),
    };
    let names: Vec<&str> = what
        .iter()
        .filter_map(|selection| selection.attribute.as_deref())
        .collect();
    if names.len() < what.len() {
        let Translated { what, notes } = nodes(expression)?;
        let values = what
            .iter()
            .filter_map(|selection| one_rule(std::slice::from_ref(selection)))
            .collect();
        return Ok(Made::rules("html.strip", values, &notes));
    }
    if names.iter().any(|name| ["class", "id"].contains(name)) && has_strip_by_name(expression, lines) {
        return Ok(Made::nothing(
            Outcome::Approximate,
            "a text has no attributes; but `strip_id_or_class` would miss these elements in the original",
        ));
    }
    Ok(Made::nothing(Outcome::Exact, "a text has no attributes"))
}

/// Whether an expression gives attributes, whatever else it says.
fn ends_in_attribute(expression: &str) -> bool {
    !expression.contains('|') && expression.rsplit('/').next().is_some_and(|last| last.starts_with('@'))
}

/// Whether a rule of the file strips by a name that the expression speaks of.
fn has_strip_by_name(expression: &str, lines: &[Line]) -> bool {
    lines.iter().any(|line| match &line.content {
        Content::Directive(directive) => {
            directive.name == "strip_id_or_class"
                && !directive.value.is_empty()
                && expression.contains(&directive.value)
        }
        _ => false,
    })
}

/// The original takes quotation marks out and looks for the rest anywhere in either attribute.
fn strip_by_name(value: &str) -> Made {
    let name: String = value.chars().filter(|c| !"'\"".contains(*c)).collect();
    if name.is_empty() {
        return Made::nothing(Outcome::Dead, "it has no value");
    }
    let css = format!(
        "{}, {}",
        css::attribute("class", "*=", &name),
        css::attribute("id", "*=", &name)
    );
    Made::rules("html.strip", vec![text(&css)], &[])
}

fn meta(field: &'static str, expression: &str) -> Result<Made, Refusal> {
    let key = match field {
        "title" => "meta.title",
        "author" => "meta.author",
        _ => "meta.date",
    };
    let Translated { what, mut notes } = value(expression)?;
    let sources = match what {
        Value::Fixed(fixed) => vec![text(fixed.trim())],
        Value::Nodes {
            selections,
            first,
            pattern,
        } => {
            let sources = by_attribute(&selections);
            if sources.len() > 1 {
                notes.push(
                    "elements and attributes are asked one after the other, not in the order of the page".to_owned(),
                );
            }
            let many = field == "author" && !first;
            sources
                .iter()
                .filter_map(|(attribute, selections)| {
                    source(selections, attribute.as_deref(), pattern.as_deref(), many)
                })
                .collect()
        }
    };
    Ok(Made::rules(key, sources, &notes))
}

/// Selections of the same attribute together, in order.
fn by_attribute(selections: &[Selection]) -> Vec<(Option<String>, Vec<Selection>)> {
    let mut groups: Vec<(Option<String>, Vec<Selection>)> = Vec::new();
    for selection in selections {
        match groups
            .iter_mut()
            .find(|(attribute, _)| *attribute == selection.attribute)
        {
            Some((_, group)) => group.push(selection.clone()),
            None => groups.push((selection.attribute.clone(), vec![selection.clone()])),
        }
    }
    groups
}

fn source(selections: &[Selection], attribute: Option<&str>, pattern: Option<&str>, many: bool) -> Option<String> {
    let mut keys = joined_keys(selections)?;
    keys.extend(attribute.map(|name| ("attr", text(name))));
    keys.extend(pattern.map(|pattern| ("re", text(pattern))));
    if many {
        keys.push(("many", "true".to_owned()));
    }
    Some(inline_table(&keys))
}

fn wrap(directive: &Directive) -> Result<Made, Refusal> {
    let Translated { what, mut notes } = nodes(&directive.value)?;
    notes.push("the element is read as the other one instead of being put into it".to_owned());
    let to = directive.argument.as_deref().unwrap_or_default();
    let rename = |selection: &Selection| {
        joined_keys(std::slice::from_ref(selection)).map(|mut keys| {
            keys.push(("to", text(to)));
            inline_table(&keys)
        })
    };
    Ok(Made::rules(
        "html.rename",
        without_attributes(what)?.iter().filter_map(rename).collect(),
        &notes,
    ))
}

fn skip(expression: &str, folder: &'static str) -> Result<Made, Refusal> {
    let Translated { what, mut notes } = nodes(expression)?;
    let css: Option<Vec<&str>> = what.iter().map(Selection::as_css).collect();
    let css = css
        .ok_or_else(|| Refusal::inexpressible("`[[skip]]` takes a selector alone"))?
        .join(", ");
    if folder == "login-wall" {
        notes.push("there is no login: pages that show the login wall are held".to_owned());
    }
    Ok(Made {
        skip: Some((css, folder)),
        ..Made::rules("", Vec::new(), &notes)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import_ftr::source::lines;

    fn site(text: &str) -> SiteRules {
        rules("a.txt", &lines(text))
    }

    fn listed(site: &SiteRules, key: &str) -> Vec<String> {
        let entries = site.lists.get(key).into_iter().flatten();
        entries
            .map(|entry| match entry {
                Entry::Rule(text) | Entry::Comment(text) => text.clone(),
            })
            .collect()
    }

    #[test]
    fn rules_keep_their_order_and_their_comments() {
        let site = site(
            "# The story\nbody: //article\nbody: //main\nstrip: //a | //b[.='c']\nstrip_id_or_class: 'share'\n# end",
        );
        assert_eq!(listed(&site, "html.keep"), ["# The story", "\"article\"", "\"main\""]);
        assert_eq!(
            listed(&site, "html.strip"),
            [
                "\"a\"",
                "{ css = \"b\", where = [{ in = \"text\", re = \"^c$\" }] }",
                "\"[class*='share'], [id*='share']\""
            ]
        );
        assert_eq!(site.comments, ["# end"]);
    }

    #[test]
    fn metadata_takes_the_attribute_and_all_authors() {
        let site = site(
            "title: //meta[@property='og:title']/@content\nauthor: //a\ndate: substring-after(//p, 'on ')\nauthor: 'Jane Doe'",
        );
        assert_eq!(
            listed(&site, "meta.title"),
            ["{ css = \"meta[property='og:title'][content]\", attr = \"content\" }"]
        );
        assert_eq!(
            listed(&site, "meta.author"),
            ["{ css = \"a\", many = true }", "\"Jane Doe\""]
        );
        assert_eq!(
            listed(&site, "meta.date"),
            ["{ css = \"p\", first = true, re = \"(?s)^.*?on (.*)\" }"]
        );
    }

    #[test]
    fn replacements_go_in_pairs_or_not_at_all() {
        let paired = site("find_string: <a\nreplace_string: <b $1\nreplace_string(x): ");
        assert_eq!(
            listed(&paired, "html.replace"),
            ["{ re = \"<a\", with = \"<b $$1\" }", "{ re = \"x\", with = \"\" }"]
        );
        let odd = site("find_string: a\nfind_string: b\nreplace_string: c");
        assert!(odd.lists.is_empty());
        assert!(odd.findings.iter().all(|finding| finding.outcome == Outcome::Dead));
    }

    #[test]
    fn what_is_lost_stays_as_a_comment() {
        let site = site("titl: //h1\nstrip: //a[@b=@c]\nstrip: //DIV");
        let outcomes: Vec<Outcome> = site.findings.iter().map(|finding| finding.outcome).collect();
        assert_eq!(outcomes, [Outcome::Dead, Outcome::Inexpressible, Outcome::Dead]);
        assert_eq!(site.comments.len(), 3);
        assert!(site.comments[0].contains("`title` was meant"), "{:?}", site.comments);
    }

    #[test]
    fn attributes_leave_no_trace() {
        assert_eq!(site("strip: //img/@srcset").findings[0].outcome, Outcome::Exact);
        assert_eq!(
            site("strip_attr: //h2[contains(@class, 'head')]/@class\nstrip_id_or_class: head").findings[0].outcome,
            Outcome::Approximate
        );
    }
}
